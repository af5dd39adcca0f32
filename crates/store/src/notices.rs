//! Papers that people are owed, and what was done with them. It guarantees that a paper is made once for what it tells, that its steps are
//! never changed, and that whoever has one keeps it. What a paper says is read from the order or the appeal that it is about.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{AppealOn, AppealState, NoticeKind, NoticeState, NoticeWay, OrderKind, OrderState, ZoneLevel},
    roster::{Language, Need},
    time::{CivilDate, Instant},
    transfer::{Outside, TransferState},
};
use std::collections::{BTreeMap, BTreeSet};

/// A paper that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// Number of the paper: of what it is about, with a letter for its kind.
    pub id: String,
    /// What it tells.
    pub kind: NoticeKind,
    /// Order or appeal.
    pub subject: String,
    /// To whom it is owed; nobody in particular where it is about an area.
    pub person: Option<(String, i64)>,
    /// Community.
    pub division: DivisionCode,
    /// When it was made.
    pub made_at: Instant,
    /// From when the order binds.
    pub binds_at: Option<Instant>,
    /// By when it is handed over, where somebody waits for that.
    pub due_at: Option<Instant>,
}

/// A paper as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Number of the paper.
    pub id: String,
    /// Number that its code begins with.
    pub no: i64,
    /// What it tells.
    pub kind: NoticeKind,
    /// Order or appeal.
    pub subject: String,
    /// To whom it is owed.
    pub person: Option<(String, i64)>,
    /// Community.
    pub division: DivisionCode,
    /// When it was made.
    pub made_at: Instant,
    /// How it stands.
    pub state: NoticeState,
    /// When it was handed over.
    pub handed_at: Option<Instant>,
}

/// Something done with a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeStep {
    /// What: handed over, read, or returned.
    pub step: NoticeState,
    /// When it was done.
    pub at: Instant,
    /// When it was written down.
    pub recorded_at: Instant,
    /// Who wrote it down.
    pub account: String,
    /// How it reached them.
    pub way: Option<NoticeWay>,
    /// Who took or read it.
    pub who: Option<String>,
    /// Why it came back.
    pub reason: Option<String>,
}

/// What is printed on a paper: to whom, and what it tells of.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// The paper.
    pub notice: Notice,
    /// Name of the person.
    pub name: Option<String>,
    /// Language, where it is known.
    pub language: Option<Language>,
    /// Whether somebody is to read it out in another language.
    pub interpreter: bool,
    /// Building, unit and door.
    pub home: Vec<String>,
    /// The order, where it is about one.
    pub order: Option<OrderSaid>,
    /// The appeal, where it is about one.
    pub appeal: Option<AppealSaid>,
    /// The area, where it is about one.
    pub area: Option<AreaSaid>,
    /// The place outside the city, where it is about one.
    pub outside: Option<PlaceOutside>,
}

/// A place outside the city as its paper tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceOutside {
    /// Number of the person who goes there.
    pub person_no: i64,
    /// Their name.
    pub name: Option<String>,
    /// Name of the place.
    pub place: Option<String>,
    /// Whether somebody there said that they take the person, and nobody has taken it back since.
    pub stands: bool,
    /// When the vehicle is planned at the door.
    pub pickup_at: Option<Instant>,
    /// Who said it, and when.
    pub said: Option<(String, Instant)>,
}

/// An area as its paper tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaSaid {
    /// Level.
    pub level: ZoneLevel,
    /// Whether it is one unit of a building, or all of it.
    pub unit: Option<String>,
    /// Whether it is one household.
    pub household: bool,
    /// First day.
    pub opened_on: CivilDate,
    /// Last day.
    pub ends_on: CivilDate,
    /// Day on which it ended.
    pub released_on: Option<CivilDate>,
    /// Whether it binds nobody until an appeal against it is decided.
    pub suspended: bool,
    /// Whether it became part of another area, which has a paper of its own.
    pub became: bool,
    /// People whom it binds.
    pub people: i64,
    /// Clauses, inputs and version, as JSON.
    pub reason: String,
}

/// An order as its paper tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderSaid {
    /// What it asks.
    pub kind: OrderKind,
    /// What it rests on: `case`, `contact`, `pool` or `discharge`.
    pub basis: String,
    /// Evidence.
    pub evidence: String,
    /// First day.
    pub from_day: CivilDate,
    /// Last day.
    pub until_day: CivilDate,
    /// Days on which a test is due, as written.
    pub test_days: String,
    /// How it stands.
    pub state: OrderState,
    /// Day on which it ended.
    pub ended_on: Option<CivilDate>,
    /// Statute.
    pub legal_basis: String,
    /// Body that issued it.
    pub body: String,
    /// Clauses, inputs and version, as JSON.
    pub reason: String,
    /// Appeal or order for which it is set aside.
    pub aside: Option<String>,
}

/// An appeal as the paper of its decision tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AppealSaid {
    /// Against an order or an area.
    pub on: AppealOn,
    /// Id of that.
    pub subject: String,
    /// How it stands.
    pub state: AppealState,
    /// When it was filed.
    pub filed_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why.
    pub decision: Option<String>,
}

const NOTICE: &str =
    "n.id, n.no, n.kind, n.subject, n.person, n.person_no, n.division, n.made_at, n.state, n.handed_at";

fn notice(row: &Record) -> Result<Notice, StoreError> {
    let person: (Option<String>, Option<i64>) = (row.get(4)?, row.get(5)?);
    Ok(Notice {
        id: row.get(0)?,
        no: row.get(1)?,
        kind: row.term(2)?,
        subject: row.get(3)?,
        person: person.0.zip(person.1),
        division: row.term(6)?,
        made_at: row.get(7)?,
        state: row.term(8)?,
        handed_at: row.get(9)?,
    })
}

impl Scoped {
    /// Makes papers; one that is there already is passed over. A paper that an order begins or became lighter is void once it has ended
    /// without it being handed over.
    pub async fn make_notices(&mut self, new: &[NewNotice]) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        // numbers follow each other: two writers do not take the same
        self.line_up().await?;
        let ids: Vec<Value<'_>> = new.iter().map(|paper| (&paper.id).into()).collect();
        let known = self.rows_for_keys("select id from notices where id in ({keys})", &ids).await?;
        let mut known: BTreeSet<String> = known.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let mut no: i64 = match self.row("select coalesce(max(no), 0) from notices", &[]).await? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        let mut values: Vec<Value<'_>> = Vec::with_capacity(new.len() * 11);
        // numbered by what they are about, whatever order they were thought of in
        let mut new: Vec<&NewNotice> = new.iter().collect();
        new.sort_by(|a, b| a.id.cmp(&b.id));
        for paper in new {
            if !known.insert(paper.id.clone()) {
                continue;
            }
            no += 1;
            values.extend([
                (&paper.id).into(),
                no.into(),
                paper.kind.name().into(),
                (&paper.subject).into(),
                paper.person.as_ref().map(|(id, _)| id.as_str()).into(),
                paper.person.as_ref().map(|(_, no)| *no).into(),
                (&paper.division).into(),
                paper.made_at.into(),
                paper.binds_at.into(),
                paper.due_at.into(),
                NoticeState::Made.name().into(),
            ]);
        }
        let columns = [
            "id",
            "no",
            "kind",
            "subject",
            "person",
            "person_no",
            "division",
            "made_at",
            "binds_at",
            "due_at",
            "state",
        ];
        self.append("notices", &columns, &values).await
    }

    /// Papers of orders that ended without them being handed over are handed over no more.
    pub async fn void_notices(&mut self, orders: &[&str]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = orders.iter().map(|id| (*id).into()).collect();
        let sql = "update notices set state = 'void'
            where kind in ('order', 'change', 'outside') and state in ('made', 'returned') and handed_at is null and subject in ({keys})";
        self.run_for_keys(sql, &[], &keys).await?;
        Ok(())
    }

    /// Papers by id, in order of id.
    pub async fn notices_by_id(&mut self, ids: &[&str]) -> Result<Vec<Notice>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql =
            format!("select {NOTICE} from notices n where n.id in ({{keys}}) and {{scope:n.division}} order by n.id");
        self.rows_for_keys(&sql, &keys).await?.iter().map(notice).collect()
    }

    /// The paper of a number.
    pub async fn notice_of_number(&mut self, no: i64) -> Result<Option<Notice>, StoreError> {
        let sql = format!("select {NOTICE} from notices n where n.no = $1");
        self.rows_text(sql.into(), &[no.into()]).await?.first().map(notice).transpose()
    }

    /// Appends what was done with papers: (paper, step).
    pub async fn add_notice_steps(&mut self, steps: &[(&Notice, NoticeStep)]) -> Result<(), StoreError> {
        for (paper, step) in steps {
            let sql = "insert into notice_steps (notice, no, step, at, recorded_at, account, way, who, reason)
                select $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5, $6, $7, $8 from notice_steps where notice = $1";
            let way = step.way.map(NoticeWay::name);
            let values = [
                (&paper.id).into(),
                step.step.name().into(),
                step.at.into(),
                step.recorded_at.into(),
                (&step.account).into(),
                way.into(),
                step.who.as_deref().into(),
                step.reason.as_deref().into(),
            ];
            self.run(sql, &values).await?;
            let id: Value<'_> = (&paper.id).into();
            let (at, who): (Value<'_>, Value<'_>) = (step.at.into(), step.who.as_deref().into());
            match step.step {
                NoticeState::Handed => {
                    let sql =
                        "update notices set state = 'handed', handed_at = $2, handed_by = $3, way = $4, taken_by = $5
                        where id = $1 and handed_at is null";
                    self.run(sql, &[id, at, (&step.account).into(), way.into(), who]).await?;
                }
                NoticeState::Read => {
                    let sql = "update notices set state = 'read', read_at = $2, read_by = $3 where id = $1";
                    self.run(sql, &[id, at, who]).await?;
                }
                NoticeState::Returned => {
                    let sql = "update notices set state = 'returned', returned_at = $2, returned_why = $3
                        where id = $1 and handed_at is null";
                    self.run(sql, &[id, at, step.reason.as_deref().into()]).await?;
                }
                NoticeState::Made | NoticeState::Void => {}
            }
        }
        Ok(())
    }

    /// What was done with a paper, in order.
    pub async fn notice_steps(&mut self, id: &str) -> Result<Vec<NoticeStep>, StoreError> {
        let sql =
            "select step, at, recorded_at, account, way, who, reason from notice_steps where notice = $1 order by no";
        let rows = self.rows(sql, &[id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(NoticeStep {
                    step: row.term(0)?,
                    at: row.get(1)?,
                    recorded_at: row.get(2)?,
                    account: row.get(3)?,
                    way: row.maybe_term(4)?,
                    who: row.get(5)?,
                    reason: row.get(6)?,
                })
            })
            .collect()
    }

    /// Communities in which papers of orders in force are owed: the first number among them, when it was made, and the earliest
    /// moment by which one is due.
    pub async fn notices_owed(&mut self) -> Result<Vec<(DivisionCode, i64, Instant, Instant)>, StoreError> {
        let (low, high) = self.scope.range();
        // most papers are of orders, and what is found there is not looked for elsewhere
        let sql = "select n.division, min(n.no), min(n.made_at), min(n.due_at) from notices n
            where n.due_at is not null and n.state in ('made', 'returned') and n.division >= $1 and n.division < $2
              and (exists (select 1 from orders o where o.id = n.subject and o.state = 'active')
                or exists (select 1 from zones z where z.id = n.subject and z.released_on is null and z.aside is null)
                or exists (select 1 from transfers t where t.id = n.subject
                    and t.state in ('requested', 'booked', 'underway', 'admitted')))
            group by n.division order by n.division";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
    }

    /// What is printed on papers, in the order asked for.
    pub async fn printed(&mut self, ids: &[&str]) -> Result<Vec<Printed>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {NOTICE}, p.name, p.language, p.needs, b.name, h.unit, h.door,
                o.kind, o.basis, o.evidence, o.from_day, o.until_day, o.test_days, o.state, o.ended_on, o.legal_basis, o.body, o.reason,
                a.against, a.subject, a.state, a.filed_at, a.decided_at, a.decision,
                z.level, z.unit, z.opened_on, z.ends_on, z.released_on, z.became, z.people, z.reason, z.aside, z.household, o.aside,
                t.person_no, m.name, f.name, t.outside, t.state, t.pickup_at, w.who, w.at
             from notices n left join people p on p.no = n.person_no left join households h on h.household = p.household
             left join buildings b on b.building = h.building left join orders o on o.id = n.subject
             left join appeals a on a.id = n.subject left join zones z on z.id = n.subject
             left join transfers t on t.id = n.subject left join people m on m.no = t.person_no
             left join facilities f on f.facility = t.facility
             left join outside_words w on w.transfer = t.id and w.facility = t.facility and w.word = 'confirmed'
                and not exists (select 1 from outside_words v where v.transfer = w.transfer and v.word = 'confirmed' and v.no > w.no)
             where n.id in ({{keys}}) and {{scope:n.division}}"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        let found: Result<Vec<Printed>, StoreError> = rows.iter().map(printed).collect();
        let mut found = found?;
        let places: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        found.sort_by_key(|paper| places.get(paper.notice.id.as_str()).copied());
        Ok(found)
    }
}

fn outside(row: &Record) -> Result<Option<PlaceOutside>, StoreError> {
    let Some(person_no) = row.get::<Option<i64>>(44)? else { return Ok(None) };
    let (state, said): (Option<TransferState>, Option<Outside>) = (row.maybe_term(48)?, row.maybe_term(47)?);
    let over = matches!(state, Some(TransferState::Cancelled | TransferState::Refused));
    let (who, at): (Option<String>, Option<Instant>) = (row.get(50)?, row.get(51)?);
    Ok(Some(PlaceOutside {
        person_no,
        name: row.get(45)?,
        place: row.get(46)?,
        stands: said == Some(Outside::Confirmed) && !over,
        pickup_at: row.get(49)?,
        said: who.zip(at),
    }))
}

fn printed(row: &Record) -> Result<Printed, StoreError> {
    let needs: Option<String> = row.get(12)?;
    let home: [Option<String>; 3] = [row.get(13)?, row.get(14)?, row.get(15)?];
    let order = match row.maybe_term::<OrderKind>(16)? {
        None => None,
        Some(kind) => Some(OrderSaid {
            kind,
            basis: row.get(17)?,
            evidence: row.get(18)?,
            from_day: row.get(19)?,
            until_day: row.get(20)?,
            test_days: row.get(21)?,
            state: row.term(22)?,
            ended_on: row.get(23)?,
            legal_basis: row.get(24)?,
            body: row.get(25)?,
            reason: row.get(26)?,
            aside: row.get(43)?,
        }),
    };
    let appeal = match row.maybe_term::<AppealOn>(27)? {
        None => None,
        Some(on) => Some(AppealSaid {
            on,
            subject: row.get(28)?,
            state: row.term(29)?,
            filed_at: row.get(30)?,
            decided_at: row.get(31)?,
            decision: row.get(32)?,
        }),
    };
    let area = match row.maybe_term::<ZoneLevel>(33)? {
        None => None,
        Some(level) => Some(AreaSaid {
            level,
            unit: row.get(34)?,
            opened_on: row.get(35)?,
            ends_on: row.get(36)?,
            released_on: row.get(37)?,
            suspended: row.get::<Option<String>>(41)?.is_some(),
            household: row.get::<Option<String>>(42)?.is_some(),
            became: row.get::<Option<String>>(38)?.is_some(),
            people: row.get(39)?,
            reason: row.get(40)?,
        }),
    };
    Ok(Printed {
        notice: notice(row)?,
        name: row.get(10)?,
        language: row.maybe_term(11)?,
        interpreter: needs.is_some_and(|needs| needs.split(';').any(|need| need == Need::Interpreter.name())),
        home: home.into_iter().flatten().filter(|part| !part.is_empty()).collect(),
        order,
        appeal,
        area,
        outside: outside(row)?,
    })
}
