//! What the public asks and is told: requests followed by a secret of which only a hash is kept, areas by place, published
//! bulletins. Nothing here can be asked by a person's name.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{ZoneEnd, ZoneLevel},
    time::{CivilDate, Instant},
    urgent::Step,
    welfare::RequestKind,
};

/// A request as the person who made it may follow it.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Number.
    pub request: String,
    /// Kind.
    pub kind: RequestKind,
    /// When it came in.
    pub received_at: Instant,
    /// Deadline of the answer, while it waits.
    pub due_at: Option<Instant>,
    /// When the person confirmed the answer.
    pub answered_at: Option<Instant>,
    /// Whether somebody has taken it on.
    pub taken: bool,
    /// Whether an answer was given that the person has not confirmed yet.
    pub told: bool,
    /// How often it was opened again.
    pub reopened: i64,
    /// When somebody decided which help goes, where it is an emergency.
    pub decided_at: Option<Instant>,
    /// How the emergency ended.
    pub ended: Option<Step>,
}

/// A request as anybody is told of it: what it is about, in which place, and how it stands; no words, no door, nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenRequest {
    /// Number.
    pub request: String,
    /// Kind.
    pub kind: RequestKind,
    /// District.
    pub district: DivisionCode,
    /// When it came in.
    pub received_at: Instant,
    /// When the person confirmed the answer.
    pub answered_at: Option<Instant>,
    /// Deadline of the answer, while it waits.
    pub due_at: Option<Instant>,
    /// Whether an answer was given that the person has not confirmed.
    pub told: bool,
    /// How often it was opened again.
    pub reopened: i64,
}

/// What requests are read with, as anybody is told of them.
const OPEN_REQUEST: &str = "select q.request, q.kind, substr(q.division, 1, 6), q.received_at, q.answered_at, i.due_at,
        q.answer is not null, q.reopened
    from requests q left join items i on i.worklist = 'answer' and i.closed_at is null and i.subject = q.request
        || case when q.reopened > 0 then '/' || cast(q.reopened + 1 as text) else '' end";

fn open_request(row: &Record) -> Result<OpenRequest, StoreError> {
    Ok(OpenRequest {
        request: row.get(0)?,
        kind: row.term(1)?,
        district: row.term(2)?,
        received_at: row.get(3)?,
        answered_at: row.get(4)?,
        due_at: row.get(5)?,
        told: row.get(6)?,
        reopened: row.get(7)?,
    })
}

/// An area as the public is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicArea {
    /// Number of the area.
    pub id: String,
    /// Community.
    pub division: DivisionCode,
    /// Name of the division.
    pub division_name: String,
    /// Residential compound.
    pub compound: Option<String>,
    /// Building, as on the door.
    pub building: String,
    /// Unit, where the area is smaller than the building.
    pub unit: Option<String>,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// Risk.
    pub level: ZoneLevel,
    /// First day.
    pub opened_on: CivilDate,
    /// Day on which it ends by itself.
    pub ends_on: CivilDate,
    /// Day on which it was released.
    pub released_on: Option<CivilDate>,
    /// People it binds.
    pub people: i64,
    /// Whether it binds nobody until an appeal against it is decided.
    pub suspended: bool,
    /// How it ended, where that is known.
    pub ended: Option<ZoneEnd>,
    /// Clauses, inputs and version behind it, as JSON: it names cases, and only its rule is for the public.
    pub reason: String,
}

/// What areas are read with.
const AREA: &str =
    "select z.id, z.division, coalesce(d.name, ''), b.compound, coalesce(b.name, ''), z.unit, b.lon, b.lat,
        z.level, z.opened_on, z.ends_on, z.released_on, z.people, z.aside, z.ended_how, z.reason
    from zones z join buildings b on b.building = z.building left join divisions d on d.code = z.division";

fn area(row: &Record) -> Result<PublicArea, StoreError> {
    Ok(PublicArea {
        id: row.get(0)?,
        division: row.term(1)?,
        division_name: row.get(2)?,
        compound: row.get(3)?,
        building: row.get(4)?,
        unit: row.get(5)?,
        place: (row.get(6)?, row.get(7)?),
        level: row.term(8)?,
        opened_on: row.get(9)?,
        ends_on: row.get(10)?,
        released_on: row.get(11)?,
        people: row.get(12)?,
        suspended: row.get::<Option<String>>(13)?.is_some(),
        ended: row.maybe_term(14)?,
        reason: row.get(15)?,
    })
}

/// A published edition: day, edition, when it was published, what it corrects, and the figures as JSON.
pub type Published = (CivilDate, i64, Instant, Option<String>, String);

impl Scoped {
    /// Keeps the hash of the secret of a request, and how to reach the person.
    pub async fn seal_request(
        &mut self,
        request: &str,
        secret_hash: &str,
        contact: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "update requests set secret_hash = $2, contact = $3 where request = $1";
        self.run(sql, &[request.into(), secret_hash.into(), contact.into()]).await?;
        Ok(())
    }

    /// The request of a secret, by its hash: an index finds it or not, and a secret is compared with nothing else.
    pub async fn request_of_secret(&mut self, secret_hash: &str) -> Result<Option<Followed>, StoreError> {
        let sql = "select q.request, q.kind, q.received_at, i.due_at, q.answered_at,
                case when i.assignee is not null then 1 else 0 end, case when q.answer is not null then 1 else 0 end, q.reopened,
                k.decided_at, k.ended_how
            from requests q left join items i on i.worklist = 'answer' and i.closed_at is null and i.subject = q.request
                || case when q.reopened > 0 then '/' || cast(q.reopened + 1 as text) else '' end
            left join tickets k on k.ticket = q.request
                || case when q.reopened > 0 then '/' || cast(q.reopened + 1 as text) else '' end
            where q.secret_hash = $1";
        let sql = sql.replace("then 1 else 0", "then cast(1 as bigint) else cast(0 as bigint)");
        let row = self.rows_text(sql.into(), &[secret_hash.into()]).await?.into_iter().next();
        row.map(|row| {
            Ok(Followed {
                request: row.get(0)?,
                kind: row.term(1)?,
                received_at: row.get(2)?,
                due_at: row.get(3)?,
                answered_at: row.get(4)?,
                taken: row.get::<i64>(5)? == 1,
                told: row.get::<i64>(6)? == 1,
                reopened: row.get(7)?,
                decided_at: row.get(8)?,
                ended: row.maybe_term(9)?,
            })
        })
        .transpose()
    }

    /// Requests of some kinds that came in within a time, the latest first.
    pub async fn open_requests(
        &mut self,
        kinds: &[RequestKind],
        (from, until): (Instant, Instant),
        limit: i64,
    ) -> Result<Vec<OpenRequest>, StoreError> {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
        let sql = format!(
            "{OPEN_REQUEST} where q.received_at >= $1 and q.received_at < $2 and q.kind in ({})
             order by q.received_at desc, q.request desc limit $3",
            if kinds.is_empty() { "''".to_owned() } else { kinds.join(",") }
        );
        let rows = self.rows_text(sql.into(), &[from.into(), until.into(), limit.into()]).await?;
        rows.iter().map(open_request).collect()
    }

    /// A request by its number, which nobody can guess.
    pub async fn open_request(&mut self, number: &str) -> Result<Option<OpenRequest>, StoreError> {
        let sql = format!("{OPEN_REQUEST} where q.request = $1");
        self.rows_text(sql.into(), &[number.into()]).await?.first().map(open_request).transpose()
    }

    /// The division whose seat is nearest to a place, of those whose seat is known, and how far it is in degrees, squared. There are
    /// some thousand at most.
    pub async fn division_near(&mut self, lon: f64, lat: f64) -> Result<Option<(DivisionCode, f64)>, StoreError> {
        // a degree of longitude is shorter than one of latitude, by the cosine of the latitude
        let shrunk = lat.to_radians().cos().powi(2);
        let sql = "select code, (lon - $1) * (lon - $1) * $3 + (lat - $2) * (lat - $2) as far from divisions
                   where lon is not null and lat is not null and level in ('district', 'reporting_unit', 'township', 'community')
                   order by 2, length(code) desc, code limit 1";
        let row = self.row(sql, &[lon.into(), lat.into(), shrunk.into()]).await?;
        row.map(|row| Ok((row.term(0)?, row.get(1)?))).transpose()
    }

    /// Standing areas, but for those of one household, whose division, compound or building bears a text in its name, in order of place.
    pub async fn areas_named(&mut self, text: &str, limit: i64) -> Result<Vec<PublicArea>, StoreError> {
        let pattern = format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        let sql = format!(
            "{AREA} left join divisions e on e.code = substr(z.division, 1, 6)
            where z.released_on is null and z.household is null and (b.compound like $1 escape '!' or b.name like $1 escape '!'
                or d.name like $1 escape '!' or e.name like $1 escape '!')
            order by z.division, b.compound, b.name, z.unit, z.id limit $2"
        );
        self.rows_text(sql.into(), &[pattern.into(), limit.into()]).await?.iter().map(area).collect()
    }

    /// Areas, but for those of one household, that were released on a day or later and whose division, compound or building bears a text in
    /// its name, the last first.
    pub async fn areas_ended_named(
        &mut self,
        text: &str,
        since: CivilDate,
        limit: i64,
    ) -> Result<Vec<PublicArea>, StoreError> {
        let pattern = format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        let sql = format!(
            "{AREA} left join divisions e on e.code = substr(z.division, 1, 6)
            where z.released_on >= $2 and z.household is null and (b.compound like $1 escape '!' or b.name like $1 escape '!'
                or d.name like $1 escape '!' or e.name like $1 escape '!')
            order by z.released_on desc, z.id limit $3"
        );
        self.rows_text(sql.into(), &[pattern.into(), since.into(), limit.into()]).await?.iter().map(area).collect()
    }

    /// Areas that stand, or were released on a day or later, those that were opened last first; none of one household.
    pub async fn areas_since(&mut self, day: CivilDate, limit: i64) -> Result<Vec<PublicArea>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "{AREA} where z.household is null and (z.released_on is null or z.released_on >= $1) and z.division >= $2 and z.division < $3
            order by z.opened_on desc, z.id limit $4"
        );
        let rows = self.rows_text(sql.into(), &[day.into(), low.into(), high.into(), limit.into()]).await?;
        rows.iter().map(area).collect()
    }

    /// An area, whether it stands or not; none of one household.
    pub async fn area_of(&mut self, id: &str) -> Result<Option<PublicArea>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!("{AREA} where z.household is null and z.id = $1 and z.division >= $2 and z.division < $3");
        self.rows_text(sql.into(), &[id.into(), low.into(), high.into()]).await?.first().map(area).transpose()
    }

    /// What happened to areas, the first first: area, kind of event, when.
    pub async fn area_events(&mut self, areas: &[&str]) -> Result<Vec<(String, String, Instant)>, StoreError> {
        let keys: Vec<Value<'_>> = areas.iter().map(|id| (*id).into()).collect();
        let sql = "select subject, kind, at from events where subject in ({keys})
            and kind in ('zone.opened', 'zone.extended', 'zone.suspended', 'zone.taken_up', 'zone.released') order by seq";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Published editions, the latest first.
    pub async fn editions(&mut self, limit: i64) -> Result<Vec<Published>, StoreError> {
        let sql = "select day, edition, published_at, correction, body from bulletins where published_at is not null
                   order by day desc, edition desc limit $1";
        let rows = self.rows(sql, &[limit.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).collect()
    }

    /// A published edition of a day; the latest one where none is named.
    pub async fn edition(&mut self, day: CivilDate, edition: Option<i64>) -> Result<Option<Published>, StoreError> {
        let sql = "select day, edition, published_at, correction, body from bulletins
                   where published_at is not null and day = $1 and ($2 = 0 or edition = $2) order by edition desc limit 1";
        let values: [Value<'_>; 2] = [day.into(), edition.unwrap_or(0).into()];
        let row = self.row(sql, &values).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).transpose()
    }
}
