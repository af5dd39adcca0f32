//! What is read from the file, the environment and the arguments, each over the one before; what is wrong is told at once, and
//! no secret is told at all.

use super::*;

fn read(file: &str, variables: &[(&str, &str)]) -> (Config, Vec<String>) {
    let mut source = Source::default();
    source.file("dayclear.toml", file);
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    source.environment(variables, &Config::names());
    let (config, faults) = Config::read(source);
    (config, faults.iter().map(ToString::to_string).collect())
}

#[test]
fn each_place_goes_over_the_one_before_and_is_known() {
    let file =
        "listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.0/8\", \"fd00::/8\"]\n\n[limits]\nrequests_max = 1_000\n";
    let (config, faults) =
        read(file, &[("DAYCLEAR_LIMITS_REQUESTS_MAX", "12"), ("DAYCLEAR_EXERCISE", "true"), ("HOME", "/")]);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(config.general.listen.port(), 80);
    assert_eq!(config.general.trusted_proxies.len(), 2);
    assert_eq!(config.limits.requests_max, 12);
    assert!(config.general.exercise);
    assert_eq!(config.origin("listen").to_string(), "dayclear.toml, line 1");
    assert_eq!(config.origin("limits.requests_max").to_string(), "the variable DAYCLEAR_LIMITS_REQUESTS_MAX");
    assert_eq!(config.origin("zone").to_string(), "the default");
}

#[test]
fn every_fault_is_found_at_once_and_says_where_it_came_from() {
    let file = "listn = \"127.0.0.1:80\"\nlisten = \"here\"\n[limits]\nrequests_max = -3\nbody_bytes = 7\n[nothing]\nat = 1.5\n";
    let (_, faults) =
        read(file, &[("DAYCLEAR_LIVE_POL_MS", "5"), ("DAYCLEAR_DB", "x"), ("DAYCLEAR_TEST_POSTGRES", "y")]);
    let told = faults.join("\n");
    for part in [
        "listn (dayclear.toml, line 1) is no setting of this program\n  remedy: leave it out, or write listen",
        "listen is 'here' (dayclear.toml, line 2): expected an address and a port",
        "limits.requests_max is '-3' (dayclear.toml, line 4): expected a whole number from 1",
        "write limits.body_bytes_max",
        "nothing.at (dayclear.toml, line 7) is no plain value",
        "write DAYCLEAR_LIVE_POLL_MS",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert_eq!(faults.len(), 6, "{told}");
    let (_, faults) = read("listen = \n", &[]);
    assert!(faults[0].contains("dayclear.toml, line 1"), "{faults:?}");
}

#[test]
fn an_address_with_a_password_is_not_repeated() {
    let mut source = Source::default();
    source.argument("db", "--db", "postgres://u:geheim@h/d");
    source.argument("dbb", "--dbb", "postgres://u:geheim@h/d");
    let (config, faults) = Config::read(source);
    assert_eq!(config.origin("db").to_string(), "the argument --db");
    assert!(!faults.iter().any(|fault| fault.to_string().contains("geheim")), "{faults:?}");
}

#[test]
fn a_secret_is_shown_in_no_form() {
    let (config, faults) =
        read("[oidc]\nclient_secret = \"geheim\"\n", &[("DAYCLEAR_OIDC_ISSUER", "https://id.example")]);
    assert_eq!(faults, Vec::<String>::new());
    assert!(config.oidc.client_secret.is_some() && config.oidc.issuer.is_some());
    assert!(!format!("{config:?}").contains("geheim"));
    assert!(!config.oidc.client_secret.text().contains("geheim"));
}

#[test]
fn every_setting_stands_in_the_documents() {
    let text = include_str!("../../../../docs/operations.md");
    for key in Config::keys() {
        let line = format!("| `{}` | {} | {} |", key.name, shown(&key.default), key.about);
        assert!(text.contains(&line), "docs/operations.md lacks the line\n{line}");
        let variable = variable(key.name);
        let same = Config::names().into_iter().filter(|other| super::variable(other) == variable).count();
        assert_eq!(same, 1, "{variable} stands for more than one key");
    }
}

fn shown(default: &str) -> String {
    if default.is_empty() { String::new() } else { format!("`{default}`") }
}
