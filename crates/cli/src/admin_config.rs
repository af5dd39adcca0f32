//! `dayclear admin config check`: what would keep the server from starting with these settings, and what to do about it.

use crate::{serve::Settings, setting};
use anyhow::Result;
use dayclear_web::{Config, oidc::Provider};

/// What can be done about settings.
#[derive(clap::Subcommand, Debug)]
pub enum AdminConfig {
    /// Look at the settings and everything they name: files, certificate, rules, store, clock; change nothing.
    Check(Settings),
}

/// How people come in. A provider that does not answer is told of and is no finding: the server starts without it.
async fn provider(config: &Config) -> String {
    let Some(provider) = Provider::of(&config.oidc) else { return "password and code".to_owned() };
    let secret = if provider.has_secret() { "a secret" } else { "no secret" };
    let answers = match provider.look(setting::now()).await {
        Ok(()) => "it answers".to_owned(),
        Err(trouble) => format!("it does not answer as it should now: {trouble}"),
    };
    format!("password and code, or {} as {} with {secret}; {answers}", provider.issuer(), provider.client())
}

/// Runs it.
pub async fn run(command: AdminConfig) -> Result<bool> {
    let AdminConfig::Check(settings) = command;
    let (config, findings) = settings.checked(false).await?;
    for finding in &findings {
        println!("{finding}");
    }
    println!("sign-in: {}", provider(&config).await);
    match findings.len() {
        0 => println!("nothing is in the way: the server may listen on {}", config.general.listen),
        1 => println!("1 finding: the server does not start like this"),
        count => println!("{count} findings: the server does not start like this"),
    }
    Ok(findings.is_empty())
}
