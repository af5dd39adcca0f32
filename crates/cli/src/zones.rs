//! `dayclear zones`: risk areas on files. `published` reads areas as a city published them, in words: what each text names, which
//! areas were open on a day, and how long they stayed beyond the rule. The columns of its files stand in docs/zones.md.

use crate::{
    epi_input::Sheet,
    output::{self, CsvFile, Format},
};
use anyhow::{Context, Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::zoning::{
    Community, Episode, Extent, Gazetteer, Named, Part, Spell, Township, Written, read, spells, stays,
};
use dayclear_papers as papers;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Arguments of `dayclear zones`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Read areas as they were published, in words: what each names, what was open on a day, how long they stayed
    ///
    ///   dayclear zones published --areas data/chongqing/risk_area_episodes.csv --divisions data/chongqing --out zones
    ///   dayclear zones published --areas data/chongqing/risk_area_episodes.csv --divisions data/chongqing --day 2022-11-30
    #[command(verbatim_doc_comment)]
    Published(Published),
    /// Propose areas as if none stood: the smallest that the rules allow, each with its reason and people, and what is left out and why
    ///
    ///   dayclear zones propose --db dayclear.db
    ///   dayclear zones propose --cases cases.csv --homes homes.csv --day 2022-11-21 --format json
    #[command(verbatim_doc_comment)]
    Propose(crate::zones_propose::Arguments),
}

#[derive(clap::Args, Debug)]
struct Published {
    /// Areas: district_code (empty for a new area), district, area_text, first_date, last_date, first_absent_date, left_censored
    #[arg(long, value_name = "FILE")]
    areas: PathBuf,
    /// Folder with townships.csv (code, name) and villages.csv (code, name)
    #[arg(long, value_name = "DIR")]
    divisions: PathBuf,
    /// Days that the rule gives an area without new infections
    #[arg(long, value_name = "DAYS", default_value_t = 5)]
    rule_days: u16,
    /// Print the areas that were open on this day
    #[arg(long, value_name = "DATE", conflicts_with = "out")]
    day: Option<CivilDate>,
    /// Write areas.csv (what each text names), spells.csv (areas through their wordings) and days.csv (areas by day) there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Runs it.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    match &arguments.command {
        Command::Published(asked) => published(asked),
        Command::Propose(asked) => crate::zones_propose::run(asked).await,
    }
}

fn published(asked: &Published) -> Result<bool> {
    let names = gazetteer(&asked.divisions)?;
    let lines = lines(&asked.areas, &names)?;
    if let Some(day) = asked.day {
        return open_on(asked, &lines, day);
    }
    let episodes: Vec<Episode> = lines.iter().map(|line| line.episode.clone()).collect();
    let spells = spells(&episodes);
    if let Some(folder) = &asked.out {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        write_areas(&folder.join("areas.csv"), &lines)?;
        write_spells(&folder.join("spells.csv"), &lines, &spells)?;
        write_days(&folder.join("days.csv"), &lines)?;
    }
    tell(asked, &lines, &episodes, &spells)?;
    Ok(true)
}

/// A row of the file, with what its text names.
struct Line {
    text: String,
    written: Written,
    episode: Episode,
}

fn gazetteer(folder: &Path) -> Result<Gazetteer> {
    let pairs = |file: &str| -> Result<Vec<(String, String)>> {
        let sheet = Sheet::read(&folder.join(file))?;
        let (code, name) = (sheet.column("code")?, sheet.column("name")?);
        let cell = |row: &csv::StringRecord, at| row.get(at).unwrap_or_default().to_owned();
        Ok(sheet.rows().map(|(_, row)| (cell(row, code), cell(row, name))).collect())
    };
    let townships = pairs("townships.csv")?.into_iter().map(|(code, name)| Township { code, name });
    let communities = pairs("villages.csv")?.into_iter().map(|(code, name)| Community { code, name });
    Ok(Gazetteer::new(townships, communities))
}

fn lines(path: &Path, names: &Gazetteer) -> Result<Vec<Line>> {
    let sheet = Sheet::read(path)?;
    let text_column = |name| sheet.column(name);
    let (code, district, text) = (text_column("district_code")?, text_column("district")?, text_column("area_text")?);
    let (first, last) = (text_column("first_date")?, text_column("last_date")?);
    let (absent, cut_off) = (text_column("first_absent_date")?, text_column("left_censored")?);
    let mut lines = Vec::new();
    for (line, row) in sheet.rows() {
        let cell = |at| row.get(at).unwrap_or_default();
        let date = |at| -> Result<CivilDate> {
            sheet.date(line, row, at)?.ok_or_else(|| sheet.wrong(line, at, "", "a date such as 2022-11-24"))
        };
        let cut_off = match cell(cut_off) {
            "1" => true,
            "0" => false,
            other => return Err(sheet.wrong(line, cut_off, other, "1 or 0")),
        };
        let written = read(cell(text), cell(code), names);
        let (first, last, absent) = (date(first)?, date(last)?, date(absent)?);
        if last < first || absent <= last {
            bail!(
                "{}, line {line}: first_date {first}, last_date {last} and first_absent_date {absent} are not in order",
                path.display()
            );
        }
        let district = cell(district).to_owned();
        let episode = Episode { district, first, last, absent, cut_off, parts: named_by(&written, cell(text)) };
        lines.push(Line { text: cell(text).to_owned(), written, episode });
    }
    Ok(lines)
}

/// What an area is known by through its wordings: its places, or its community, or its words.
fn named_by(written: &Written, text: &str) -> BTreeSet<Part> {
    if !written.parts.is_empty() {
        return written.parts.clone();
    }
    let whole = written.community.as_ref().or(written.township.as_ref());
    let place = whole.map_or_else(|| text.to_owned(), |named| named.name.clone());
    BTreeSet::from([Part { place, ..Part::default() }])
}

fn open_on(asked: &Published, lines: &[Line], day: CivilDate) -> Result<bool> {
    let open = |line: &&Line| line.episode.first <= day && day < line.episode.absent;
    let rows: Vec<Vec<String>> = lines
        .iter()
        .filter(open)
        .map(|line| vec![line.episode.district.clone(), line.text.clone(), line.episode.first.to_string()])
        .collect();
    let listed = list_days(lines).contains(&day);
    if !listed {
        eprintln!("no list of {day} is among the lists; shown is what stood before and after it");
    }
    output::table(
        asked.format,
        "areas",
        &["district", "area", "listed_since"],
        &rows,
        json!({ "a_list_of_the_day": listed }),
    )?;
    Ok(true)
}

/// Days of which there is a list: an area was first listed or first missing on it. The last day of an area may be one without.
fn list_days(lines: &[Line]) -> BTreeSet<CivilDate> {
    let days = |line: &Line| [line.episode.first, line.episode.absent];
    lines.iter().flat_map(days).collect()
}

fn codes(named: Option<&Named>) -> [String; 2] {
    let name = named.map_or(String::new(), |named| named.name.clone());
    [name, named.and_then(|named| named.code.clone()).unwrap_or_default()]
}

fn parts(parts: &BTreeSet<Part>) -> String {
    let one =
        |part: &Part| [Some(&part.place), part.building.as_ref(), part.unit.as_ref()].map(Option::<&String>::cloned);
    let texts: Vec<String> = parts
        .iter()
        .map(|part| one(part).into_iter().flatten().collect::<Vec<_>>().join(" ").trim().to_owned())
        .collect();
    texts.join("; ")
}

const fn extent(extent: Extent) -> &'static str {
    match extent {
        Extent::Unit => "unit",
        Extent::Building => "building",
        Extent::Place => "place",
        Extent::Bounded => "bounded",
        Extent::Community => "community",
        Extent::Township => "township",
    }
}

fn write_areas(path: &Path, lines: &[Line]) -> Result<()> {
    let columns = [
        "district",
        "area_text",
        "township",
        "township_code",
        "community",
        "community_code",
        "extent",
        "parts",
        "but",
        "unread",
    ];
    let mut file = CsvFile::create(path, &columns)?;
    for Line { text, written, episode } in lines {
        let [township, township_code] = codes(written.township.as_ref());
        let [community, community_code] = codes(written.community.as_ref());
        file.row(&[
            episode.district.clone(),
            text.clone(),
            township,
            township_code,
            community,
            community_code,
            extent(written.extent).to_owned(),
            parts(&written.parts),
            parts(&written.but),
            written.unread.join("; "),
        ])?;
    }
    Ok(file.finish()?)
}

fn write_spells(path: &Path, lines: &[Line], spells: &[Spell]) -> Result<()> {
    let columns = ["district", "area_text", "wordings", "first", "last", "days", "may_have_begun_earlier"];
    let mut file = CsvFile::create(path, &columns)?;
    for spell in spells {
        let Some(line) = spell.episodes.first().map(|at| &lines[*at]) else { continue };
        file.row(&[
            line.episode.district.clone(),
            line.text.clone(),
            spell.episodes.len().to_string(),
            spell.first.to_string(),
            spell.last.to_string(),
            spell.days().to_string(),
            u8::from(spell.cut_off).to_string(),
        ])?;
    }
    Ok(file.finish()?)
}

fn write_days(path: &Path, lines: &[Line]) -> Result<()> {
    let mut file = CsvFile::create(path, &["day", "district", "open", "new", "ended"])?;
    let districts: BTreeSet<&str> = lines.iter().map(|line| line.episode.district.as_str()).collect();
    for day in list_days(lines) {
        for district in &districts {
            let of = |what: &dyn Fn(&Episode) -> bool| {
                lines
                    .iter()
                    .filter(|line| line.episode.district == *district && what(&line.episode))
                    .count()
                    .to_string()
            };
            file.row(&[
                day.to_string(),
                (*district).to_owned(),
                of(&|episode| episode.first <= day && day < episode.absent),
                of(&|episode| episode.first == day),
                of(&|episode| episode.absent == day),
            ])?;
        }
    }
    Ok(file.finish()?)
}

/// How long areas stayed by district, and what share of the texts was read.
fn tell(asked: &Published, lines: &[Line], episodes: &[Episode], spells: &[Spell]) -> Result<()> {
    let columns = [
        "district",
        "wordings",
        "areas",
        "cut_off",
        "median_days",
        "p90_days",
        "longest",
        "beyond",
        "area_days_beyond",
    ];
    let mut wordings: BTreeMap<&str, usize> = BTreeMap::new();
    for episode in episodes {
        *wordings.entry(&episode.district).or_default() += 1;
    }
    let stays = stays(episodes, spells, i64::from(asked.rule_days));
    let row = |(district, stay): (&String, &dayclear_engines::zoning::Stay)| {
        let wordings = wordings.get(district.as_str()).copied().unwrap_or(0);
        let mut row = vec![district.clone()];
        row.extend([wordings, stay.areas, stay.cut_off].map(|n| n.to_string()));
        row.extend([stay.median, stay.p90, stay.longest].map(|n| n.to_string()));
        row.extend([stay.beyond.to_string(), stay.days_beyond.to_string()]);
        row
    };
    let rows: Vec<Vec<String>> = stays.iter().map(row).collect();
    let share = Share::of(lines);
    output::table(asked.format, "districts", &columns, &rows, json!({ "texts": share.json() }))?;
    if matches!(asked.format, Format::Table) {
        println!("{}", share.text());
    }
    Ok(())
}

/// How much of the texts was read.
#[derive(Default)]
struct Share {
    texts: usize,
    township: [usize; 2],
    community: [usize; 2],
    building: [usize; 2],
    unit: [usize; 2],
    unread: usize,
}

impl Share {
    /// Of each: texts whose words say that they name one, and those in which it was read (a division: with its code).
    fn of(lines: &[Line]) -> Share {
        let mut share = Share { texts: lines.len(), ..Share::default() };
        for Line { text, written, .. } in lines {
            let count = |of: &mut [usize; 2], said: bool, read: bool| {
                of[0] += usize::from(said || read);
                of[1] += usize::from(read);
            };
            let coded = |named: &Option<Named>| named.as_ref().is_some_and(|named| named.code.is_some());
            let any = |what: fn(&Part) -> bool| written.parts.iter().chain(&written.but).any(what);
            let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
            count(&mut share.township, written.township.is_some() || says(&["街道"]), coded(&written.township));
            count(&mut share.community, written.community.is_some() || says(&["社区"]), coded(&written.community));
            count(&mut share.building, says(&["栋", "幢", "号"]), any(|part| part.building.is_some()));
            count(&mut share.unit, says(&["单元"]), any(|part| part.unit.is_some()));
            share.unread += usize::from(!written.unread.is_empty());
        }
        share
    }

    fn parts(&self) -> [(&'static str, [usize; 2]); 4] {
        [("township", self.township), ("community", self.community), ("building", self.building), ("unit", self.unit)]
    }

    fn json(&self) -> serde_json::Value {
        let of = self.parts().map(|(name, [said, read])| (name.to_owned(), json!({ "named": said, "read": read })));
        let mut object: serde_json::Map<String, serde_json::Value> = of.into_iter().collect();
        object.insert("texts".to_owned(), self.texts.into());
        object.insert("with_a_number_unread".to_owned(), self.unread.into());
        object.into()
    }

    fn text(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .parts()
            .into_iter()
            .map(|(name, [said, read])| {
                let percent = 100.0 * read as f64 / said.max(1) as f64;
                vec![name.to_owned(), said.to_string(), read.to_string(), format!("{percent:.1} %")]
            })
            .collect();
        let table = papers::text_table(&["of the texts", "name one", "read", "share"], &rows);
        format!("{table}\n{} texts; {} with a number that was read as nothing", self.texts, self.unread)
    }
}
