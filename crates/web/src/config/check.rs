//! Whether a server may start with these settings. It looks at files, the store and the clock without changing anything,
//! finds everything at once, and says what to do about each.

use super::{Config, Finding};
use crate::{oidc, sending, tls, travel};
use dayclear_core::{
    divisions::DivisionCode,
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_store::{Store, watch::Standing};
use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};

/// A clock before this is not set: 2026-01-01T00:00:00Z, before this program was written.
const CLOCK_AT_LEAST: Instant = Instant::from_micros(1_767_225_600_000_000);
/// How far the store may be ahead of the clock, in minutes (`safeguards.md`, F11).
const SKEW_MAX_MIN: i64 = 2;
const MAKE_IT: &str = "make the file, or correct its path";
const LABEL_CHARS_MAX: usize = 40;
const STORE_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Everything that keeps the server from starting. `machine` is the clock of the machine.
pub async fn check(config: &Config, packs: &Packs, machine: Instant) -> Vec<Finding> {
    let mut findings = Vec::new();
    listening(config, &mut findings);
    encryption(config, &mut findings);
    laboratories(config, &mut findings);
    secrets(config, &mut findings);
    provider(config, &mut findings);
    gateway(config, &mut findings);
    rules(config, packs, &mut findings);
    limits(config, &mut findings);
    if machine < CLOCK_AT_LEAST {
        let remedy = "set the clock of this machine to UTC by NTP; the zone of the city is a setting of its own";
        findings.push(Finding::new(format!("the clock of this machine says {machine}, which cannot be"), remedy));
    }
    store(config, machine, &mut findings).await;
    findings
}

fn listening(config: &Config, findings: &mut Vec<Finding>) {
    let general = &config.general;
    if !general.listen.ip().is_loopback() && !config.has_tls() && general.trusted_proxies.is_empty() {
        findings.push(Finding::new(
            format!(
                "listen is {} ({}), which others can reach, and nothing encrypts what they send",
                general.listen,
                config.origin("listen")
            ),
            "name a certificate in [tls], or the proxy that encrypts in trusted_proxies, or listen on 127.0.0.1",
        ));
    }
    if let Some(mllp) = config.mllp.listen
        && !mllp.ip().is_loopback()
        && !config.has_tls()
        && general.trusted_proxies.is_empty()
    {
        let origin = config.origin("mllp.listen");
        findings.push(Finding::new(
            format!("mllp.listen is {mllp} ({origin}), which others can reach, and nothing encrypts what they send"),
            "name a certificate in [tls], or the proxy that encrypts in trusted_proxies, or listen on 127.0.0.1",
        ));
    }
    if !general.metrics_listen.ip().is_loopback() && general.metrics_token_file.is_none() {
        findings.push(Finding::new(
            format!(
                "metrics_listen is {} ({}), which others can reach, and no token is asked for",
                general.metrics_listen,
                config.origin("metrics_listen")
            ),
            "name a file with a token in metrics_token_file, or listen on 127.0.0.1",
        ));
    }
    if let Some(path) = &general.metrics_token_file {
        private("metrics_token_file", path, config, findings);
    }
    if let Some(origin) = &general.origin {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
            let problem = format!("origin is '{origin}' ({}), which is no address of a site", config.origin("origin"));
            findings.push(Finding::new(problem, "write https://HOST or https://HOST:PORT, without a path"));
        }
    }
}

fn encryption(config: &Config, findings: &mut Vec<Finding>) {
    match (&config.tls.certificate, &config.tls.key) {
        (None, None) => {}
        (Some(certificate), Some(key)) => {
            private("tls.key", key, config, findings);
            if Path::new(key).exists()
                && let Err(problem) = tls::load(certificate, key)
            {
                findings.push(Finding::new(problem, "give the chain and its key as PEM, the server's own first"));
            }
        }
        (Some(_), None) => findings.push(Finding::new("tls.certificate has no tls.key", "name the private key too")),
        (None, Some(_)) => findings.push(Finding::new("tls.key has no tls.certificate", "name the certificate too")),
    }
}

/// What is needed to take messages of laboratories, to say what the days ahead take and how long drives are.
fn laboratories(config: &Config, findings: &mut Vec<Finding>) {
    if let Err(problem) = config.codes() {
        let problem = format!("laboratory_codes ({}): {problem}", config.origin("laboratory_codes"));
        findings.push(Finding::new(problem, "correct the table, or leave the setting out to take the program's own"));
    }
    if let Err(problem) = config.needs() {
        let problem = format!("needs ({}): {problem}", config.origin("needs"));
        findings.push(Finding::new(problem, "correct the file, or leave the setting out to take the program's own"));
    }
    if let Some(Err(problem)) = config.general.fonts.as_ref().map(|named| crate::fonts::find(Some(Path::new(named)))) {
        let problem = format!("fonts ({}): {problem}", config.origin("fonts"));
        findings.push(Finding::new(problem, "correct the setting, or leave it out to take the system's own"));
    }
    if let Err(wrong) = travel::of(&config.travel) {
        let problem = format!("{} ({}): {}", wrong.key, config.origin(wrong.key), wrong.problem);
        findings.push(Finding::new(problem, wrong.remedy));
    }
    let Some(path) = &config.mllp.client_authorities else {
        let by_certificate = config.mllp.senders.iter().find(|sender| !sender.certificates.is_empty());
        if let Some(sender) = by_certificate {
            let problem = format!("mllp.senders names a certificate of {sender}, and mllp.client_authorities is empty");
            findings.push(Finding::new(problem, "name the authorities of client certificates, or networks instead"));
        }
        return;
    };
    if let Err(problem) = oidc::authorities(path) {
        let problem = format!("mllp.client_authorities ({}): {problem}", config.origin("mllp.client_authorities"));
        findings.push(Finding::new(problem, "give the certificates of the authorities as PEM, or leave it out"));
    } else if !config.has_tls() {
        let problem = "mllp.client_authorities is given, and nothing is encrypted here";
        findings.push(Finding::new(problem, "name a certificate in [tls]; a client shows its own within TLS only"));
    }
}

/// Sessions and the chain of reads need the keys, so no server starts without them.
fn secrets(config: &Config, findings: &mut Vec<Finding>) {
    private("secrets", &config.secrets_path(), config, findings);
}

/// What can be said of an identity provider without asking it: one that is down must not keep the server from starting.
fn provider(config: &Config, findings: &mut Vec<Finding>) {
    let given = &config.oidc;
    let Some(issuer) = &given.issuer else {
        for (key, there) in [
            ("oidc.client_id", given.client_id.is_some()),
            ("oidc.client_secret", given.client_secret.is_some()),
            ("oidc.client_secret_file", given.client_secret_file.is_some()),
        ] {
            if there {
                let problem = format!("{key} ({}) is given and oidc.issuer is not", config.origin(key));
                findings.push(Finding::new(problem, "name the provider in oidc.issuer, or leave all of it out"));
            }
        }
        return;
    };
    if let Err(problem) = oidc::address(issuer) {
        let problem = format!("oidc.issuer is '{issuer}' ({}): {problem}", config.origin("oidc.issuer"));
        findings
            .push(Finding::new(problem, "write it as the provider does, https://HOST/PATH; http only on this machine"));
    }
    if given.client_id.is_none() {
        let problem = "oidc.issuer has no oidc.client_id";
        findings.push(Finding::new(problem, "register this server at the provider, and name the id that it got"));
    }
    if given.client_secret.is_some() && given.client_secret_file.is_some() {
        let problem = "oidc.client_secret and oidc.client_secret_file are both given";
        findings.push(Finding::new(problem, "leave out oidc.client_secret; the file is better"));
    }
    if let Some(path) = &given.client_secret_file {
        private("oidc.client_secret_file", path, config, findings);
    }
    if given.label.as_ref().is_some_and(|label| label.chars().count() > LABEL_CHARS_MAX) {
        let problem = format!("oidc.label ({}) is too long for a button", config.origin("oidc.label"));
        findings.push(Finding::new(problem, format!("write at most {LABEL_CHARS_MAX} characters")));
    }
    if let Some(path) = &given.authorities
        && let Err(problem) = oidc::authorities(path)
    {
        let problem = format!("oidc.authorities ({}): {problem}", config.origin("oidc.authorities"));
        findings.push(Finding::new(problem, "give the certificates of the authorities as PEM, or leave it out"));
    }
}

/// What can be said of a gateway of messages without asking it.
fn gateway(config: &Config, findings: &mut Vec<Finding>) {
    let given = &config.messages;
    if let Err(wrong) = sending::Gateway::of(given, config.general.exercise) {
        let problem = format!("{} ({}): {}", wrong.key, config.origin(wrong.key), wrong.problem);
        findings.push(Finding::new(problem, wrong.remedy));
    }
    match (&given.url, &given.token_file) {
        (_, Some(path)) => private("messages.token_file", path, config, findings),
        (Some(_), None) => {
            let problem = "messages.url has no messages.token_file";
            findings.push(Finding::new(problem, "name the file with the token that the gateway wants"));
        }
        (None, None) => {}
    }
}

/// A file that only its owner may read.
fn private(key: &str, path: &str, config: &Config, findings: &mut Vec<Finding>) {
    let origin = config.origin(key);
    match std::fs::metadata(path) {
        Err(error) => findings.push(Finding::new(
            format!("{key} names {path} ({origin}), which cannot be read: {error}"),
            if key == "secrets" { "make one with `dayclear admin keys init`, or correct its path" } else { MAKE_IT },
        )),
        Ok(file) if file.permissions().mode() & 0o077 != 0 => findings.push(Finding::new(
            format!("{key} names {path} ({origin}), which others on this machine can read"),
            format!("chmod 600 {path}"),
        )),
        Ok(_) => {}
    }
}

fn rules(config: &Config, packs: &Packs, findings: &mut Vec<Finding>) {
    let general = &config.general;
    let pack = &general.pack;
    if packs.named(pack).is_none() && !packs.iter().any(|known| known.disease == *pack) {
        let known: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
        findings.push(Finding::new(
            format!("pack is '{pack}' ({}), and there is none by that name", config.origin("pack")),
            format!("choose a disease or one of: {}", known.join(", ")),
        ));
    }
    if let Err(error) = Zone::named(&general.zone) {
        let problem = format!("zone ({}): {error}", config.origin("zone"));
        findings.push(Finding::new(problem, "write a name such as Asia/Shanghai"));
    }
    if let Some(city) = &general.city
        && let Err(error) = city.parse::<DivisionCode>()
    {
        let problem = format!("city ({}): {error}", config.origin("city"));
        findings.push(Finding::new(problem, "write the code with which the codes of its districts begin"));
    }
}

fn limits(config: &Config, findings: &mut Vec<Finding>) {
    let limits = &config.limits;
    if !(limits.board_share_pct <= limits.work_share_pct && limits.work_share_pct <= 100) {
        findings.push(Finding::new(
            format!(
                "limits.board_share_pct is {} and limits.work_share_pct is {}",
                limits.board_share_pct, limits.work_share_pct
            ),
            "the board waits first: board_share_pct <= work_share_pct <= 100",
        ));
    }
}

async fn store(config: &Config, machine: Instant, findings: &mut Vec<Finding>) {
    let general = &config.general;
    if let Some(path) = general.coverage.as_deref()
        && !Path::new(path).parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir())
    {
        findings.push(Finding::new(
            format!("coverage ({}) is to be kept in a folder that is not there", config.origin("coverage")),
            "make the folder, or correct the path",
        ));
    }
    if general.db.starts_with("postgres") {
    } else if let Some(folder) = folder_of(&general.db)
        && !folder.is_dir()
    {
        let problem = format!("db ({}) is to be made in {}, which is no folder", config.origin("db"), folder.display());
        return findings.push(Finding::new(problem, "make the folder, or correct the path"));
    }
    match tokio::time::timeout(STORE_ANSWERS_WITHIN, Store::probe(&general.db)).await {
        Err(_) => findings.push(Finding::new(
            format!("the store ({}) does not answer", config.origin("db")),
            "see that the server runs and that this machine reaches it",
        )),
        Ok(Err(error)) => findings.push(Finding::new(
            format!("db ({}): {error}", config.origin("db")),
            "see that the server runs, and that the user may connect",
        )),
        Ok(Ok(Standing::Missing)) => {}
        Ok(Ok(Standing::Schema { found, known, last })) => {
            if found > known {
                findings.push(Finding::new(
                    format!("the schema of the store has {found} steps, and this program knows {known}"),
                    "use the newer Dayclear that made it",
                ));
            }
            if let Some(last) = last
                && !general.exercise
                && last.minutes_since(machine) > SKEW_MAX_MIN
            {
                findings.push(Finding::new(
                    format!("the store was written to at {last}, and the clock of this machine says {machine}"),
                    "set the clock of this machine by NTP; an exercise is started with --exercise",
                ));
            }
        }
    }
}

/// The folder in which the file of a store lies.
pub(crate) fn folder_of(url: &str) -> Option<std::path::PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    if path == ":memory:" || path.starts_with("postgres") {
        return None;
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new("."));
    Some(if folder.as_os_str().is_empty() { Path::new(".").to_owned() } else { folder.to_owned() })
}
