//! Whether every tube stands at what the versions of its result add up to. The rule, written again: the latest correction
//! (C), withdrawal (W) or deletion (D) decides, and after W or D the tube has no result; without one the finals (F) decide,
//! and finals that contradict each other leave the tube inconclusive; without a final the latest preliminary (P) stands
//! and does not count. Versions that an open hold withholds give way to others that count; where there are none, a tube that was
//! called negative is invalid, and one that was not is inconclusive. A tube whose bar code was given to two tubes is inconclusive, whatever they say. Of versions at one time the later letter of P, F, C, W, D decides, then the graver finding.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};

const CHECK: &str = "results.settled";
const PAGE_TUBES: i64 = 2_000;
const LETTERS: [&str; 5] = ["P", "F", "C", "W", "D"];
const FINDINGS: [&str; 4] = ["negative", "positive", "inconclusive", "invalid"];

/// Tubes with a version that an open hold withholds.
macro_rules! withheld {
    () => {
        "select r.tube_no from holds h join results r on r.laboratory = h.laboratory and r.reported_at >= h.\"from\"
           and (h.\"until\" is null or r.reported_at <= h.\"until\") and (h.run is null or h.run = r.run)
           and (h.lot is null or h.lot in (select u.lot from runs u where u.laboratory = r.laboratory and u.run = r.run))
         where h.lifted_at is null"
    };
}

/// Tubes with finals that agree, which is nearly all of them, are compared in the database.
const RULES: &[Rule] = &[
    Rule {
        wrong: "tube with agreeing final results does not stand at their finding",
        sql: concat!(
            "select t.tube from (select tube_no, count(*) as n, min(finding) as finding, max(reported_at) as last,
                sum(case when version = 'F' then 0 else 1 end) as other, max(finding) as other_finding
              from results group by tube_no) v
            join tubes t on t.no = v.tube_no left join settled s on s.tube_no = v.tube_no
            where v.other = 0 and v.finding = v.other_finding
              and not exists (select 1 from tubes_doubled d where d.tube_no = v.tube_no)
              and v.tube_no not in (",
            withheld!(),
            ")
              and (v.last <= {closed} or s.versions = v.n) and ({open} = 0 or s.tube_no is not null)
              and (s.finding is distinct from v.finding or s.version <> 'F' or (s.versions <> v.n and {open} = 0))"
        ),
    },
    Rule {
        wrong: "tube says that its result is withheld, and no hold withholds it",
        sql: concat!(
            "select t.tube from settled s join tubes t on t.no = s.tube_no
              where s.held_at is not null and s.versions > 0 and s.tube_no not in (",
            withheld!(),
            ")"
        ),
    },
    Rule {
        wrong: "the bar code was given to two tubes, and a result of it counts",
        sql:
            "select t.tube from tubes_doubled d join tubes t on t.no = d.tube_no join settled s on s.tube_no = d.tube_no
              where s.finding is not null and s.finding <> 'inconclusive' and (s.versions > 0 or {open} = 0)",
    },
    Rule {
        wrong: "tube stands at a finding, and no result of it is there",
        sql: "select t.tube from settled s join tubes t on t.no = s.tube_no
              left join (select distinct tube_no from results) r on r.tube_no = s.tube_no where r.tube_no is null",
    },
];

struct Version {
    letter: usize,
    finding: usize,
    reported_at: i64,
    /// Whether an open hold withholds it.
    held: bool,
}

/// A tube whose result takes more than one agreeing final to tell.
struct Tube {
    no: i64,
    name: String,
    /// Whether its bar code was given to two tubes.
    doubled: bool,
    /// What it stands at: finding, version, number of versions; none if it was not settled.
    stands_at: Option<(Option<String>, String, i64)>,
    versions: Vec<Version>,
}

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from settled").await?;
    let mut wrong = first_broken(source, moment, RULES).await?;
    let mut after = 0;
    while wrong.is_none() {
        let tubes = page(source, after).await?;
        let Some(last) = tubes.last() else { break };
        after = last.no;
        wrong = tubes.iter().find_map(|tube| tube.wrong(moment));
    }
    Ok(Finding::of(CHECK, looked_at, wrong))
}

async fn page(source: &mut Source, after: i64) -> Result<Vec<Tube>, VerifyError> {
    let sql = concat!("select r.tube_no, t.tube, s.finding, s.version, s.versions, r.version, r.finding, {us:r.reported_at},
            cast(case when exists (select 1 from tubes_doubled d where d.tube_no = r.tube_no) then 1 else 0 end as bigint),
            cast(case when exists (select 1 from holds h where h.lifted_at is null and r.laboratory = h.laboratory
                and r.reported_at >= h.\"from\" and (h.\"until\" is null or r.reported_at <= h.\"until\")
                and (h.run is null or h.run = r.run)
                and (h.lot is null or h.lot in (select u.lot from runs u where u.laboratory = r.laboratory and u.run = r.run)))
              then 1 else 0 end as bigint)
        from (select tube_no from results where tube_no > $1 group by tube_no
              having sum(case when version = 'F' then 0 else 1 end) > 0 or min(finding) <> max(finding)
                or tube_no in (", withheld!(), ")
              order by tube_no limit $2) v
        join results r on r.tube_no = v.tube_no join tubes t on t.no = r.tube_no left join settled s on s.tube_no = r.tube_no
        order by r.tube_no");
    let mut tubes: Vec<Tube> = Vec::new();
    for row in source.rows(sql, &[Given::Whole(after), Given::Whole(PAGE_TUBES)]).await? {
        let no = row.whole(0)?;
        if tubes.last().is_none_or(|tube| tube.no != no) {
            let stands_at = match row.maybe_text(3)? {
                Some(version) => Some((row.maybe_text(2)?, version, row.whole(4)?)),
                None => None,
            };
            let doubled = row.whole(8)? == 1;
            tubes.push(Tube { no, name: row.text(1)?, doubled, stands_at, versions: Vec::new() });
        }
        let version = Version {
            letter: place(&LETTERS, row.text(5)?, "a version")?,
            finding: place(&FINDINGS, row.text(6)?, "a finding")?,
            reported_at: row.whole(7)?,
            held: row.whole(9)? == 1,
        };
        if let Some(tube) = tubes.last_mut() {
            tube.versions.push(version);
        }
    }
    Ok(tubes)
}

fn place(names: &[&str], value: String, expected: &'static str) -> Result<usize, VerifyError> {
    names.iter().position(|name| *name == value).ok_or(VerifyError::Value { value, expected })
}

impl Tube {
    /// What its versions up to a moment add up to: finding and version.
    fn adds_up(&self, until: i64) -> Option<(Option<&'static str>, &'static str)> {
        let withheld = self.versions.iter().any(|v| v.reported_at <= until && v.held);
        let free = self.of_versions(until, false);
        let speaks = matches!(free, Some((None, _))) || matches!(free, Some((_, letter)) if letter != "P");
        if !withheld || speaks {
            return free;
        }
        self.of_versions(until, true).map(|(finding, letter)| {
            let said = |finding| if matches!(finding, "negative" | "invalid") { "invalid" } else { "inconclusive" };
            (finding.map(said), letter)
        })
    }

    /// The same, with or without the versions that are withheld.
    fn of_versions(&self, until: i64, all: bool) -> Option<(Option<&'static str>, &'static str)> {
        let counts = |v: &&Version| v.reported_at <= until && (all || !v.held);
        let latest = |letters: &[usize]| {
            let some = self.versions.iter().filter(|v| counts(v) && letters.contains(&v.letter));
            some.max_by_key(|v| (v.reported_at, v.letter, v.finding))
        };
        if let Some(last) = latest(&[2, 3, 4]) {
            return Some(((last.letter == 2).then_some(FINDINGS[last.finding]), LETTERS[last.letter]));
        }
        if let Some(last) = latest(&[1]) {
            let mut finals = self.versions.iter().filter(|v| counts(v) && v.letter == 1);
            let agree = finals.all(|v| v.finding == last.finding);
            return Some((Some(if agree { FINDINGS[last.finding] } else { "inconclusive" }), "F"));
        }
        latest(&[0]).map(|last| (Some(FINDINGS[last.finding]), "P"))
    }

    fn wrong(&self, moment: &Moment) -> Option<String> {
        // while a later day is open, later versions may have been taken into account already, or not yet
        let until = if moment.open { i64::MAX } else { moment.closed_at };
        let counted = self.versions.iter().filter(|v| v.reported_at <= until).count() as i64;
        let is = self.stands_at.as_ref().map(|(finding, version, _)| (finding.as_deref(), version.as_str()));
        let versions = self.stands_at.as_ref().map_or(0, |(.., versions)| *versions);
        if moment.open && versions != counted {
            return None;
        }
        let must = self.adds_up(until).map(|(finding, version)| match self.doubled {
            true => (finding.map(|_| "inconclusive"), version),
            false => (finding, version),
        });
        (must != is || versions != counted).then(|| {
            let says = |stand: Option<(Option<&str>, &str)>| match stand {
                None => "nothing".to_owned(),
                Some((finding, version)) => format!("{} by version {version}", finding.unwrap_or("no result")),
            };
            let (is, must) = (says(is), says(must));
            format!("{}: tube stands at {is} ({versions} versions); its {counted} versions make it {must}", self.name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_versions() {
        type Case = (&'static [(&'static str, &'static str, i64)], Option<(Option<&'static str>, &'static str)>);
        let cases: [Case; 7] = [
            (&[], None),
            (&[("P", "positive", 1)], Some((Some("positive"), "P"))),
            (&[("F", "negative", 2), ("P", "positive", 3)], Some((Some("negative"), "F"))),
            (&[("F", "negative", 1), ("F", "positive", 2)], Some((Some("inconclusive"), "F"))),
            (&[("C", "negative", 1), ("F", "positive", 2)], Some((Some("negative"), "C"))),
            (&[("C", "negative", 1), ("W", "positive", 2)], Some((None, "W"))),
            (&[("D", "negative", 1), ("C", "positive", 2)], Some((Some("positive"), "C"))),
        ];
        for (versions, must) in cases {
            let versions = versions.iter().map(|(letter, finding, reported_at)| Version {
                letter: place(&LETTERS, (*letter).to_owned(), "").unwrap(),
                finding: place(&FINDINGS, (*finding).to_owned(), "").unwrap(),
                reported_at: *reported_at,
                held: false,
            });
            let tube =
                Tube { no: 1, name: String::new(), doubled: false, stands_at: None, versions: versions.collect() };
            assert_eq!(tube.adds_up(i64::MAX), must);
        }
    }
}
