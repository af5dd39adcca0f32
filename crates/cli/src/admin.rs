//! `dayclear admin`: accounts, duties, tokens and keys, from the machine itself. Who may run this has the store and its keys
//! in hand anyway; what is done is in the chain of reads all the same, in the name of the operator.

use crate::{
    admin_close::{self, CloseDown},
    admin_config::{self, AdminConfig},
    bulletin::STORE,
    output::{Format, csv_text},
    secrets::{Machine, Secrets},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    access::{Duty, Role},
    accounts::AccountState,
    divisions::DivisionCode,
    time::{CivilDate, Instant, Zone},
};
use dayclear_ops::access::{
    Access, AccessError, By, Created, Held, NewAccount, NewPassword, Settings, Summary, accounts::LANGUAGES,
    duties::sound,
};
use dayclear_papers as papers;
use serde_json::{Value, json};
use std::io::Read as _;

/// Arguments of `dayclear admin`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(clap::Subcommand, Debug)]
enum Part {
    /// Accounts and their duties
    #[command(subcommand)]
    User(User),
    /// Sessions of machines
    #[command(subcommand)]
    Token(Token),
    /// The keys of a store
    #[command(subcommand)]
    Keys(KeysPart),
    /// Settings of the server
    #[command(subcommand)]
    Config(AdminConfig),
    /// The end of a store: write its figures out, delete everything about people, destroy its keys, print a certificate
    CloseDown(CloseDown),
}

#[derive(clap::Args, Debug)]
struct How {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    secrets: Secrets,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args, Debug)]
struct DutyGiven {
    /// Role, for example tracer
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// Division in which it is exercised
    #[arg(long, value_name = "CODE")]
    division: DivisionCode,
    /// Laboratory, facility or vehicle, for the roles that are bound to one
    #[arg(long, value_name = "ID")]
    site: Option<String>,
}

impl DutyGiven {
    fn duty(self) -> Result<Duty, AccessError> {
        sound(Duty { role: self.role, division: self.division, site: self.site })
    }
}

#[derive(clap::Subcommand, Debug)]
enum User {
    /// Make an account with a duty; print its password for one use and what its authenticator is given
    Add {
        /// What its owner signs in with
        login: String,
        /// Name of its owner
        #[arg(long)]
        name: String,
        /// Language of its pages: en, zh-Hans or zh-Hant
        #[arg(long, value_name = "LANG", default_value = "en", value_parser = LANGUAGES)]
        language: String,
        /// Take the password from standard input: its owner's own, not for one use
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        duty: DutyGiven,
        #[command(flatten)]
        how: How,
    },
    /// List accounts with their duties
    List {
        /// Only those that belong into a division
        #[arg(long, value_name = "CODE")]
        division: Option<DivisionCode>,
        #[command(flatten)]
        how: How,
    },
    /// Let an account sign in no longer; its sessions end
    Disable(Named),
    /// Let an account sign in again
    Enable(Named),
    /// Give an account a new password for one use, and take its authenticator away
    Reset(Named),
    /// Let the owner of an account come in by the identity provider; sessions of the account end
    Link {
        /// Login of the account
        login: String,
        /// The provider's own id of the person (`sub`)
        #[arg(long, value_name = "ID")]
        subject: String,
        /// Address of the provider, as in the settings of the server
        #[arg(long, value_name = "URL", env = "DAYCLEAR_OIDC_ISSUER")]
        issuer: String,
        #[command(flatten)]
        how: How,
    },
    /// Let nobody come into an account by the identity provider any longer; its sessions end
    Unlink(Named),
    /// Grant a duty
    Grant {
        /// Login of the account
        login: String,
        /// Last day on which it holds; without one it holds until it is revoked
        #[arg(long, value_name = "D", value_parser = setting::date)]
        until: Option<CivilDate>,
        #[command(flatten)]
        duty: DutyGiven,
        #[command(flatten)]
        how: How,
    },
    /// Revoke a duty; sessions that work in it end
    Revoke {
        /// Login of the account
        login: String,
        #[command(flatten)]
        duty: DutyGiven,
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Args, Debug)]
struct Named {
    /// Login of the account
    login: String,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Subcommand, Debug)]
enum Token {
    /// Make a token for a machine, and print it once; account and duty are made if they are missing
    Make {
        /// Login of the machine's account
        #[arg(long)]
        login: String,
        /// Days until it ends, at most 90
        #[arg(long, value_name = "N")]
        days: i64,
        #[command(flatten)]
        duty: DutyGiven,
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Subcommand, Debug)]
enum KeysPart {
    /// Make the secrets file of a store
    Init(How),
    /// Add a new sealing key, which counts from the next start of the server; then use reseal
    Rotate(How),
    /// Seal anew what older keys have sealed, and take those keys out of the file
    Reseal(How),
}

/// Does what was asked.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.part {
        Part::Config(command) => return admin_config::run(command).await,
        Part::CloseDown(given) => return admin_close::run(given).await,
        Part::Keys(KeysPart::Init(how)) => {
            let path = how.secrets.make(how.common.db.as_deref().unwrap_or(STORE))?;
            let path = path.display().to_string();
            Answer::of(&["file"], vec![vec![path.clone()]], json!({ "file": path })).print(how.format)?;
            eprintln!(
                "keep a copy of it apart from the backups of the store: without it no authenticator can be checked"
            );
        }
        Part::Keys(KeysPart::Rotate(how)) => {
            let desk = Desk::open(&how).await?;
            let keys = desk.keys.rotated(&Machine);
            desk.store.close().await;
            let keys = keys?;
            let path = how.secrets.replace(how.common.db.as_deref().unwrap_or(STORE), &keys)?.display().to_string();
            let row = vec![path.clone(), keys.current().to_owned()];
            Answer::of(&["file", "key"], vec![row], json!({ "file": path, "key": keys.current() }))
                .print(how.format)?;
            eprintln!(
                "start every server of this store again, so that it knows the new key; then run `dayclear admin keys reseal`"
            );
        }
        Part::Keys(KeysPart::Reseal(how)) => {
            let desk = Desk::open(&how).await?;
            let mut count = 0;
            // what somebody changed meanwhile is looked at once more, so that no key goes that something still needs
            loop {
                match desk.access().reseal(By::Operator, desk.now).await? {
                    0 => break,
                    found => count += found,
                }
            }
            desk.store.close().await;
            let keys = desk.keys.without_old();
            let path = how.secrets.replace(how.common.db.as_deref().unwrap_or(STORE), &keys)?.display().to_string();
            let row = vec![path.clone(), keys.current().to_owned(), count.to_string()];
            let told = json!({ "file": path, "key": keys.current(), "resealed": count });
            Answer::of(&["file", "key", "resealed"], vec![row], told).print(how.format)?;
            eprintln!("keep a copy of the new file, and destroy those of the old one once no backup needs them");
        }
        Part::User(user) => {
            let format = how_of(&user).format;
            let desk = Desk::open(how_of(&user)).await?;
            let done = desk.user(user).await;
            desk.store.close().await;
            done?.print(format)?;
        }
        Part::Token(Token::Make { login, days, duty, how }) => {
            let desk = Desk::open(&how).await?;
            let done = desk.token(&login, days, duty).await;
            desk.store.close().await;
            done?.print(how.format)?;
        }
    }
    Ok(true)
}

fn how_of(user: &User) -> &How {
    match user {
        User::Add { how, .. }
        | User::List { how, .. }
        | User::Link { how, .. }
        | User::Grant { how, .. }
        | User::Revoke { how, .. } => how,
        User::Disable(named) | User::Enable(named) | User::Reset(named) | User::Unlink(named) => &named.how,
    }
}

/// What is printed: a row for each thing, and the same as data.
struct Answer {
    headers: &'static [&'static str],
    rows: Vec<Vec<String>>,
    data: Value,
}

impl Answer {
    fn of(headers: &'static [&'static str], rows: Vec<Vec<String>>, data: Value) -> Self {
        Answer { headers, rows, data }
    }

    fn print(&self, format: Format) -> Result<()> {
        match format {
            Format::Json => println!("{}", serde_json::to_string_pretty(&self.data)?),
            Format::Csv => print!("{}", csv_text(self.headers, &self.rows)?),
            Format::Table => println!("{}", papers::text_table(self.headers, &self.rows)),
        }
        Ok(())
    }
}

/// A store that was opened with its keys.
struct Desk {
    store: dayclear_store::Store,
    keys: dayclear_ops::access::Keys,
    settings: Settings,
    now: Instant,
}

impl Desk {
    async fn open(how: &How) -> Result<Self> {
        let keys = how.secrets.read(how.common.db.as_deref().unwrap_or(STORE))?;
        let settings = Settings::of(Zone::named(&how.common.zone)?);
        let desk = Desk { store: how.common.store(STORE).await?, keys, settings, now: setting::now() };
        desk.access().require_keys(desk.now).await?;
        Ok(desk)
    }

    fn access(&self) -> Access<'_> {
        Access { store: &self.store, keys: &self.keys, settings: &self.settings, entropy: &Machine }
    }

    async fn named(&self, login: &str) -> Result<Summary> {
        self.access().account_of(By::Operator, login, self.now).await.with_context(|| format!("login '{login}'"))
    }

    async fn user(&self, user: User) -> Result<Answer> {
        let (access, now) = (self.access(), self.now);
        Ok(match user {
            User::Add { login, name, language, password_stdin, duty, .. } => {
                let duty = duty.duty()?;
                let given = if password_stdin { Some(password()?) } else { None };
                let password = given.as_deref().map_or(NewPassword::OneTime, NewPassword::Given);
                let (language, division) = (language.as_str(), duty.division.clone());
                let new = NewAccount { login: &login, name: &name, language, division, password, enrol: true };
                let made = access.create(By::Operator, &new, now).await?;
                let held = access.grant(By::Operator, &made.id, duty, None, now).await?;
                created(&login, made, Some(held))
            }
            User::List { division, .. } => self.list(division.as_ref()).await?,
            User::Disable(named) => self.state(&named.login, AccountState::Disabled).await?,
            User::Enable(named) => self.state(&named.login, AccountState::Active).await?,
            User::Reset(named) => {
                let id = self.named(&named.login).await?.id;
                created(&named.login, access.reset(By::Operator, &id, now).await?, None)
            }
            User::Link { login, subject, issuer, .. } => self.link(&login, Some((&issuer, &subject))).await?,
            User::Unlink(named) => self.link(&named.login, None).await?,
            User::Grant { login, until, duty, .. } => {
                let account = self.named(&login).await?;
                // a last day counts to its end
                let until = until.map(|day| self.settings.zone.start_of(day.plus_days(1)));
                access.grant(By::Operator, &account.id, duty.duty()?, until, now).await?;
                self.one(&login).await?
            }
            User::Revoke { login, duty, .. } => {
                let (account, duty) = (self.named(&login).await?, duty.duty()?);
                let mut held = account.duties.iter().filter(|held| held.holds(now) && held.duty == duty);
                match held.next() {
                    Some(held) => access.revoke(By::Operator, &held.id, now).await?,
                    None => bail!("{login} holds no such duty; `dayclear admin user list` shows what there is"),
                }
                self.one(&login).await?
            }
        })
    }

    async fn state(&self, login: &str, state: AccountState) -> Result<Answer> {
        let id = self.named(login).await?.id;
        self.access().set_state(By::Operator, &id, state, self.now).await?;
        self.one(login).await
    }

    async fn link(&self, login: &str, subject: Option<(&str, &str)>) -> Result<Answer> {
        let id = self.named(login).await?.id;
        self.access().link(By::Operator, &id, subject, self.now).await?;
        self.one(login).await
    }

    async fn one(&self, login: &str) -> Result<Answer> {
        Ok(self.listed(&[self.named(login).await?]))
    }

    async fn list(&self, division: Option<&DivisionCode>) -> Result<Answer> {
        const PAGE_ROWS: u32 = 1_000;
        let mut all: Vec<Summary> = Vec::new();
        loop {
            let after = all.last().map(|account| account.login.clone()).unwrap_or_default();
            let page = self.access().accounts(By::Operator, division, &after, PAGE_ROWS, self.now).await?;
            if page.is_empty() {
                return Ok(self.listed(&all));
            }
            all.extend(page);
        }
    }

    fn listed(&self, accounts: &[Summary]) -> Answer {
        let rows = accounts
            .iter()
            .map(|account| {
                let held: Vec<String> =
                    account.duties.iter().filter(|held| held.holds(self.now)).map(|held| words(&held.duty)).collect();
                let factor = if account.authenticator { "enrolled" } else { "missing" };
                let (login, name, division) = (&account.login, &account.name, account.division.as_str());
                let (state, provider) = (account.state.name(), account.issuer.as_deref().unwrap_or_default());
                [login, name, division, state, factor, provider, &held.join(", ")].map(str::to_owned).to_vec()
            })
            .collect();
        Answer::of(
            &["login", "name", "division", "state", "authenticator", "provider", "duties"],
            rows,
            json!(accounts),
        )
    }

    async fn token(&self, login: &str, days: i64, duty: DutyGiven) -> Result<Answer> {
        let (access, now, duty) = (self.access(), self.now, duty.duty()?);
        if !(1..=self.settings.api_days_max).contains(&days) {
            bail!("--days: 1 to {}", self.settings.api_days_max);
        }
        let account = match access.account_of(By::Operator, login, now).await {
            Ok(account) => account,
            Err(AccessError::Unknown { .. }) => {
                let (password, division) = (NewPassword::None, duty.division.clone());
                let new = NewAccount { login, name: login, language: "en", division, password, enrol: false };
                access.create(By::Operator, &new, now).await?;
                self.named(login).await?
            }
            Err(error) => return Err(error.into()),
        };
        let held = account.duties.iter().find(|held| held.holds(now) && held.duty == duty).cloned();
        let held = match held {
            Some(held) => held,
            None => access.grant(By::Operator, &account.id, duty, None, now).await?,
        };
        let opened = access.make_token(By::Operator, &held.id, days, now).await?;
        let until = opened.session.expires_at;
        let row = vec![account.login.clone(), words(&held.duty), until.to_string(), opened.token.clone()];
        let data = json!({ "login": account.login, "duty": held, "expires_at": until, "token": opened.token });
        Ok(Answer::of(&["login", "duty", "ends", "token"], vec![row], data))
    }
}

fn words(duty: &Duty) -> String {
    let site = duty.site.as_ref().map(|site| format!(" at {site}")).unwrap_or_default();
    format!("{} in {}{site}", duty.role, duty.division)
}

fn created(login: &str, made: Created, held: Option<Held>) -> Answer {
    let password = made.one_time_password.clone().unwrap_or_default();
    let uri = made.enrolment.as_ref().map(|enrolment| enrolment.uri.clone()).unwrap_or_default();
    let data = json!({
        "login": login,
        "id": made.id,
        "one_time_password": made.one_time_password,
        "otpauth": made.enrolment.as_ref().map(|enrolment| &enrolment.uri),
        "otp_secret": made.enrolment.as_ref().map(|enrolment| &enrolment.secret),
        "duty": held,
    });
    Answer::of(&["login", "password for one use", "authenticator"], vec![vec![login.to_owned(), password, uri]], data)
}

/// The first line of standard input.
fn password() -> Result<String> {
    const BYTES_MAX: u64 = 4_096;
    let mut text = String::new();
    std::io::stdin()
        .take(BYTES_MAX)
        .read_to_string(&mut text)
        .context("the password on standard input is not UTF-8")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
