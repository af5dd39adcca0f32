//! Key places: who belongs to them by the lists of their employers and schools, what is known of these people, and how their tests stand.
//! It guarantees that a place is kept as a whole: what was known of it before is replaced in one transaction.

use crate::{
    Scoped, StoreError,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    obligations::{PlaceKind, PlaceState},
    roster::{KeyGroup, Presence},
    time::{CivilDate, Instant},
};

/// A key place.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Id.
    pub place: String,
    /// Kind.
    pub kind: PlaceKind,
    /// Name.
    pub name: String,
    /// Division that it stands in.
    pub division: DivisionCode,
    /// Group that it names.
    pub key_group: Option<KeyGroup>,
    /// Longitude and latitude.
    pub at: Option<(f64, f64)>,
}

/// An entry of the list of a place, as it holds on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnRoll {
    /// Place.
    pub place: String,
    /// When the list named the entry first.
    pub since: Instant,
    /// From when the person belongs to it, as the list says.
    pub from: Option<CivilDate>,
    /// Who they are on the roster: number, id, household, and whether they are there; none where nobody knows.
    pub person: Option<(i64, String, Option<String>, Presence)>,
}

/// How a place stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Place.
    pub place: String,
    /// Division that it stands in.
    pub division: DivisionCode,
    /// State of its tests.
    pub state: PlaceState,
    /// On its list; found on the roster; not found there; of those found, who said why they are not tested.
    pub people: [i64; 4],
    /// Tested today, due today, overdue, days for which the longest has been due.
    pub tests: [i64; 4],
    /// Whether its cases are a cluster.
    pub cluster: bool,
    /// Cases, their households, people who told of symptoms.
    pub found: [i64; 3],
    /// Cases expected, and how likely chance brings as many.
    pub expected: Option<(f64, f64)>,
    /// How often chance gives as dense a cluster of places and days.
    pub scan: Option<f64>,
}

/// Somebody who is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// Place.
    pub place: String,
    /// Person.
    pub person_no: i64,
    /// Division of the place.
    pub division: DivisionCode,
    /// Since when.
    pub due_on: CivilDate,
    /// Days that have passed since.
    pub late_days: i64,
    /// Clause and inputs, as JSON.
    pub reason: String,
}

fn place(row: &Record) -> Result<Place, StoreError> {
    Ok(Place {
        place: row.get(0)?,
        kind: row.term(1)?,
        name: row.get(2)?,
        division: row.term(3)?,
        key_group: row.maybe_term(4)?,
        at: row.get::<Option<f64>>(5)?.zip(row.get(6)?),
    })
}

const PLACE: &str = "select place, kind, name, division, key_group, lon, lat from places";

fn keys<'k>(names: &'k [&str]) -> Vec<Value<'k>> {
    names.iter().map(|name| (*name).into()).collect()
}

impl Scoped {
    /// Shifts of some workers, or of all, with the kind and division of their place: worker, beginning, end, place, kind.
    pub async fn shifts_of(
        &mut self,
        workers: Option<&[&str]>,
    ) -> Result<Vec<(String, Instant, Instant, String, PlaceKind)>, StoreError> {
        let sql =
            "select s.worker, s.\"from\", s.\"to\", s.site, p.kind from shifts s join places p on p.place = s.site";
        let rows = match workers {
            Some(workers) => {
                let sql = format!("{sql} where s.worker in ({{keys}}) order by s.worker, s.\"from\"");
                self.rows_for_keys(&sql, &keys(workers)).await?
            }
            None => self.rows_text(format!("{sql} order by s.worker, s.\"from\"").into(), &[]).await?,
        };
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.term(4)?))).collect()
    }

    /// Every key place, in order.
    pub async fn key_places(&mut self) -> Result<Vec<Place>, StoreError> {
        self.rows_text(format!("{PLACE} order by place").into(), &[]).await?.iter().map(place).collect()
    }

    /// Key places by id, in order.
    pub async fn key_places_named(&mut self, names: &[&str]) -> Result<Vec<Place>, StoreError> {
        let sql = format!("{PLACE} where place in ({{keys}}) order by place");
        self.rows_for_keys(&sql, &keys(names)).await?.iter().map(place).collect()
    }

    /// Whether there is a key place at all.
    pub async fn has_places(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::Place).await
    }

    /// Something was told of places by id; of one that is none, nothing is kept.
    pub async fn tell_places(&mut self, names: &[&str]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = keys(names);
        self.append_new("places_told", &["place"], &values).await?;
        Ok(())
    }

    /// Somebody with a swab in these tubes belongs to places: they are looked at again.
    pub async fn tell_places_of_tubes(&mut self, tubes: &[&str]) -> Result<(), StoreError> {
        if tubes.is_empty() || !self.has_places().await? {
            return Ok(());
        }
        let sql = "select distinct l.list from tubes t join members m on m.tube_no = t.no
            join listed_links k on k.person_no = m.person_no and k.linked = 'same' join listed l on l.key = k.listed
            join places p on p.place = l.list where t.tube in ({keys}) order by l.list";
        let rows = self.rows_for_keys(sql, &keys(tubes)).await?;
        let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        self.tell_places(&found.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// Entries of lists were compared with the roster: the places of whose lists they are are looked at again.
    pub async fn tell_places_of_entries(&mut self, entries: &[&str]) -> Result<(), StoreError> {
        if entries.is_empty() || !self.has_places().await? {
            return Ok(());
        }
        let sql = "select distinct l.list from listed l join places p on p.place = l.list where l.key in ({keys}) order by l.list";
        let rows = self.rows_for_keys(sql, &keys(entries)).await?;
        let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        self.tell_places(&found.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// Places to which some people belong, in order.
    pub async fn places_of(&mut self, people: &[i64]) -> Result<Vec<String>, StoreError> {
        let numbers: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select distinct l.list from listed_links k join listed l on l.key = k.listed join places p on p.place = l.list
            where k.linked = 'same' and k.person_no in ({keys}) order by l.list";
        self.rows_for_keys(sql, &numbers).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Places of which something was told, or that nobody has looked at; in order. They are told of no more.
    pub async fn take_places_told(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "select place from places_told union
            select p.place from places p where not exists (select 1 from place_standing s where s.place = p.place) order by 1";
        let told: Vec<String> = self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        if !told.is_empty() {
            self.run("delete from places_told", &[]).await?;
        }
        Ok(told)
    }

    /// The lists of some places as they hold on a day: of each entry its latest row, if it belongs then.
    pub async fn rolls(&mut self, places: &[&str], day: CivilDate) -> Result<Vec<OnRoll>, StoreError> {
        let sql = "select l.list, l.\"from\", w.no, w.person, w.household, w.presence,
                (select min(f.as_of) from listed f where f.source = l.source and f.list = l.list and f.entry = l.entry)
            from listed l left join listed_links k on k.listed = l.key and k.linked = 'same'
            left join people p on p.no = k.person_no left join people w on w.no = coalesce(p.merged_into, p.no)
            where l.list in ({keys}) and (l.\"from\" is null or l.\"from\" <= $1) and (l.\"until\" is null or l.\"until\" >= $1)
                and not exists (select 1 from listed n where n.source = l.source and n.list = l.list and n.entry = l.entry
                    and n.as_of > l.as_of)
            order by l.list, l.source, l.entry";
        let rows = self.rows_of_keys(sql, &[day.into()], &keys(places)).await?;
        rows.iter()
            .map(|row| {
                let who: (Option<i64>, Option<String>) = (row.get(2)?, row.get(3)?);
                let household: Option<String> = row.get(4)?;
                let presence = row.maybe_term(5)?.unwrap_or(Presence::Unknown);
                Ok(OnRoll {
                    place: row.get(0)?,
                    from: row.get(1)?,
                    since: row.get(6)?,
                    person: who.0.zip(who.1).map(|(no, person)| (no, person, household, presence)),
                })
            })
            .collect()
    }

    /// Cases of some people that were found between two moments: number and when. Cases that were withdrawn or set aside are none.
    pub async fn found_among(
        &mut self,
        people: &[i64],
        (since, until): (Instant, Instant),
    ) -> Result<Vec<(i64, Instant)>, StoreError> {
        let numbers: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select coalesce(p.merged_into, p.no), c.found_at from cases c join people p on p.no = c.person_no
            where c.found_at >= $1 and c.found_at <= $2 and c.aside is null and coalesce(c.outcome, '') <> 'withdrawn'
                and p.no in ({keys}) order by c.found_at, p.no";
        let rows = self.rows_of_keys(sql, &[since.into(), until.into()], &numbers).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Which of some people told of symptoms between two moments.
    pub async fn symptomatic_among(
        &mut self,
        people: &[i64],
        (since, until): (Instant, Instant),
    ) -> Result<Vec<i64>, StoreError> {
        let numbers: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select distinct p.no from people p join follow_ups f on f.person = p.person
            where f.symptoms = 'yes' and f.at >= $1 and f.at <= $2 and p.no in ({keys}) order by p.no";
        let rows = self.rows_of_keys(sql, &[since.into(), until.into()], &numbers).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Cases of the city that were found between two moments, and its people as the roster was counted last.
    pub async fn found_of_all(&mut self, (since, until): (Instant, Instant)) -> Result<(i64, i64), StoreError> {
        let cases = "select count(*) from cases where found_at >= $1 and found_at <= $2 and aside is null
            and coalesce(outcome, '') <> 'withdrawn'";
        let found = self.row(cases, &[since.into(), until.into()]).await?.map_or(Ok(0), |row| row.get(0))?;
        let people = "select cast(coalesce(sum(people), 0) as bigint) from roster_figures";
        Ok((found, self.row(people, &[]).await?.map_or(Ok(0), |row| row.get(0))?))
    }

    /// Keeps how places stand, in place of what was kept of them.
    pub async fn keep_places(
        &mut self,
        standings: &[Standing],
        due: &[DueRow],
        (day, at): (CivilDate, Instant),
    ) -> Result<(), StoreError> {
        let names: Vec<Value<'_>> = standings.iter().map(|standing| (&standing.place).into()).collect();
        self.run_for_keys("delete from place_standing where place in ({keys})", &[], &names).await?;
        self.run_for_keys("delete from place_due where place in ({keys})", &[], &names).await?;
        let columns = [
            "place",
            "division",
            "day",
            "state",
            "on_roll",
            "found",
            "not_found",
            "excused",
            "tested_today",
            "due_today",
            "overdue",
            "late_days",
            "cluster",
            "cases",
            "households",
            "symptomatic",
            "expected",
            "chance",
            "scan_chance",
            "looked_at",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(standings.len() * columns.len());
        for s in standings {
            values.extend([(&s.place).into(), (&s.division).into(), day.into(), s.state.name().into()]);
            values.extend(s.people.iter().chain(&s.tests).map(|n| Value::from(*n)));
            values.push(s.cluster.into());
            values.extend(s.found.iter().map(|n| Value::from(*n)));
            values.extend([s.expected.map(|(mu, _)| mu).into(), s.expected.map(|(_, p)| p).into()]);
            values.extend([s.scan.into(), at.into()]);
        }
        self.append("place_standing", &columns, &values).await?;
        let columns = ["place", "person_no", "division", "due_on", "late_days", "reason"];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(due.len() * columns.len());
        for row in due {
            values.extend([
                (&row.place).into(),
                row.person_no.into(),
                (&row.division).into(),
                row.due_on.into(),
                row.late_days.into(),
                (&row.reason).into(),
            ]);
        }
        self.append("place_due", &columns, &values).await
    }
}
