//! `dayclear admin`: accounts, tokens and the secrets file, and what the checker says of the chain of reads afterwards.

use crate::program::{Ran, below, command, run, scratch};
use std::{io::Write as _, os::unix::fs::PermissionsExt as _, process::Stdio};
use tempfile::TempDir;

fn admin(folder: &TempDir, words: &str) -> Ran {
    let db = below(folder, "s.db");
    run(["admin"].into_iter().chain(words.split_whitespace()).chain(["--db", &db]))
}

const ADD: &str = "user add wang.li --name Wang --role tracer --division 500103 --format json";

#[test]
fn an_account_from_its_making_to_its_end() {
    let folder = scratch();
    let missing = admin(&folder, ADD).ends_with(1);
    assert!(missing.err.contains("dayclear admin keys init"), "{}", missing.err);
    admin(&folder, "keys init").ends_with(0);
    let file = folder.path().join("dayclear.keys");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = admin(&folder, "keys init").ends_with(1);
    assert!(again.err.contains("if there is one already"), "{}", again.err);

    let made = admin(&folder, ADD).ends_with(0).json();
    let password = made["one_time_password"].as_str().unwrap();
    assert_eq!(password.len(), 24, "{password}");
    let uri = made["otpauth"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/") && uri.contains("issuer=Dayclear"), "{uri}");
    assert_eq!(made["duty"]["duty"]["role"], "tracer");

    for (words, code, said) in [
        (ADD, 1, "there is such a login already"),
        ("user add lab --name L --role laboratory --division 500103", 1, "site"),
        ("user add x --name X --role tracer --division 500103", 1, "login"),
        ("user add li.na --name Li --role nothing --division 500103", 2, "--role"),
        ("user add li.na --name Li --role tracer --division here", 2, "--division"),
        ("user grant wang.li --role dispatcher --division 500103 --until 2999-01-01", 0, ""),
        ("user grant wang.li --role dispatcher --division 500103", 1, "such a duty of this account"),
        ("user grant nobody --role dispatcher --division 500103", 1, "nobody"),
        ("user revoke wang.li --role dispatcher --division 500103", 0, ""),
        ("user revoke wang.li --role dispatcher --division 500103", 1, "holds no such duty"),
        ("user disable wang.li", 0, ""),
        ("user enable wang.li", 0, ""),
        ("user reset wang.li", 0, ""),
        ("user link wang.li --issuer https://id.example.org --subject p-17", 0, ""),
        ("user link wang.li --issuer id.example.org --subject p-17", 1, "issuer: the address of the provider"),
        ("user link wang.li --subject p-17", 2, "--issuer"),
        ("user link lab.x --issuer https://id.example.org --subject p-17", 1, "lab.x"),
        ("user unlink wang.li", 0, ""),
        ("user unlink nobody", 1, "nobody"),
        ("user link wang.li --issuer https://id.example.org --subject p-18", 0, ""),
        ("token make --login lab.x --role laboratory --site L1 --division 500103 --days 91", 1, "90"),
    ] {
        let ran = admin(&folder, words).ends_with(code);
        assert!(ran.err.contains(said), "{words}: {}", ran.err);
    }
    let token = admin(
        &folder,
        "token make --login lab.x --role laboratory --site L1 --division 500103 --days 30 --format json",
    );
    let token = token.ends_with(0).json();
    assert_eq!(token["token"].as_str().unwrap().len(), 43);

    let list = admin(&folder, "user list --format csv").ends_with(0).out;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(
        lines,
        [
            "login,name,division,state,authenticator,provider,duties",
            "lab.x,lab.x,500103,active,missing,,laboratory in 500103 at L1",
            "wang.li,Wang,500103,active,missing,https://id.example.org,tracer in 500103",
        ]
    );
    assert_eq!(admin(&folder, "user list --division 500112 --format json").ends_with(0).json(), serde_json::json!([]));

    // the checker looks at what was done
    let db = below(&folder, "s.db");
    let found = run(["verify", "audit", "--format", "json", "--db", &db]).ends_with(0).json();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!((&found[1]["check"], &found[1]["looked_at"]), (&"audit.chain".into(), &13.into()));
    run(["verify", "--db", &db]).ends_with(0);

    mode(0o640);
    let open = admin(&folder, "user list").ends_with(1);
    assert!(open.err.contains("may be read by others (mode 640)"), "{}", open.err);
    mode(0o600);
    // the keys of another store
    std::fs::rename(&file, folder.path().join("kept")).unwrap();
    admin(&folder, "keys init").ends_with(0);
    let other = admin(&folder, "user list").ends_with(1);
    assert!(other.err.contains("is not the one that this store was used with"), "{}", other.err);
    let kept = below(&folder, "kept");
    let named = command(["admin", "user", "list", "--db", &db]).env("DAYCLEAR_SECRETS", kept).output().unwrap();
    Ran::from(named).ends_with(0);
}

#[test]
fn keys_are_exchanged_and_what_the_old_one_sealed_is_sealed_anew() {
    let folder = scratch();
    admin(&folder, "keys init").ends_with(0);
    admin(&folder, ADD).ends_with(0);
    let file = folder.path().join("dayclear.keys");
    let sealing = || -> Vec<String> {
        let keys: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        keys["sealing"].as_object().unwrap().keys().cloned().collect()
    };
    let sealed_by = |id: &str| {
        let like = format!("xchacha20poly1305:{id}:%");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::Connection as _;
            let mut connection = sqlx::SqliteConnection::connect(&below(&folder, "s.db")).await.unwrap();
            let sql = "select count(*) from accounts where otp_pending like $1 or otp_secret like $1";
            sqlx::query_scalar::<_, i64>(sql).bind(like).fetch_one(&mut connection).await.unwrap()
        })
    };
    assert_eq!((sealing(), sealed_by("1")), (vec!["1".to_owned()], 1));
    let rotated = admin(&folder, "keys rotate --format json").ends_with(0);
    assert_eq!(rotated.json()["key"], "2");
    assert!(rotated.err.contains("start every server of this store again"), "{}", rotated.err);
    assert_eq!((sealing(), sealed_by("1")), (vec!["1".to_owned(), "2".to_owned()], 1));
    let resealed = admin(&folder, "keys reseal --format json").ends_with(0).json();
    assert_eq!((resealed["resealed"].as_u64(), sealed_by("1"), sealed_by("2")), (Some(1), 0, 1));
    assert_eq!(sealing(), ["2"]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // nothing is left to do, and accounts work on
    assert_eq!(admin(&folder, "keys reseal --format json").ends_with(0).json()["resealed"], 0);
    admin(&folder, "user reset wang.li").ends_with(0);
    run(["verify", "audit", "--db", &below(&folder, "s.db")]).ends_with(0);
}

#[test]
fn a_password_of_ones_own_comes_from_standard_input() {
    let folder = scratch();
    admin(&folder, "keys init").ends_with(0);
    let db = below(&folder, "s.db");
    for (login, given, code) in [("wang.li", "four plain words here\n", 0), ("li.na", "short\n", 1), ("hu.bo", "", 1)] {
        let words = ["admin", "user", "add", login, "--name", "N", "--role", "tracer", "--division", "500103"];
        let mut child = command(words.into_iter().chain(["--password-stdin", "--format", "json", "--db", &db]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap()).ends_with(code);
        assert!(!ran.out.contains("four plain"), "{}", ran.out);
        if code == 0 {
            assert_eq!(ran.json()["one_time_password"], serde_json::Value::Null);
        }
    }
}

#[test]
fn a_chain_of_reads_that_was_touched_is_named() {
    let folder = scratch();
    admin(&folder, "keys init").ends_with(0);
    admin(&folder, ADD).ends_with(0);
    let db = below(&folder, "s.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(&db).await.unwrap();
        let harm = "drop trigger audit_no_update; update audit set outcome = 'refused' where seq = 2";
        sqlx::raw_sql(harm).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
    let ran = run(["verify", "audit", "--db", &db]).ends_with(1);
    assert!(ran.out.contains("audit entry 2 (grant_duty by operator) was altered"), "{}", ran.out);
    assert!(run(["verify", "--db", &db]).ends_with(1).out.contains("audit entry 2"));
}

#[test]
fn a_store_is_closed_down_by_a_word_alone_and_leaves_figures_a_certificate_and_nobody() {
    let folder = scratch();
    let (out, keys) = (folder.path().join("figures"), folder.path().join("dayclear.keys"));
    admin(&folder, "keys init").ends_with(0);
    admin(&folder, ADD).ends_with(0);
    let close = |more: &str| admin(&folder, &format!("close-down --out {} --format json {more}", out.display()));
    for (more, said) in [
        ("", "--confirm delete-everything-about-everybody-in-50"),
        ("--confirm yes", "nothing was done"),
        ("--city 51 --confirm delete-everything-about-everybody-in-50", "nothing was done"),
    ] {
        let ran = close(more).ends_with(1);
        assert!(ran.err.contains(said), "{more}: {}", ran.err);
        assert!(keys.exists() && !out.exists(), "{more}");
    }
    let told = close("--confirm delete-everything-about-everybody-in-50").ends_with(0).json();
    assert!(!keys.exists());
    let deleted = told["deleted"].as_array().unwrap();
    let rows = |table: &str| deleted.iter().find(|one| one["table"] == table).unwrap()["rows"].as_i64().unwrap();
    assert_eq!((rows("accounts"), rows("people")), (1, 0));
    for figures in told["figures"].as_array().unwrap() {
        assert!(out.join(figures["file"].as_str().unwrap()).exists(), "{figures}");
    }
    let kept = std::fs::read_to_string(out.join("certificate.json")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&kept).unwrap(), told);
    // nobody opens it any more, and what somebody was called stands nowhere in the file
    let again = admin(&folder, "keys init").ends_with(0);
    assert!(again.err.contains("keep a copy"), "{}", again.err);
    let refused = admin(&folder, "user list").ends_with(1);
    assert!(refused.err.contains("was closed down"), "{}", refused.err);
    let file = std::fs::read(folder.path().join("s.db")).unwrap();
    assert!(!file.windows(7).any(|part| part == b"wang.li"), "a name is still in the file");
}
