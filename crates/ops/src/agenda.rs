//! Whom the line looks at: what was told since its last pass, and everybody whom it may concern. Who takes something into the
//! store notes it here in the same transaction; a pass over a city then costs what happened, and not what there is.

use crate::{
    OpsError, areas,
    evidence::Named,
    minutes::{Day, Focus},
    same::Same,
};
use dayclear_core::{
    schema::Table,
    screening::Finding,
    time::{CivilDate, Instant},
};
use dayclear_store::{Scoped, agenda::Told, landing::Numbered, roster::Resident};
use std::collections::BTreeSet;

/// Names that are kept at most; beyond that the line looks at everything.
const NAMES_MAX: usize = 20_000;
/// All who wait are planned for at least so often, though no means have changed: shifts begin, and vehicles come back.
const WAITING_LOOKED_AT_MIN: i64 = 2;
/// The one name of everything.
const ALL: &str = "everything";

/// Whom rows of a table tell of.
enum Tells {
    /// Names, by the columns that hold them.
    Names(&'static [(&'static str, Told)]),
    /// All who wait: beds, vehicles, crews. They are planned for again when shifts begin ([`WAITING_LOOKED_AT_MIN`]).
    Means,
    /// Places where somebody may have been.
    Places,
    /// Travellers at gates.
    Travellers,
    /// Nobody: places tell nothing of anybody, lists of other days are not looked at, and rounds begin by their own clock.
    Nobody,
}

impl Tells {
    fn of(table: &'static Table) -> Tells {
        Tells::Names(match table.name {
            "tubes" | "results" => &[("tube", Told::Tube)],
            "members" => &[("tube", Told::Tube), ("person", Told::Person)],
            "people" | "assessments" | "visits" | "handovers" | "statements" | "follow_ups" => {
                &[("person", Told::Person)]
            }
            "contacts" => &[("case_person", Told::Person), ("person", Told::Person)],
            "answers" => &[("case_person", Told::Person)],
            "packings" | "box_checks" => &[("tube", Told::Tube), ("box", Told::Box)],
            "box_moves" => &[("box", Told::Box)],
            "households" | "deliveries" => &[("household", Told::Household)],
            "requests" => &[("request", Told::Request)],
            "facilities" | "beds" | "vehicles" | "crews" => return Tells::Means,
            "places" => return Tells::Places,
            "arrivals" => return Tells::Travellers,
            _ => return Tells::Nobody,
        })
    }
}

/// Rows were taken: what they name is looked at by the next pass, and as long as what they tell of lies ahead.
pub(crate) async fn took(tx: &mut Scoped, day: &Day<'_>, table: &'static Table, named: &Named) -> Result<(), OpsError> {
    match Tells::of(table) {
        Tells::Names(told) => {
            let ahead = ahead(tx, day, table).await?;
            for (column, what) in told {
                note(tx, *what, &named.of(column), ahead).await?;
            }
            Ok(())
        }
        Tells::Means => means(tx).await,
        Tells::Places => Ok(tx.tell_places(&named.of("place")).await?),
        Tells::Travellers => Ok(tx.tell_landings(&travellers(named)).await?),
        Tells::Nobody => Ok(()),
    }
}

/// Gate, day and ticket of rows of arrivals, which their keys begin with.
fn travellers(named: &Named) -> Vec<(String, CivilDate, String)> {
    let of = |key: &String| {
        let mut parts = key.split('|');
        let (gate, day, ticket) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        Some((gate.to_owned(), day, ticket.to_owned()))
    };
    named.keys.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Rows were taken, and what follows from them at once was done: of swabs, the next pass looks at those on which something hangs, and
/// at the `telling` tubes, and not at a whole city that is sampled.
pub(crate) async fn followed(
    tx: &mut Scoped,
    day: &Day<'_>,
    table: &'static Table,
    named: &Named,
    telling: &[String],
) -> Result<(), OpsError> {
    let swabs = matches!(table.name, "tubes" | "members" | "results");
    if !swabs {
        return took(tx, day, table, named).await;
    }
    let tubes = named.of("tube");
    tx.tell_places_of_tubes(&tubes).await?;
    tx.tell_landings_of_tubes(&tubes).await?;
    if let Some(until) = ahead(tx, day, table).await? {
        let later = tx.tubes_ahead(day.end, &tubes).await?;
        note(tx, Told::Tube, &later.iter().map(String::as_str).collect::<Vec<_>>(), Some(until)).await?;
    }
    let (mut names, mut people) = (BTreeSet::new(), BTreeSet::new());
    for (tube, person) in tx.at_stake(&tubes).await? {
        names.insert(tube);
        people.insert(person);
    }
    names.extend(telling.iter().cloned());
    note(tx, Told::Tube, &names.iter().map(String::as_str).collect::<Vec<_>>(), None).await?;
    note(tx, Told::Person, &people.iter().map(String::as_str).collect::<Vec<_>>(), None).await
}

/// Rows of a whole file were taken: everything is looked at, and again as long as what they tell of people lies ahead. The shifts of
/// crews and the hours of rounds lie ahead all day: everything would be looked at in every pass for them.
pub(crate) async fn took_file(tx: &mut Scoped, day: &Day<'_>, table: &'static Table) -> Result<(), OpsError> {
    let ahead = match Tells::of(table) {
        Tells::Means | Tells::Nobody => None,
        Tells::Names(_) | Tells::Places | Tells::Travellers => ahead(tx, day, table).await?,
    };
    Ok(tx.note(Told::Everything, &[ALL], ahead).await?)
}

/// Until when a table tells of what lies ahead; at the end of the day everything is looked at again.
async fn ahead(tx: &mut Scoped, day: &Day<'_>, table: &'static Table) -> Result<Option<Instant>, OpsError> {
    // where a day comes as files nobody knows what time it is
    let whole = day.end == day.until;
    let day_after = day.zone.start_of(day.zone.day(day.end).plus_days(1));
    Ok(tx.latest_told(table.name).await?.filter(|at| whole || *at > day.end).map(|at| at.min(day_after)))
}

/// Somebody acted on records of a list: the people whom they are about are looked at.
pub(crate) async fn acted_on(tx: &mut Scoped, list: &str, keys: &[&str]) -> Result<(), OpsError> {
    let people = tx.people_behind(list, keys).await?;
    decided(tx, &people.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Something was decided of people.
pub(crate) async fn decided(tx: &mut Scoped, people: &[&str]) -> Result<(), OpsError> {
    note(tx, Told::Person, people, None).await
}

/// Something was decided of households.
pub(crate) async fn enclosed(tx: &mut Scoped, households: &[&str]) -> Result<(), OpsError> {
    note(tx, Told::Household, households, None).await
}

/// Beds, vehicles or crews have changed: all who wait are planned for again.
pub(crate) async fn means(tx: &mut Scoped) -> Result<(), OpsError> {
    Ok(tx.note(Told::Means, &[ALL], None).await?)
}

/// A day has begun: orders lapse, tests are due, what is brought to the door is owed anew.
pub(crate) async fn new_day(tx: &mut Scoped) -> Result<(), OpsError> {
    Ok(tx.note(Told::Day, &[ALL], None).await?)
}

/// Other rules are in force, or nobody has looked yet.
pub(crate) async fn everything(tx: &mut Scoped) -> Result<(), OpsError> {
    Ok(tx.note(Told::Everything, &[ALL], None).await?)
}

async fn note(tx: &mut Scoped, what: Told, names: &[&str], until: Option<Instant>) -> Result<(), OpsError> {
    if names.len() > NAMES_MAX {
        return Ok(tx.note(Told::Everything, &[ALL], until).await?);
    }
    Ok(tx.note(what, names, until).await?)
}

/// What one batch of a pass looks at. Nobody who writes waits longer for a station than it takes for a batch.
pub struct Batch {
    pass: i64,
    /// The number of the first batch of its pass: what is noted since is for the next pass.
    first: i64,
    /// `None`: everything.
    names: Option<Vec<(Told, String)>>,
    /// Of these something lies ahead: they come last, and stay on the agenda.
    ahead: Vec<(Told, String)>,
    /// Nothing is left of its pass after it.
    closing: bool,
}

impl Batch {
    /// A pass begins: the names that were noted first, so many of them.
    pub async fn first(tx: &mut Scoped, day: &Day<'_>, some: usize) -> Result<Batch, OpsError> {
        let pass = tx.begin_pass().await?;
        let Some(mut ahead) = tx.told_ahead(day.end, NAMES_MAX).await? else {
            return Ok(Batch { pass, first: pass, names: None, ahead: Vec::new(), closing: true });
        };
        let mut names = tx.first_told(day.end, some).await?;
        match &mut names {
            Some(names) if names.is_empty() => *names = some_of(&mut ahead, some),
            Some(_) => {}
            None => ahead.clear(),
        }
        let closing = is_last(names.as_deref(), &ahead, some);
        Ok(Batch { pass, first: pass, names, ahead, closing })
    }

    /// What is left of its pass, so many names, and none where it is only closed; `None`: it is through.
    pub async fn next(mut self, tx: &mut Scoped, day: &Day<'_>, some: usize) -> Result<Option<Batch>, OpsError> {
        let names = if tx.is_left(self.first, day.end).await? {
            tx.first_told(day.end, some).await?
        } else if !self.ahead.is_empty() {
            Some(some_of(&mut self.ahead, some))
        } else if !self.closing {
            Some(Vec::new())
        } else {
            return Ok(None);
        };
        let closing = is_last(names.as_deref(), &self.ahead, some);
        Ok(Some(Batch { pass: tx.begin_pass().await?, names, closing, ..self }))
    }

    /// Its number: what is noted since is of a later one.
    pub fn pass(&self) -> i64 {
        self.pass
    }

    /// Whom to look at: its names, and what was noted since, because what a station decides is for those after it; `None`: everything.
    pub async fn focus(&self, tx: &mut Scoped, day: &Day<'_>) -> Result<Option<Focus>, OpsError> {
        let (Some(names), Some(since)) = (&self.names, tx.told_since(self.pass, NAMES_MAX).await?) else {
            return Ok(None);
        };
        let names: BTreeSet<&(Told, String)> = names.iter().chain(&since).collect();
        let focus = on(tx, day, &names.into_iter().cloned().collect::<Vec<_>>()).await?;
        Ok(Some(Focus { closing: self.closing, ..focus }))
    }

    /// It has been looked at: it is struck, but for what was noted since and what lies ahead.
    pub async fn end(&self, tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
        Ok(tx.strike(self.pass, day.end, self.names.as_deref()).await?)
    }
}

/// Whether a batch that might have taken so many names takes all that are left.
fn is_last(names: Option<&[(Told, String)]>, ahead: &[(Told, String)], some: usize) -> bool {
    names.is_none_or(|names| names.len() < some && ahead.is_empty())
}

fn some_of(ahead: &mut Vec<(Told, String)>, some: usize) -> Vec<(Told, String)> {
    ahead.split_off(ahead.len().saturating_sub(some))
}

/// All that the line is to look at as of now; `None`: everything.
pub async fn focus(tx: &mut Scoped, day: &Day<'_>) -> Result<Option<Focus>, OpsError> {
    let Some(agenda) = tx.agenda(NAMES_MAX).await? else { return Ok(None) };
    on(tx, day, &agenda).await.map(Some)
}

/// Whom names of the agenda concern.
///
/// Beside the people named: those who live with them, those whom they care for (R12), and the members of tubes that say
/// something of anybody. On a new day all who are bound, are cases or on their way, and every area.
async fn on(tx: &mut Scoped, day: &Day<'_>, agenda: &[(Told, String)]) -> Result<Focus, OpsError> {
    let of = |what| agenda.iter().filter(|(told, _)| *told == what).map(|(_, name)| name.as_str()).collect::<Vec<_>>();
    let tubes = tx.numbers_of(Numbered::Tubes, &of(Told::Tube)).await?;
    let mut focus = Focus { tubes: tubes.into_values().map(|(no, ..)| no).collect(), ..Focus::default() };
    focus.boxes = of(Told::Box).into_iter().map(str::to_owned).collect();
    focus.tubes.extend(tx.tubes_of_boxes(&of(Told::Box)).await?);
    focus.tubes.sort_unstable();
    focus.tubes.dedup();
    focus.sampled = tx.members_of(&focus.tubes).await?;
    focus.requests = of(Told::Request).into_iter().map(str::to_owned).collect();
    let mut people: BTreeSet<i64> = concerned(tx, day, &focus.tubes).await?.people;
    let mut households: BTreeSet<String> = of(Told::Household).into_iter().map(str::to_owned).collect();
    // who is the same person is looked at with whoever was told of
    let told = tx.same_people(&of(Told::Person)).await?;
    let named = tx.people_by_id(&told.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let names: Vec<&str> = named.iter().map(|person| person.person.as_str()).collect();
    let cared_for = tx.cared_for_by(&names).await?;
    let cared_for: Vec<&str> = cared_for.iter().map(String::as_str).collect();
    let cared_for = tx.people_by_id(&cared_for).await?;
    let mut take = |person: &Resident| {
        people.insert(person.no);
        households.extend(person.household.clone());
    };
    named.iter().chain(&cared_for).for_each(&mut take);
    let homes: Vec<&str> = households.iter().map(String::as_str).collect();
    people.extend(tx.people_of_households(&homes).await?.iter().map(|person| person.no));
    let planned = tx.planned_at().await?;
    focus.waiting =
        !of(Told::Means).is_empty() || planned.is_none_or(|at| day.end.minutes_since(at) >= WAITING_LOOKED_AT_MIN);
    if !of(Told::Day).is_empty() {
        focus.waiting = true;
        focus.day = true;
        people.extend(tx.people_of_the_day().await?);
        let mut zones = tx.zones_since(day.date).await?;
        zones.retain(|zone| zone.released_on.is_none());
        households.extend(areas::households(tx, &zones).await?);
    }
    focus.people = with_the_same(tx, people).await?.into_iter().collect();
    focus.households = households.into_iter().collect();
    Ok(focus)
}

/// These people, and all who are read as one of them or they as whom.
pub(crate) async fn with_the_same(tx: &mut Scoped, people: BTreeSet<i64>) -> Result<BTreeSet<i64>, OpsError> {
    let numbers: Vec<i64> = people.iter().copied().collect();
    Ok(Same::among(tx, &numbers).await?.whole(people))
}

/// Whom tubes concern.
pub(crate) struct Concerned {
    /// Members of whom they say something, and all who are the same people.
    pub people: BTreeSet<i64>,
    /// Whether any tube is not negative.
    pub unclear: bool,
    /// Bar codes of those that say something.
    pub telling: Vec<String>,
}

/// Members of whom tubes say something: a negative pool has no consequence but for who waits for a result that is believed.
pub(crate) async fn concerned(tx: &mut Scoped, day: &Day<'_>, tubes: &[i64]) -> Result<Concerned, OpsError> {
    let (mut people, mut unclear, mut telling) = (BTreeSet::new(), false, Vec::new());
    for tube in tx.telling_tubes(day.end, tubes).await? {
        unclear |= tube.finding != Finding::Negative;
        people.extend(tube.members);
        telling.push(tube.tube);
    }
    // a negative pool has a consequence for whoever was asked to be sampled again
    people.extend(tx.sampled_in_vain(tubes).await?);
    Ok(Concerned { people: with_the_same(tx, people).await?, unclear, telling })
}
