//! What the four parties owe: each obligation with its evidence and its end, what was said of it step by step, and the signed reports of
//! districts. It guarantees that no step and no signed edition is ever changed, and that nothing is done without evidence.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    books::{Owner, Worklist},
    divisions::DivisionCode,
    obligations::{ObligationKind, ObligationState, ObligationStep},
    time::{CivilDate, Instant},
};

/// Evidence that was shown, or an end: who, when.
pub type By = (String, Instant);

/// Something that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Number.
    pub id: String,
    /// What is owed.
    pub kind: ObligationKind,
    /// Division.
    pub division: DivisionCode,
    /// Who owes it.
    pub owner: Owner,
    /// Day that it is for.
    pub day: CivilDate,
    /// What it is about: a place, a district; none for what the city asks.
    pub subject: Option<String>,
    /// How much of it there was when it was given: households of a cluster.
    pub size: Option<i64>,
    /// What is asked, and what counts as evidence.
    pub what: Option<String>,
    /// See above.
    pub proof: Option<String>,
    /// Since when.
    pub opened_at: Instant,
    /// Until when.
    pub due_at: Option<Instant>,
    /// How it stands.
    pub state: ObligationState,
    /// What was shown last, by whom and when.
    pub evidence: Option<(String, By)>,
    /// Who gave it.
    pub given_by: String,
    /// Who ended it, and when.
    pub ended: Option<By>,
    /// Clause and inputs, as JSON.
    pub reason: String,
    /// Steps that were said of it so far.
    pub steps: i64,
}

/// A signed report of a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReport {
    /// District, day and edition.
    pub id: String,
    /// District.
    pub division: DivisionCode,
    /// Day.
    pub day: CivilDate,
    /// Edition, from 1.
    pub edition: i64,
    /// How things stand; what was done; what comes next.
    pub words: [String; 3],
    /// Figures of the books with their sources, as JSON.
    pub figures: String,
    /// What a later edition corrects.
    pub correction: Option<String>,
    /// Who signed it, and when.
    pub signed: By,
    /// Until when the first edition was due.
    pub due_at: Option<Instant>,
}

const OBLIGATION: [&str; 21] = [
    "id",
    "kind",
    "division",
    "party",
    "owner",
    "day",
    "subject",
    "size",
    "what",
    "proof",
    "opened_at",
    "due_at",
    "state",
    "evidence",
    "evidence_by",
    "evidence_at",
    "given_by",
    "ended_by",
    "ended_at",
    "reason",
    "steps",
];

fn obligation(row: &Record) -> Result<Obligation, StoreError> {
    let shown: (Option<String>, Option<String>, Option<Instant>) = (row.get(13)?, row.get(14)?, row.get(15)?);
    let ended: (Option<String>, Option<Instant>) = (row.get(17)?, row.get(18)?);
    Ok(Obligation {
        id: row.get(0)?,
        kind: row.term(1)?,
        division: row.term(2)?,
        owner: Owner { party: row.term(3)?, name: row.get(4)? },
        day: row.get(5)?,
        subject: row.get(6)?,
        size: row.get(7)?,
        what: row.get(8)?,
        proof: row.get(9)?,
        opened_at: row.get(10)?,
        due_at: row.get(11)?,
        state: row.term(12)?,
        evidence: shown.0.zip(shown.1.zip(shown.2)),
        given_by: row.get(16)?,
        ended: ended.0.zip(ended.1),
        reason: row.get(19)?,
        steps: row.get(20)?,
    })
}

fn report(row: &Record) -> Result<SignedReport, StoreError> {
    Ok(SignedReport {
        id: row.get(0)?,
        division: row.term(1)?,
        day: row.get(2)?,
        edition: row.get(3)?,
        words: [row.get(4)?, row.get(5)?, row.get(6)?],
        figures: row.get(7)?,
        correction: row.get(8)?,
        signed: (row.get(9)?, row.get(10)?),
        due_at: row.get(11)?,
    })
}

const REPORT: [&str; 12] = [
    "id",
    "division",
    "day",
    "edition",
    "situation",
    "done",
    "next_steps",
    "figures",
    "correction",
    "signed_by",
    "signed_at",
    "due_at",
];

impl Scoped {
    /// Gives an obligation; one of the same number stays as it is, and nothing is said of it.
    pub async fn give_obligation(&mut self, d: &Obligation) -> Result<bool, StoreError> {
        let evidence = d.evidence.as_ref();
        let ended = d.ended.as_ref();
        let values: [Value<'_>; 21] = [
            (&d.id).into(),
            d.kind.name().into(),
            (&d.division).into(),
            d.owner.party.name().into(),
            (&d.owner.name).into(),
            d.day.into(),
            d.subject.as_deref().into(),
            d.size.into(),
            d.what.as_deref().into(),
            d.proof.as_deref().into(),
            d.opened_at.into(),
            d.due_at.into(),
            d.state.name().into(),
            evidence.map(|(words, _)| words.as_str()).into(),
            evidence.map(|(_, (who, _))| who.as_str()).into(),
            evidence.map(|(_, (_, at))| *at).into(),
            (&d.given_by).into(),
            ended.map(|(who, _)| who.as_str()).into(),
            ended.map(|(_, at)| *at).into(),
            (&d.reason).into(),
            1i64.into(),
        ];
        let new = self.append_new("obligations", &OBLIGATION, &values).await? > 0;
        if new {
            self.step(&d.id, 1, ObligationStep::Given, (&d.given_by, d.opened_at), d.what.as_deref()).await?;
        }
        Ok(new)
    }

    /// Keeps how an obligation stands, with the step that brought it there. The obligation knows of one step more afterwards.
    pub async fn keep_obligation(
        &mut self,
        d: &mut Obligation,
        step: ObligationStep,
        by: (&str, Instant),
        words: Option<&str>,
    ) -> Result<(), StoreError> {
        d.steps += 1;
        self.step(&d.id, d.steps, step, by, words).await?;
        let sql = "update obligations set state = $2, evidence = $3, evidence_by = $4, evidence_at = $5, ended_by = $6, ended_at = $7,
            steps = $8 where id = $1";
        let evidence = d.evidence.as_ref();
        let ended = d.ended.as_ref();
        let values: [Value<'_>; 8] = [
            (&d.id).into(),
            d.state.name().into(),
            evidence.map(|(words, _)| words.as_str()).into(),
            evidence.map(|(_, (who, _))| who.as_str()).into(),
            evidence.map(|(_, (_, at))| *at).into(),
            ended.map(|(who, _)| who.as_str()).into(),
            ended.map(|(_, at)| *at).into(),
            d.steps.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    async fn step(
        &mut self,
        obligation: &str,
        no: i64,
        step: ObligationStep,
        (account, at): (&str, Instant),
        words: Option<&str>,
    ) -> Result<(), StoreError> {
        let columns = ["obligation", "no", "at", "step", "account", "words"];
        let values: [Value<'_>; 6] =
            [obligation.into(), no.into(), at.into(), step.name().into(), account.into(), words.into()];
        self.append("obligation_steps", &columns, &values).await
    }

    /// Obligations by number, in order, within the scope.
    pub async fn obligations_by_id(&mut self, ids: &[&str]) -> Result<Vec<Obligation>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from obligations where id in ({{keys}}) and {{scope:division}} order by id",
            OBLIGATION.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(obligation).collect()
    }

    /// Open obligations of a kind about some subjects, in order.
    pub async fn obligations_open(
        &mut self,
        kind: ObligationKind,
        subjects: &[&str],
    ) -> Result<Vec<Obligation>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from obligations where ended_at is null and kind = $1 and subject in ({{keys}}) order by id",
            OBLIGATION.join(", ")
        );
        self.rows_of_keys(&sql, &[kind.name().into()], &keys).await?.iter().map(obligation).collect()
    }

    /// Obligations of a kind about some subjects for days from one on, in order of day.
    pub async fn obligations_since(
        &mut self,
        kind: ObligationKind,
        subjects: &[&str],
        day: CivilDate,
    ) -> Result<Vec<Obligation>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from obligations where kind = $1 and day >= $2 and subject in ({{keys}}) order by day, id",
            OBLIGATION.join(", ")
        );
        self.rows_of_keys(&sql, &[kind.name().into(), day.into()], &keys).await?.iter().map(obligation).collect()
    }

    /// Open obligations by district within the scope: how many, of them past their time at a moment, and of them with evidence to look at.
    pub async fn obligations_by_district(&mut self, now: Instant) -> Result<Vec<(String, [i64; 3])>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select substr(division, 1, 6), count(*), cast(sum(case when due_at <= $1 then 1 else 0 end) as bigint),
                cast(sum(case when state = 'shown' then 1 else 0 end) as bigint)
            from obligations where ended_at is null and division >= $2 and division < $3 group by 1 order by 1";
        let rows = self.rows(sql, &[now.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]))).collect()
    }

    /// What the city asked and is still owed, within the scope, the first due first.
    pub async fn directives_open(&mut self) -> Result<Vec<Obligation>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from obligations where kind = 'directive' and ended_at is null and division >= $1 and division < $2
             order by due_at, id",
            OBLIGATION.join(", ")
        );
        self.rows_text(sql.into(), &[low.into(), high.into()]).await?.iter().map(obligation).collect()
    }

    /// Appends an edition of a report.
    pub async fn sign_report(&mut self, r: &SignedReport) -> Result<(), StoreError> {
        let [situation, done, next] = &r.words;
        let values: [Value<'_>; 12] = [
            (&r.id).into(),
            (&r.division).into(),
            r.day.into(),
            r.edition.into(),
            situation.into(),
            done.into(),
            next.into(),
            (&r.figures).into(),
            r.correction.as_deref().into(),
            (&r.signed.0).into(),
            r.signed.1.into(),
            r.due_at.into(),
        ];
        self.append("district_reports", &REPORT, &values).await
    }

    /// The latest edition of each report of a day within the scope, in order of district.
    pub async fn reports_of(&mut self, day: CivilDate) -> Result<Vec<SignedReport>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from district_reports r where day = $1 and division >= $2 and division < $3
                and not exists (select 1 from district_reports l where l.division = r.division and l.day = r.day
                    and l.edition > r.edition) order by division",
            REPORT.join(", ")
        );
        self.rows_text(sql.into(), &[day.into(), low.into(), high.into()]).await?.iter().map(report).collect()
    }

    /// Cases of a district that were found between two moments.
    pub async fn found_in_district(
        &mut self,
        district: &DivisionCode,
        (from, to): (Instant, Instant),
    ) -> Result<i64, StoreError> {
        let sql = "select count(*) from cases where substr(division, 1, 6) = $1 and found_at >= $2 and found_at < $3
            and aside is null and coalesce(outcome, '') <> 'withdrawn'";
        self.row(sql, &[district.into(), from.into(), to.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Open items of a district by worklist, and of them those past their deadline at a moment.
    pub async fn open_in_district(
        &mut self,
        district: &DivisionCode,
        now: Instant,
    ) -> Result<Vec<(Worklist, i64, i64)>, StoreError> {
        let sql = "select worklist, count(*), cast(sum(case when due_at <= $2 then 1 else 0 end) as bigint) from items
            where closed_at is null and substr(division, 1, 6) = $1 group by worklist order by worklist";
        let rows = self.rows(sql, &[district.into(), now.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get(1)?, row.get::<Option<i64>>(2)?.unwrap_or(0)))).collect()
    }
}
