//! People at their desks, for the tests: who acts, when, with what, and the example city as it stands in the evening.

use crate::{
    city::{DAY, Files, at, packs, plan, run, settings},
    engines::TestStore,
};
use dayclear_core::{
    access::{Duty, Role},
    accounts::AccountState,
    command::Command,
    time::Instant,
};
use dayclear_ops::{
    access::{Entropy, Keys},
    desk::{self, DeskError, Doing, Given, Refusal, Report, Verdict},
    listing::Looker,
    minutes::Settings,
};
use dayclear_store::accounts::{Account, Held};
use std::sync::LazyLock;

static SETTINGS: LazyLock<Settings> = LazyLock::new(settings);
/// Keys of the codes of papers and doors.
pub static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::new(&Sevens).unwrap());

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(7);
        Ok(())
    }
}

/// Somebody on duty.
#[derive(Clone)]
pub struct Person {
    pub looker: Looker,
    pub now: Instant,
}

/// Somebody on duty in the evening of the example day.
pub fn person(account: &str, role: Role, division: &str, site: Option<&str>) -> Person {
    let duty = Duty { role, division: division.parse().unwrap(), site: site.map(str::to_owned) };
    let looker = Looker { account: account.to_owned(), duty, glass: Default::default() };
    Person { looker, now: at(DAY, "23:00") }
}

/// A moment as the engine writes it.
pub fn moment(store: &TestStore, at: Instant) -> String {
    match store.store.engine() {
        "sqlite" => at.micros().to_string(),
        _ => format!("timestamptz '{at}'"),
    }
}

/// The command post of the district in which most of the example happens.
pub fn district() -> Person {
    person("d1", Role::DistrictCommand, "500103", None)
}

pub fn dispatcher() -> Person {
    person("p1", Role::Dispatcher, "50", None)
}

pub fn city_command() -> Person {
    person("c1", Role::CityCommand, "50", None)
}

impl Person {
    pub fn at(&self, now: Instant) -> Person {
        Person { now, ..self.clone() }
    }

    pub fn doing<'a>(&'a self, key: Option<&'a str>) -> Doing<'a> {
        Doing {
            looker: &self.looker,
            now: self.now,
            stepped_up: true,
            packs: packs(),
            pack: "covid-19",
            settings: &SETTINGS,
            key,
            keys: Some(&KEYS),
        }
    }

    /// Does something under a key.
    pub async fn under(
        &self,
        store: &TestStore,
        key: Option<&str>,
        name: &str,
        keys: &[&str],
        given: &[(&str, &str)],
    ) -> Result<Report, DeskError> {
        let (on, verb) = name.split_once('.').unwrap();
        let command = Command::named(on, verb).unwrap_or_else(|| panic!("no command {name}"));
        let given: Given = given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let input = desk::read(command.fields, &given, &SETTINGS.zone)?;
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        desk::perform(&store.store, &self.doing(key), command, &keys, &input).await
    }

    pub async fn does(
        &self,
        store: &TestStore,
        name: &str,
        keys: &[&str],
        given: &[(&str, &str)],
    ) -> Result<Report, DeskError> {
        self.under(store, None, name, keys, given).await
    }

    /// What came of it, in a word: `done`, `same`, or how it was refused.
    pub async fn tries(&self, store: &TestStore, name: &str, keys: &[&str], given: &[(&str, &str)]) -> String {
        word(self.does(store, name, keys, given).await)
    }
}

/// An outcome in a word or two.
pub fn word(outcome: Result<Report, DeskError>) -> String {
    match outcome {
        Ok(report) => match report.verdicts.as_slice() {
            [] => format!("made {}", report.made.unwrap_or_default()),
            verdicts => verdicts.iter().map(|(_, verdict)| of_verdict(verdict)).collect::<Vec<_>>().join(" "),
        },
        Err(DeskError::Refused(refusal)) => of_refusal(&refusal),
        Err(DeskError::Trouble(trouble)) => panic!("{trouble}"),
    }
}

fn of_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done => "done".to_owned(),
        Verdict::Same => "same".to_owned(),
        Verdict::Refused(refusal) => of_refusal(refusal),
    }
}

fn of_refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown => "unknown".to_owned(),
        Refusal::NotYours { .. } => "not yours".to_owned(),
        Refusal::Taken { holder, .. } => format!("taken by {holder}"),
        Refusal::State { is, .. } => format!("is {is}"),
        Refusal::Invalid(faults) => {
            format!("invalid: {}", faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>().join(" "))
        }
        Refusal::Stale(fields) => {
            let said =
                fields.iter().map(|f| format!("{}={} by {}", f.field, f.current, f.by.as_deref().unwrap_or("?")));
            format!("stale: {}", said.collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

/// The example day, read and decided, and still open.
pub async fn evening(store: &TestStore) {
    let mut plan = plan(DAY);
    plan.keep_open = true;
    run(&store.store, &Files::example().write(store, DAY), &plan).await.unwrap();
    for (id, places) in
        [("w1", &["50"][..]), ("w2", &["500103", "500112016001"]), ("w3", &["500112"]), ("t1", &["500103"])]
    {
        works(store, id, places).await;
    }
}

/// An account with duties as a community worker.
async fn works(store: &TestStore, id: &str, places: &[&str]) {
    let since = at(DAY, "00:00");
    let account = Account {
        id: id.to_owned(),
        login: id.to_owned(),
        name: id.to_owned(),
        language: "en".to_owned(),
        division: "50".parse().unwrap(),
        password: None,
        password_until: None,
        otp_secret: None,
        otp_pending: None,
        state: AccountState::Active,
        subject: None,
        created_at: since,
        changed_at: since,
    };
    let mut tx = store.store.begin(&crate::city::city()).await.unwrap();
    tx.add_account(&account).await.unwrap();
    for place in places {
        let duty = Duty { role: Role::CommunityWorker, division: place.parse().unwrap(), site: None };
        let (id, account) = (format!("{id}-{place}"), id.to_owned());
        let held = Held { id, account, duty, granted_by: "admin".to_owned(), from: since, until: None };
        tx.add_duty(&held).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Signs the open day at the end of the example day, and has the checker look at the store.
pub async fn signs_and_holds(store: &TestStore, day: &str) {
    let signed = city_command().at(at("2022-11-20", "23:59")).tries(store, "days.sign", &[day], &[]).await;
    assert_eq!(signed, "done");
    holds(store).await;
}

/// The checker finds nothing wrong.
pub async fn holds(store: &TestStore) {
    let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
    let broken: Vec<_> = findings.iter().filter(|finding| !finding.holds).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// After a harm the named check of the independent checker breaks, and its words hold these.
pub async fn breaks(store: &TestStore, harm: &str, check: &str, said: &str) {
    store.sql(harm).await.unwrap();
    let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
    let found = findings.into_iter().find(|finding| finding.check == check).unwrap();
    assert!(!found.holds && found.detail.contains(said), "{harm}: {found:?}");
}
