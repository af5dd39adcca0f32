//! Whom a round of key places is for, by name: who was due at which of its places, and by which rule. It guarantees that a person is in a
//! round once, that people who are one by now count as one, and that a plan goes with the people it was made for.

use crate::{Scoped, StoreError, plans::Dwelling, value::Value};
use dayclear_core::rounds::{Cover, Home};

/// Somebody whom a round is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Number.
    pub no: i64,
    /// Place at which they were due.
    pub place: String,
    /// Clause and inputs, as JSON.
    pub reason: String,
}

/// A place of a round, as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenAt {
    /// Place.
    pub place: String,
    /// Name.
    pub name: String,
    /// People who were due.
    pub people: i64,
    /// Clause and inputs for one of them, as JSON.
    pub reason: String,
}

fn numbers(people: &[i64]) -> Vec<Value<'_>> {
    people.iter().map(|no| (*no).into()).collect()
}

impl Scoped {
    /// Homes of some people, of those who are on the roster; in order of number.
    pub async fn homes_of(&mut self, people: &[i64]) -> Result<Vec<(i64, Home)>, StoreError> {
        let sql = "select p.no, b.division, b.building, h.unit, h.household, p.key_group
            from people p join households h on h.household = p.household join buildings b on b.building = h.building
            where p.registered and p.merged_into is null and p.no in ({keys}) order by p.no";
        let rows = self.rows_for_keys(sql, &numbers(people)).await?;
        rows.iter()
            .map(|row| {
                let home = Home {
                    division: row.term(1)?,
                    building: row.get(2)?,
                    unit: row.get(3)?,
                    household: row.get(4)?,
                    group: row.maybe_term(5)?,
                };
                Ok((row.get(0)?, home))
            })
            .collect()
    }

    /// Whom a round is for, as those who stand for them by now, with the place; in order of person.
    pub async fn people_of_round(&mut self, round: &str) -> Result<Vec<(i64, String)>, StoreError> {
        let sql =
            "select coalesce(a.merged_into, a.no), min(k.place) from round_people k join people a on a.no = k.person_no
            where k.round = $1 group by 1 order by 1";
        let rows = self.rows(sql, &[round.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Of these rounds those that are for one of these people by name, in order.
    pub async fn rounds_sharing(&mut self, people: &[i64], rounds: &[&str]) -> Result<Vec<String>, StoreError> {
        let sql = "select distinct k.round from round_people k join people a on a.no = k.person_no
            where coalesce(a.merged_into, a.no) in ({keys}) order by k.round";
        let rows = self.rows_for_keys(sql, &numbers(people)).await?;
        let all = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, _>>()?;
        Ok(all.into_iter().filter(|round| rounds.contains(&round.as_str())).collect())
    }

    /// Keeps whom a round is for, in place of what was worked out before. A plan for other people goes with them.
    pub async fn keep_round_people(&mut self, round: &str, people: &[Taken]) -> Result<(), StoreError> {
        let sql = "select person_no, place, reason from round_people where round = $1 order by person_no";
        let rows = self.rows(sql, &[round.into()]).await?;
        let read = |row: &crate::value::Record| Ok(Taken { no: row.get(0)?, place: row.get(1)?, reason: row.get(2)? });
        let before: Vec<Taken> = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
        if before == people {
            return Ok(());
        }
        for sql in [
            "delete from round_people where round = $1",
            "delete from round_calls where round = $1",
            "delete from round_sites where round = $1",
            "delete from round_plans where round = $1",
        ] {
            self.run(sql, &[round.into()]).await?;
        }
        let mut values: Vec<Value<'_>> = Vec::with_capacity(people.len() * 4);
        for one in people {
            values.extend([round.into(), one.no.into(), one.place.as_str().into(), one.reason.as_str().into()]);
        }
        self.append("round_people", &["round", "person_no", "place", "reason"], &values).await
    }

    /// The places of a round with how many were due there and by which rule, in order.
    pub async fn places_of_round(&mut self, round: &str) -> Result<Vec<TakenAt>, StoreError> {
        let sql = "select k.place, coalesce(x.name, k.place), count(*), min(k.reason) from round_people k
            left join places x on x.place = k.place where k.round = $1 group by 1, 2 order by 1";
        let rows = self.rows(sql, &[round.into()]).await?;
        let read = |row: &crate::value::Record| {
            Ok(TakenAt { place: row.get(0)?, name: row.get(1)?, people: row.get(2)?, reason: row.get(3)? })
        };
        rows.iter().map(read).collect()
    }

    /// The places of a round as a planner sees buildings: each where it stands, else in the middle of its division or of its people's homes.
    pub async fn round_dwellings(&mut self, round: &str) -> Result<Vec<Dwelling>, StoreError> {
        let sql = "select k.place, x.division, coalesce(x.lon, d.lon, avg(b.lon)), coalesce(x.lat, d.lat, avg(b.lat)), count(*),
                count(distinct h.household)
            from round_people k join places x on x.place = k.place left join divisions d on d.code = x.division
                join people a on a.no = k.person_no join people p on p.no = coalesce(a.merged_into, a.no)
                join households h on h.household = p.household join buildings b on b.building = h.building
            where k.round = $1 group by k.place, x.division, x.lon, x.lat, d.lon, d.lat order by k.place";
        let rows = self.rows(sql, &[round.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Dwelling {
                    building: row.get(0)?,
                    division: row.get(1)?,
                    place: (row.get(2)?, row.get(3)?),
                    people: row.get(4)?,
                    households: row.get(5)?,
                    floors: None,
                    area: None,
                })
            })
            .collect()
    }

    /// Keeps where a closed round stood with the people of its places.
    pub async fn keep_round_places(&mut self, round: &str, counts: &[(String, Cover, u64)]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = counts
            .iter()
            .flat_map(|(place, cover, n)| [round.into(), place.as_str().into(), cover.name().into(), (*n).into()])
            .collect();
        self.append("round_place_counts", &["round", "place", "state", "people"], &values).await
    }

    /// Where a closed round stood with the people of its places, in order.
    pub async fn round_place_counts(&mut self, round: &str) -> Result<Vec<(String, Cover, u64)>, StoreError> {
        let sql = "select place, state, people from round_place_counts where round = $1 order by place, state";
        let rows = self.rows(sql, &[round.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get::<i64>(2)? as u64))).collect()
    }

    /// Key places of a division at which somebody is due, in order; so many at most.
    pub async fn places_due(&mut self, division: &str, most: i64) -> Result<Vec<String>, StoreError> {
        let sql =
            "select place from place_standing where division >= $1 and division < $1 || '~' and due_today + overdue > 0
            order by place limit $2";
        let rows = self.rows(sql, &[division.into(), most.into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}
