//! Who carries parcels, the runs that are planned for them, and the stops of each run. It guarantees by constraints that a parcel is in one
//! open run only, that no run carries more than its carrier can or leaves its hours, and that what came of a stop is never changed.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
    welfare::{Means, NotCarried, Supply},
};

/// A vehicle or a person who carries parcels from a depot.
#[derive(Debug, Clone, PartialEq)]
pub struct Carrier {
    /// Id.
    pub carrier: String,
    /// How they move.
    pub means: Means,
    /// Parcels at once.
    pub capacity: i64,
    /// Start and end of the shift.
    pub shift: (Instant, Instant),
    /// Where they load: longitude, latitude; the seat of the division where the row does not say.
    pub place: Option<(f64, f64)>,
    /// Minutes on the way in the 24 hours and the seven days before the shift.
    pub before_min: (i64, i64),
    /// Digest of the row.
    pub digest: i64,
}

/// One number for the rows of carriers, in their order: another row, or another value in one, gives another.
pub fn told_of(carriers: &[Carrier]) -> i64 {
    const FACTOR: i64 = 0x0100_0000_01b3;
    carriers.iter().fold(0, |all: i64, one| all.wrapping_mul(FACTOR).wrapping_add(one.digest))
}

/// A parcel that is owed by a depot, with where its door is.
#[derive(Debug, Clone, PartialEq)]
pub struct Owed {
    /// Household.
    pub household: String,
    /// Day.
    pub day: CivilDate,
    /// Item.
    pub item: Supply,
    /// Community.
    pub division: DivisionCode,
    /// When nobody answered last, or the household said last that it has it not.
    pub missed_at: Option<Instant>,
    /// Building, and where it is.
    pub building: Option<(String, (f64, f64))>,
    /// When something was at that door last.
    pub last_at: Option<Instant>,
    /// The run that is to bring it and has not left.
    pub planned: Option<String>,
    /// Why the last plan left it, where no run carries it.
    pub not_carried: Option<NotCarried>,
}

impl Owed {
    /// Household, day and item.
    pub fn key(&self) -> (String, CivilDate, Supply) {
        (self.household.clone(), self.day, self.item)
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRun {
    /// Id.
    pub run: String,
    /// Depot.
    pub depot: String,
    /// Day of the books.
    pub day: CivilDate,
    /// Number among the runs of depot and day.
    pub no: i64,
    /// Smallest division in which all its doors lie.
    pub division: DivisionCode,
    /// Carrier.
    pub carrier: String,
    /// How they move.
    pub means: Means,
    /// Parcels that they carry at once.
    pub capacity: i64,
    /// Hours in which it has to take place.
    pub hours: (Instant, Instant),
    /// When loading begins.
    pub loads_at: Instant,
    /// When it leaves.
    pub leaves_at: Instant,
    /// When it is back.
    pub returns_at: Instant,
    /// When it left.
    pub left_at: Option<Instant>,
    /// When it was planned anew before it left.
    pub replanned_at: Option<Instant>,
}

/// A parcel of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryStop {
    /// Number on the way.
    pub no: i64,
    /// Household.
    pub household: String,
    /// Day of the parcel.
    pub day: CivilDate,
    /// Item.
    pub item: Supply,
    /// Community.
    pub division: DivisionCode,
    /// When it is expected at the door.
    pub expected_at: Instant,
}

/// What came of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopEnd {
    /// At the door.
    Delivered,
    /// Nobody took it: it is owed again.
    Missed,
    /// Nobody binds the household any more: it need not be brought.
    Free,
    /// Another plan took its place.
    Replanned,
}

impl StopEnd {
    fn name(self) -> &'static str {
        match self {
            StopEnd::Delivered => "delivered",
            StopEnd::Missed => "missed",
            StopEnd::Free => "free",
            StopEnd::Replanned => "replanned",
        }
    }
}

const RUN: &str = "select run, depot, day, no, division, carrier, means, capacity, hours_from, hours_until, loads_at, leaves_at, returns_at,
    left_at, replanned_at from delivery_runs";

fn run(row: &Record) -> Result<DeliveryRun, StoreError> {
    Ok(DeliveryRun {
        run: row.get(0)?,
        depot: row.get(1)?,
        day: row.get(2)?,
        no: row.get(3)?,
        division: row.term(4)?,
        carrier: row.get(5)?,
        means: row.term(6)?,
        capacity: row.get(7)?,
        hours: (row.get(8)?, row.get(9)?),
        loads_at: row.get(10)?,
        leaves_at: row.get(11)?,
        returns_at: row.get(12)?,
        left_at: row.get(13)?,
        replanned_at: row.get(14)?,
    })
}

impl Scoped {
    /// Carriers of a depot, in order of id.
    pub async fn carriers_of(&mut self, depot: &str) -> Result<Vec<Carrier>, StoreError> {
        let sql = "select c.carrier, c.means, c.capacity, c.\"from\", c.\"to\", coalesce(c.lon, d.lon), coalesce(c.lat, d.lat),
                coalesce(c.driven_24h_min, 0), coalesce(c.driven_7d_min, 0), c.digest
            from carriers c left join divisions d on d.code = c.division where c.depot = $1 order by c.carrier";
        let rows = self.rows(sql, &[depot.into()]).await?;
        rows.iter()
            .map(|row| {
                let place: (Option<f64>, Option<f64>) = (row.get(5)?, row.get(6)?);
                Ok(Carrier {
                    carrier: row.get(0)?,
                    means: row.term(1)?,
                    capacity: row.get(2)?,
                    shift: (row.get(3)?, row.get(4)?),
                    place: place.0.zip(place.1),
                    before_min: (row.get(7)?, row.get(8)?),
                    digest: row.get(9)?,
                })
            })
            .collect()
    }

    /// Divisions that a depot serves, in order.
    pub async fn depot_serves(&mut self, depot: &str) -> Result<Vec<DivisionCode>, StoreError> {
        let sql = "select distinct division from supplies where depot = $1 order by division";
        self.rows(sql, &[depot.into()]).await?.iter().map(|row| row.term(0)).collect()
    }

    /// Runs of a carrier that have left since a moment, in order of leaving: minutes on the way, when it left, and when it is back.
    pub async fn ways_of(&mut self, carrier: &str, since: Instant) -> Result<Vec<(i64, Instant, Instant)>, StoreError> {
        let sql = "select minutes, left_at, returns_at from delivery_runs where carrier = $1 and left_at >= $2 order by leaves_at, run";
        let rows = self.rows(sql, &[carrier.into(), since.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Parcels of a depot up to a day that are owed and that no run under way carries, in the order of a walk from door to door.
    pub async fn owed_by(&mut self, depot: &str, day: CivilDate) -> Result<Vec<Owed>, StoreError> {
        let sql = "select l.household, l.day, l.item, l.division, l.missed_at, b.building, b.lon, b.lat,
                (select max(o.delivered_at) from parcels o where o.household = l.household), s.run, n.reason
            from parcels l left join households h on h.household = l.household left join buildings b on b.building = h.building
                left join delivery_stops s on s.household = l.household and s.day = l.day and s.item = l.item and s.ended_at is null
                left join not_carried n on n.household = l.household and n.day = l.day and n.item = l.item
            where l.depot = $1 and l.day <= $2 and l.delivered_at is null and not exists (select 1 from delivery_runs r
                where r.run = s.run and r.left_at is not null)
            order by l.division, coalesce(b.walk, 0), coalesce(h.building, ''), coalesce(h.unit, ''), coalesce(h.floor, 0),
                coalesce(h.door, ''), l.household, l.day, l.item";
        let rows = self.rows(sql, &[depot.into(), day.into()]).await?;
        rows.iter()
            .map(|row| {
                let building: Option<String> = row.get(5)?;
                let place: (Option<f64>, Option<f64>) = (row.get(6)?, row.get(7)?);
                Ok(Owed {
                    household: row.get(0)?,
                    day: row.get(1)?,
                    item: row.term(2)?,
                    division: row.term(3)?,
                    missed_at: row.get(4)?,
                    building: building.zip(place.0.zip(place.1)),
                    last_at: row.get(8)?,
                    planned: row.get(9)?,
                    not_carried: row.maybe_term(10)?,
                })
            })
            .collect()
    }

    /// Takes back runs that have not left: their parcels wait for another plan.
    pub async fn take_back_runs(&mut self, runs: &[&str], at: Instant) -> Result<(), StoreError> {
        for run in runs {
            let sql =
                "update delivery_stops set ended_at = $2, outcome = 'replanned' where ended_at is null and run = $1";
            self.run(sql, &[(*run).into(), at.into()]).await?;
            let sql = "update delivery_runs set replanned_at = $2 where run = $1 and left_at is null and replanned_at is null";
            self.run(sql, &[(*run).into(), at.into()]).await?;
        }
        Ok(())
    }

    /// What the last plan of a depot left is planned for again.
    pub async fn forget_not_carried(&mut self, depot: &str) -> Result<u64, StoreError> {
        self.run("delete from not_carried where depot = $1", &[depot.into()]).await
    }

    /// Runs of a depot that have not left and have open doors or none, in order of id.
    pub async fn open_runs(&mut self, depot: &str) -> Result<Vec<DeliveryRun>, StoreError> {
        let sql = format!("{RUN} where depot = $1 and left_at is null and replanned_at is null
            and exists (select 1 from delivery_stops s where s.run = delivery_runs.run and s.ended_at is null) order by run");
        self.rows_text(sql.into(), &[depot.into()]).await?.iter().map(run).collect()
    }

    /// Depots whose runs of a day were planned, in order.
    pub async fn depots_planned(&mut self, day: CivilDate) -> Result<Vec<String>, StoreError> {
        let sql = "select distinct depot from delivery_runs where day = $1 order by depot";
        self.rows(sql, &[day.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Whether a parcel of a depot up to a day is owed that no run carries and no plan has looked at since a moment, with the carriers
    /// that there are ([`told_of`]).
    pub async fn waits_for_run(
        &mut self,
        depot: &str,
        day: CivilDate,
        (since, carriers): (Instant, i64),
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from parcels l where l.depot = $1 and l.day <= $2 and l.delivered_at is null
            and not exists (select 1 from delivery_stops s where s.household = l.household and s.day = l.day and s.item = l.item
                and s.ended_at is null)
            and not exists (select 1 from not_carried n where n.household = l.household and n.day = l.day and n.item = l.item
                and n.at > $3 and n.carriers = $4 and (l.missed_at is null or l.missed_at <= n.at)) limit 1";
        Ok(!self.rows(sql, &[depot.into(), day.into(), since.into(), carriers.into()]).await?.is_empty())
    }

    /// The greatest number of a run of a depot on a day.
    pub async fn last_run_no(&mut self, depot: &str, day: CivilDate) -> Result<i64, StoreError> {
        let sql = "select coalesce(max(no), 0) from delivery_runs where depot = $1 and day = $2";
        let rows = self.rows(sql, &[depot.into(), day.into()]).await?;
        rows.first().map_or(Ok(0), |row| row.get(0))
    }

    /// Plans a run with its stops; the constraints refuse a parcel that is in another open run.
    pub async fn plan_run(
        &mut self,
        run: &DeliveryRun,
        stops: &[DeliveryStop],
        (account, at): (&str, Instant),
    ) -> Result<(), StoreError> {
        let columns = [
            "run",
            "depot",
            "day",
            "no",
            "division",
            "carrier",
            "means",
            "capacity",
            "hours_from",
            "hours_until",
            "loads_at",
            "leaves_at",
            "returns_at",
            "minutes",
            "parcels",
            "planned_by",
            "planned_at",
        ];
        let values: [Value<'_>; 17] = [
            (&run.run).into(),
            (&run.depot).into(),
            run.day.into(),
            run.no.into(),
            (&run.division).into(),
            (&run.carrier).into(),
            run.means.name().into(),
            run.capacity.into(),
            run.hours.0.into(),
            run.hours.1.into(),
            run.loads_at.into(),
            run.leaves_at.into(),
            run.returns_at.into(),
            run.returns_at.minutes_since(run.leaves_at).into(),
            stops.len().into(),
            account.into(),
            at.into(),
        ];
        self.append("delivery_runs", &columns, &values).await?;
        for stop in stops {
            let sql = "insert into delivery_stops (run, no, household, day, item, division, expected_at) values ($1, $2, $3, $4, $5, $6, $7)";
            let values = [
                (&run.run).into(),
                stop.no.into(),
                (&stop.household).into(),
                stop.day.into(),
                stop.item.name().into(),
                (&stop.division).into(),
                stop.expected_at.into(),
            ];
            self.run(sql, &values).await?;
            let sql = "update parcels set run = $1 where household = $2 and day = $3 and item = $4";
            let values = [(&run.run).into(), (&stop.household).into(), stop.day.into(), stop.item.name().into()];
            self.run(sql, &values).await?;
        }
        Ok(())
    }

    /// Writes down that no run carries a parcel, and why.
    pub async fn not_carried(
        &mut self,
        (household, day, item): (&str, CivilDate, Supply),
        (depot, carriers): (&str, i64),
        (why, at): (NotCarried, Instant),
    ) -> Result<(), StoreError> {
        let sql = "insert into not_carried (household, day, item, depot, reason, at, carriers) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (household, day, item) do update
            set depot = excluded.depot, reason = excluded.reason, at = excluded.at, carriers = excluded.carriers";
        let item = item.name().into();
        let values = [household.into(), day.into(), item, depot.into(), why.name().into(), at.into(), carriers.into()];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Runs by id within the scope, in order of id.
    pub async fn delivery_runs(&mut self, ids: &[&str]) -> Result<Vec<DeliveryRun>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!("{RUN} where run in ({{keys}}) and {{scope:division}} order by run");
        self.rows_for_keys(&sql, &keys).await?.iter().map(run).collect()
    }

    /// The open stops of a run, in the order of the way.
    pub async fn open_stops(&mut self, run: &str) -> Result<Vec<DeliveryStop>, StoreError> {
        let sql = "select no, household, day, item, division, expected_at from delivery_stops where run = $1 and ended_at is null order by no";
        let rows = self.rows(sql, &[run.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(DeliveryStop {
                    no: row.get(0)?,
                    household: row.get(1)?,
                    day: row.get(2)?,
                    item: row.term(3)?,
                    division: row.term(4)?,
                    expected_at: row.get(5)?,
                })
            })
            .collect()
    }

    /// A run leaves; everything on its way comes so many minutes later than planned.
    pub async fn run_leaves(
        &mut self,
        run: &DeliveryRun,
        late_min: i64,
        (account, at): (&str, Instant),
    ) -> Result<(), StoreError> {
        if late_min > 0 {
            for stop in self.open_stops(&run.run).await? {
                let sql = "update delivery_stops set expected_at = $3 where run = $1 and no = $2";
                let expected = stop.expected_at.plus_minutes(late_min);
                self.run(sql, &[(&run.run).into(), stop.no.into(), expected.into()]).await?;
            }
        }
        let sql = "update delivery_runs set left_at = $2, left_by = $3, leaves_at = $4, returns_at = $5 where run = $1";
        let values = [
            (&run.run).into(),
            at.into(),
            account.into(),
            run.leaves_at.plus_minutes(late_min).into(),
            run.returns_at.plus_minutes(late_min).into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// What came of a parcel of an open run.
    pub async fn end_stop(
        &mut self,
        (household, day, item): (&str, CivilDate, Supply),
        how: StopEnd,
        at: Instant,
    ) -> Result<u64, StoreError> {
        let sql = "update delivery_stops set ended_at = $4, outcome = $5
            where household = $1 and day = $2 and item = $3 and ended_at is null";
        self.run(sql, &[household.into(), day.into(), item.name().into(), at.into(), how.name().into()]).await
    }

    /// Parcels that files say are at their doors end the stops of their runs.
    pub(crate) async fn end_delivered_stops(&mut self) -> Result<u64, StoreError> {
        let sql = "update delivery_stops set outcome = 'delivered', ended_at = (select p.delivered_at from parcels p
                where p.household = delivery_stops.household and p.day = delivery_stops.day and p.item = delivery_stops.item)
            where ended_at is null and exists (select 1 from parcels p where p.household = delivery_stops.household
                and p.day = delivery_stops.day and p.item = delivery_stops.item and p.delivered_at is not null)";
        self.run(sql, &[]).await
    }

    /// When the parcels of a household are expected at its door, by day and item.
    pub async fn expected_at(&mut self, household: &str) -> Result<Vec<(CivilDate, Supply, Instant)>, StoreError> {
        let sql = "select day, item, expected_at from delivery_stops where household = $1 and ended_at is null order by day, item";
        let rows = self.rows(sql, &[household.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get(2)?))).collect()
    }
}
