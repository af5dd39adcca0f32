//! What keeps a server from starting: each finding alone, with its remedy.

use dayclear_core::{protocol::Packs, time::Instant};
use dayclear_web::config::{Config, Network, Setting, check};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn now() -> Instant {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn file(folder: &Path, name: &str, mode: u32) -> String {
    let path = folder.join(name);
    fs::write(&path, "x").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_string_lossy().into_owned()
}

#[tokio::test]
async fn each_thing_that_is_in_the_way_is_found_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let packs = Packs::builtin().unwrap();
    let open = file(folder.path(), "open", 0o644);
    let private = file(folder.path(), "private", 0o600);
    let keys = file(folder.path(), "dayclear.keys", 0o600);
    let damaged = file(folder.path(), "damaged.db", 0o600);
    fs::write(&damaged, "this is no database, but it is long enough to be taken for one".repeat(40)).unwrap();
    type Change<'c> = Box<dyn Fn(&mut Config) + 'c>;
    let case = |change: Change<'static>, problem: &'static str, remedy: &'static str| (change, problem, remedy);
    let public = |config: &mut Config| {
        config.general.listen = "0.0.0.0:80".parse().unwrap();
    };
    let (open2, open3, private2) = (open.clone(), open.clone(), private.clone());
    let cases = vec![
        case(
            Box::new(move |config| {
                public(config);
                config.general.secrets = Some(private2.clone());
            }),
            "listen is 0.0.0.0:80",
            "trusted_proxies",
        ),
        case(
            Box::new(move |config| config.general.secrets = Some(open.clone())),
            "others on this machine can read",
            "chmod 600",
        ),
        case(
            Box::new(|config| config.general.secrets = Some("/nowhere/keys".to_owned())),
            "cannot be read",
            "admin keys init",
        ),
        case(
            Box::new(|config| config.general.metrics_listen = "0.0.0.0:91".parse().unwrap()),
            "no token",
            "metrics_token_file",
        ),
        case(
            Box::new(|config| config.general.pack = "plague".to_owned()),
            "pack is 'plague'",
            "choose a disease or one of",
        ),
        case(Box::new(|config| config.general.zone = "Asia/Atlantis".to_owned()), "Asia/Atlantis", "Asia/Shanghai"),
        case(Box::new(|config| config.general.city = Some("x y".to_owned())), "city", "the code"),
        case(Box::new(|config| config.general.origin = Some("city.example".to_owned())), "origin is", "https://HOST"),
        case(Box::new(|config| config.tls.certificate = Some("c.pem".to_owned())), "no tls.key", "private key"),
        case(Box::new(|config| config.limits.board_share_pct = 95), "board_share_pct is 95", "waits first"),
        case(Box::new(|config| config.general.db = "/nowhere/x.db".to_owned()), "no folder", "make the folder"),
        case(Box::new(move |config| config.general.db = damaged.clone()), "cannot be opened", "the server runs"),
        case(
            Box::new(|config| config.general.db = "postgres://u:geheim@127.0.0.1:1/x".to_owned()),
            "cannot be opened",
            "the server runs",
        ),
        case(
            Box::new(move |config| {
                config.tls.certificate = Some(open2.clone());
                config.tls.key = Some(private.clone());
            }),
            "it holds no certificate",
            "as PEM",
        ),
        case(
            Box::new(move |config| {
                config.general.metrics_token_file = Some(open3.clone());
            }),
            "metrics_token_file names",
            "chmod 600",
        ),
    ];
    let provider = |key: &'static str, value: &'static str, problem: &'static str, remedy: &'static str| {
        let change: Change<'static> = Box::new(move |config| {
            config.oidc.issuer = Some("https://id.example.org".to_owned());
            config.oidc.client_id = Some("dayclear".to_owned());
            let value = Some(value.to_owned()).filter(|value| !value.is_empty());
            match key {
                "issuer" => config.oidc.issuer = value,
                "client_id" => config.oidc.client_id = value,
                "label" => config.oidc.label = value,
                "authorities" => config.oidc.authorities = value,
                _ => config.oidc.client_secret_file = value,
            }
        });
        (change, problem, remedy)
    };
    let cases = cases.into_iter().chain([
        provider("issuer", "http://id.example.org", "in the clear", "https://HOST/PATH"),
        provider("issuer", "https://id.example.org/?a=b", "a query", "as the provider does"),
        provider("issuer", "", "oidc.client_id (the default) is given and oidc.issuer is not", "leave all of it out"),
        provider("client_id", "", "no oidc.client_id", "register this server"),
        provider("client_secret_file", "/nowhere/secret", "cannot be read", "make the file"),
        provider("label", "A name that is so long that no button of any page could hold it", "too long", "at most 40"),
        provider("authorities", "/nowhere/ca.pem", "cannot be used", "as PEM"),
    ]);
    for (change, problem, remedy) in cases {
        let mut config = Config::default();
        config.general.db = folder.path().join("fresh.db").to_string_lossy().into_owned();
        config.general.secrets = Some(keys.clone());
        change(&mut config);
        let findings = check(&config, &packs, now()).await;
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{problem}: {told:?}");
        assert!(findings[0].problem.contains(problem), "{told:?}");
        assert!(findings[0].remedy.contains(remedy), "{told:?}");
        assert!(!told[0].contains("geheim"), "{told:?}");
    }
    assert!(!folder.path().join("fresh.db").exists(), "looking makes nothing");
}

#[tokio::test]
async fn a_proxy_or_a_certificate_lets_a_server_listen_beyond_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.general.db = folder.path().join("fresh.db").to_string_lossy().into_owned();
    config.general.listen = "0.0.0.0:80".parse().unwrap();
    file(folder.path(), "dayclear.keys", 0o600);
    config.general.trusted_proxies = vec![Network::read("10.0.0.0/8").unwrap()];
    assert_eq!(check(&config, &Packs::builtin().unwrap(), now()).await, []);
}

#[tokio::test]
async fn a_clock_that_cannot_be_is_found() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "dayclear.keys", 0o600);
    let packs = Packs::builtin().unwrap();
    let mut config = Config::default();
    config.general.db = folder.path().join("fresh.db").to_string_lossy().into_owned();
    let findings = check(&config, &packs, "1970-01-01T00:00:10Z".parse().unwrap()).await;
    assert!(findings[0].problem.contains("1970"), "{findings:?}");
    // a store that was written to later than now
    let app = super::app_on(&config.general.db, config.clone()).await;
    let at: Instant = "2026-11-26T12:10:00Z".parse().unwrap();
    let mut tx = app.store().begin(&app.own_scope()).await.unwrap();
    let event = dayclear_store::events::NewEvent {
        at,
        actor: "dayclear".into(),
        kind: "case.opened",
        subject: "x".to_owned(),
        division: "50".parse().unwrap(),
        body: "{}".to_owned(),
        tells: None,
    };
    tx.chain(app.zone().day(at), at, &[event]).await.unwrap();
    tx.commit().await.unwrap();
    let findings = check(&config, &packs, now()).await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].problem.contains("was written to at"), "{findings:?}");
    config.general.exercise = true;
    assert_eq!(check(&config, &packs, now()).await, []);
}
