//! What demonstration and drill have in common: a folder that each knows again as its own, and accounts of the made-up city,
//! one for each role, with password, authenticator and token in a file that only its owner may read.

use crate::{
    secrets::{Machine, Secrets},
    setting,
};
use anyhow::{Context, Result};
use dayclear_core::{
    access::{Duty, Role},
    command::Command,
    listing::{
        CASES, Cell, FACILITIES, ITEMS, LABORATORIES, Listing, PEOPLE, Query, ROWS_MAX, TRANSFERS, TRIPS, TUBES,
        VEHICLES,
    },
    protocol::Packs,
    time::Instant,
};
use dayclear_ops::{
    access::{Access, By, NewAccount, NewPassword, Settings as AccessSettings, totp::code_of},
    desk::{self, Doing},
    listing::Looker,
    minutes::Settings,
};
use dayclear_papers as papers;
use dayclear_store::{Scope, Scoped, Store};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// Name of the file.
pub const FILE: &str = "accounts.json";
/// Name of the file with the accounts of a drill that plays against a service elsewhere.
pub const HANDS: &str = "drill.json";
/// Days for which the tokens hold.
const TOKEN_DAYS: i64 = 30;

/// An account as it is handed to whoever tries the demonstration.
#[derive(Serialize, Deserialize)]
pub struct Shown {
    /// Login.
    pub login: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator, base 32.
    pub otp: String,
    /// Role.
    pub role: String,
    /// Token for the API.
    pub token: String,
    /// Id of the account.
    pub account: String,
    /// Division of the duty.
    pub division: String,
    /// Site of the duty.
    pub site: Option<String>,
}

/// Where the people of the demonstration work.
pub struct Stage<'a> {
    pub store: &'a Store,
    pub settings: &'a Settings,
    pub packs: &'a Packs,
    pub pack: &'a str,
    pub scope: &'a Scope,
    pub secrets: &'a Secrets,
    pub db: &'a str,
    pub now: Instant,
}

const LOGINS: &[(&str, Role)] = &[
    ("city", Role::CityCommand),
    ("district", Role::DistrictCommand),
    ("laboratory", Role::Laboratory),
    ("tracer", Role::Tracer),
    ("dispatcher", Role::Dispatcher),
    ("driver", Role::Driver),
    ("facility", Role::Facility),
    ("community", Role::CommunityWorker),
    ("hotline", Role::Hotline),
    ("press", Role::PublicInformation),
    ("reviewer", Role::Reviewer),
    ("gateway", Role::Gateway),
    ("privacy", Role::DataProtection),
    ("auditor", Role::Auditor),
    ("admin", Role::Administrator),
];

/// Makes the accounts, gives tracer and hotline something to do, and writes the file.
pub async fn make(stage: &Stage<'_>, folder: &Path) -> Result<Vec<Shown>> {
    let keys = stage.secrets.read(stage.db)?;
    let limits = AccessSettings::of(stage.settings.zone.clone());
    let access = Access { store: stage.store, keys: &keys, settings: &limits, entropy: &Machine };
    let wall = setting::now();
    access.require_keys(wall).await?;
    let city = stage.scope.division().clone();
    let places = Places::find(stage).await?;
    let mut shown = Vec::with_capacity(LOGINS.len());
    for (login, role) in LOGINS {
        let division = match role {
            Role::CityCommand
            | Role::PublicInformation
            | Role::Reviewer
            | Role::Gateway
            | Role::DataProtection
            | Role::Auditor
            | Role::Administrator => city.to_string(),
            Role::Laboratory | Role::Facility | Role::Driver => city.to_string(),
            _ => places.district.clone(),
        };
        let site = match role {
            Role::Laboratory => Some(places.laboratory.clone()),
            Role::Facility => Some(places.facility.clone()),
            Role::Driver => Some(places.vehicle.clone()),
            _ => None,
        };
        shown.push(hire(&access, login, *role, &division, site, wall).await?);
    }
    for (worklist, login) in [("investigate", "tracer"), ("answer", "hotline")] {
        assign(stage, &places.district, worklist, &shown, login).await?;
    }
    write_down(&shown, &folder.join(FILE))?;
    Ok(shown)
}

/// Makes the accounts with which a drill plays against a service elsewhere: duties in the whole city. Writes their file.
pub async fn hands(stage: &Stage<'_>, folder: &Path) -> Result<()> {
    let keys = stage.secrets.read(stage.db)?;
    let limits = AccessSettings::of(stage.settings.zone.clone());
    let access = Access { store: stage.store, keys: &keys, settings: &limits, entropy: &Machine };
    let (city, wall) = (stage.scope.division().to_string(), setting::now());
    let mut shown = Vec::new();
    for (login, role) in [
        ("drill-city", Role::CityCommand),
        ("drill-district", Role::DistrictCommand),
        ("drill-dispatcher", Role::Dispatcher),
        ("drill-hotline", Role::Hotline),
    ] {
        shown.push(hire(&access, login, role, &city, None, wall).await?);
    }
    write_down(&shown, &folder.join(HANDS))
}

/// Makes an account with a duty, a password, an authenticator and a token.
async fn hire(
    access: &Access<'_>,
    login: &str,
    role: Role,
    division: &str,
    site: Option<String>,
    wall: Instant,
) -> Result<Shown> {
    let password = password(access)?;
    let duty = Duty { role, division: division.parse()?, site: site.clone() };
    let new = NewAccount {
        login,
        name: login,
        language: "en",
        division: duty.division.clone(),
        password: NewPassword::Given(&password),
        enrol: true,
    };
    let made = access.create(By::Operator, &new, wall).await?;
    let held = access.grant(By::Operator, &made.id, duty, None, wall).await?;
    let token = access.make_token(By::Operator, &held.id, TOKEN_DAYS, wall).await?.token;
    Ok(Shown {
        login: login.to_owned(),
        password,
        otp: made.enrolment.map(|enrolment| enrolment.secret).unwrap_or_default(),
        role: role.name().to_owned(),
        token,
        account: made.id,
        division: division.to_owned(),
        site,
    })
}

/// Writes accounts where only the owner of the file reads them.
fn write_down(shown: &[Shown], path: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(shown)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// A password: random, so that an exercise that somebody can reach is no open door.
fn password(access: &Access<'_>) -> Result<String> {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 15];
    access.entropy.fill(&mut bytes)?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    Ok(letters.chunks(5).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// The district with the most to do, and sites with work in them.
struct Places {
    district: String,
    laboratory: String,
    facility: String,
    vehicle: String,
}

impl Places {
    async fn find(stage: &Stage<'_>) -> Result<Self> {
        let mut tx = stage.store.look(stage.scope).await?;
        let open = Query::default().with(&CASES, "open", Cell::Truth(true));
        let all = Query::default;
        Ok(Places {
            district: busiest(&mut tx, [(&CASES, "division", open), (&PEOPLE, "division", all())], 6).await?,
            laboratory: busiest(&mut tx, [(&TUBES, "laboratory", all()), (&LABORATORIES, "laboratory", all())], 64)
                .await?,
            facility: busiest(&mut tx, [(&TRANSFERS, "facility", all()), (&FACILITIES, "facility", all())], 64).await?,
            vehicle: busiest(&mut tx, [(&TRIPS, "vehicle", all()), (&VEHICLES, "vehicle", all())], 64).await?,
        })
    }
}

/// The most frequent value of a field on a page of the first list that has one: enough to find where something happens, or
/// will.
async fn busiest(tx: &mut Scoped, lists: [(&'static Listing, &str, Query); 2], cut: usize) -> Result<String> {
    let names = [lists[0].0.name, lists[1].0.name];
    for (list, field, query) in lists {
        let page = tx.list(list, &Query { limit: ROWS_MAX, ..query }).await?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in &page.rows {
            if let Some(text) = row.get(list, field).as_str() {
                *counts.entry(text.chars().take(cut).collect()).or_default() += 1;
            }
        }
        if let Some((value, _)) = counts.into_iter().max_by_key(|(_, count)| *count) {
            return Ok(value);
        }
    }
    anyhow::bail!("the made-up city has no {} and no {}; make it larger", names[0], names[1])
}

/// Assigns open items of a worklist in the district to an account, as its command post would.
async fn assign(stage: &Stage<'_>, district: &str, worklist: &str, shown: &[Shown], login: &str) -> Result<()> {
    const ITEMS_MAX: usize = 8;
    let named = |login: &str| shown.iter().find(|account| account.login == login);
    let (Some(to), Some(by)) = (named(login), named("district")) else { return Ok(()) };
    let duty = Duty { role: Role::DistrictCommand, division: district.parse()?, site: None };
    let looker = Looker { account: by.account.clone(), duty, glass: Default::default() };
    let query = Query { limit: ITEMS_MAX, ..Query::default() }
        .with(&ITEMS, "worklist", Cell::Text(worklist.to_owned()))
        .with(&ITEMS, "open", Cell::Truth(true));
    let mut tx = stage.store.look(&looker.scope()).await?;
    let page = tx.list(&ITEMS, &query).await?;
    drop(tx);
    let keys: Vec<String> =
        page.rows.iter().filter_map(|row| row.get(&ITEMS, "id").as_str().map(str::to_owned)).collect();
    let Some(command) = Command::named("items", "assign").filter(|_| !keys.is_empty()) else { return Ok(()) };
    let doing = Doing {
        looker: &looker,
        now: stage.now,
        stepped_up: true,
        packs: stage.packs,
        pack: stage.pack,
        settings: stage.settings,
        key: None,
        keys: None,
    };
    let input = [("assignee", Cell::Text(to.account.clone()))].into_iter().collect();
    desk::perform(stage.store, &doing, command, &keys, &input).await?;
    Ok(())
}

/// The code that an account's authenticator shows now.
pub fn code(folder: &Path, login: &str) -> Result<String> {
    let path = folder.join(FILE);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read; it is made with the exercise's first start", path.display()))?;
    let accounts: Vec<Shown> = serde_json::from_str(&text)?;
    let known: Vec<&str> = accounts.iter().map(|account| account.login.as_str()).collect();
    let account = accounts.iter().find(|account| account.login == login);
    let account = account.with_context(|| format!("no account '{login}'; there are: {}", known.join(", ")))?;
    Ok(code_of(&account.otp, setting::now())?)
}

/// Says how to come in. `program`: the command that prints a code.
pub fn told(people: &[Shown], folder: &Path, program: &str) {
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|account| {
            let place = account.site.clone().unwrap_or_else(|| account.division.clone());
            vec![account.login.clone(), account.password.clone(), account.role.replace('_', " "), place]
        })
        .collect();
    println!("{}", papers::text_table(&["account", "password", "role", "where"], &rows));
    println!("code of an account's authenticator:  {program} --out {} --code district", folder.display());
    println!("all of it, with tokens for the API:  {}", folder.join(FILE).display());
}

/// Makes the folder of an exercise anew. Only one that an earlier run of the same command (`demo`, `drill`) made is emptied.
pub fn clear(folder: &Path, command: &str) -> Result<()> {
    let mark = format!("made-by-dayclear-{command}.txt");
    if folder.exists() {
        let ours = folder.join(&mark).is_file();
        let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        anyhow::ensure!(
            ours || empty,
            "{} holds something else than an earlier `dayclear {command}`, so it is left alone; name another folder with --out",
            folder.display()
        );
        std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    std::fs::create_dir_all(folder)
        .and_then(|()| {
            let text = format!("`dayclear {command}` empties this folder when it is run again.\n");
            std::fs::write(folder.join(mark), text)
        })
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}
