//! Writes who lives where: divisions, buildings, households and people.

use super::{
    Out, Population, Sink, building_id,
    chance::{Dice, Draw},
    household_id,
    layout::{Building, COMPOUND_BUILDINGS, Housing, Layout, Spot},
    names,
    people::{Member, carer, members, needs},
    person_id,
};
use dayclear_core::{roster::Presence, schema, time::CivilDate};

/// Units that report like a district, with the district near whose seat they are drawn (`functional_zones.csv`).
const REPORTING_UNITS: [(&str, &str, &str); 3] = [
    ("50-LJ", "两江新区", "Liangjiang New Area"),
    ("50-GX", "重庆高新区", "Chongqing High-tech Zone"),
    ("50-WS", "万盛经开区", "Wansheng Economic and Technological Development Zone"),
];
const COMPOUNDS: [&str; 20] = [
    "江景苑",
    "翠湖苑",
    "嘉和园",
    "阳光家园",
    "金桂苑",
    "山水居",
    "龙景台",
    "紫荆苑",
    "和兴园",
    "春晖里",
    "枫林苑",
    "云顶居",
    "锦绣园",
    "长安里",
    "望江台",
    "怡心苑",
    "民安园",
    "桃源居",
    "银杏苑",
    "文星里",
];

/// Every district and reporting unit, and the townships and communities in which people live. Seats are given where the
/// sources have them; how many people live below the districts is not in the census tables, and stays unknown.
pub(super) fn divisions<S: Sink + ?Sized>(layout: &Layout, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::DIVISIONS)?;
    let sources = &layout.sources;
    let city: u64 = sources.districts.iter().map(|district| district.population).sum();
    out.cell("50").cell("重庆市").cell("Chongqing").cell("city").cell(city).row()?;
    for district in &sources.districts {
        out.cell(&district.code)
            .cell(&district.name)
            .cell(&district.name_en)
            .cell("district")
            .cell(district.population);
        out.spot(Spot { lon: district.lon, lat: district.lat }).row()?;
    }
    for (code, name, name_en) in REPORTING_UNITS {
        out.cell(code).cell(name).cell(name_en).cell("reporting_unit").row()?;
    }
    let villages = || layout.communities.iter().map(|community| &sources.villages[community.village]);
    let mut townships: Vec<usize> = villages().map(|village| village.township).collect();
    townships.sort_unstable();
    townships.dedup();
    for township in townships.iter().map(|index| &sources.townships[*index]) {
        out.cell(&township.code).cell(&township.name).empty().cell("township").row()?;
    }
    for village in villages() {
        out.cell(&village.code).cell(&village.name).empty().cell("community").row()?;
    }
    Ok(())
}

fn name_of(building: &Building, rural: bool) -> String {
    let collective = match building.housing {
        Housing::Family => None,
        Housing::Students => Some("学生宿舍"),
        Housing::Workers => Some("职工宿舍"),
        Housing::Care => Some("养老院"),
    };
    if let Some(name) = collective {
        format!("{name}{}栋", building.number + 1)
    } else if rural {
        format!("{}组{}号", building.number / 12 + 1, building.number % 12 + 1)
    } else {
        format!("{}栋", building.number % 8 + 1)
    }
}

pub(super) fn buildings<S: Sink + ?Sized>(layout: &Layout, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::BUILDINGS)?;
    for (index, building) in layout.buildings.iter().enumerate() {
        let index = index as u32;
        let mut dice = Dice::new(layout.seed, Draw::Building, u64::from(index) | 1 << 40);
        let rural = layout.communities[building.community as usize].rural;
        out.cell(building_id(index)).cell(layout.community_code(building.community));
        if rural {
            out.empty();
        } else {
            // the number tells compounds of one name apart.
            let compound = building.number / COMPOUND_BUILDINGS;
            out.cell(format_args!("{}{}期", COMPOUNDS[building.community as usize % COMPOUNDS.len()], compound + 1));
        }
        out.cell(name_of(building, rural)).spot(layout.spot(index));
        // A tenth of the buildings has no check on record: their areas must not be closed as if they had (R10).
        out.moment_or_empty((!dice.hits(10_000)).then(|| 5 * 3_600 + dice.between(0, 10_799)));
        if dice.hits(96_000) {
            let surname = names::surname(&mut dice);
            let male = dice.hits(50_000);
            out.cell(names::full(surname, male, &mut dice));
        }
        out.row()?;
    }
    Ok(())
}

pub(super) fn households<S: Sink + ?Sized>(layout: &Layout, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::HOUSEHOLDS)?;
    for (index, building) in layout.buildings.iter().enumerate() {
        let rural = layout.communities[building.community as usize].rural;
        for (household, (unit, floor, door)) in layout.doors(index as u32) {
            let mut dice = Dice::new(layout.seed, Draw::Suitable, u64::from(household));
            out.cell(household_id(household)).cell(building_id(index as u32));
            match rural {
                true => out.empty(),
                false => out.cell(unit),
            };
            out.cell(floor).cell(format_args!("{floor}{door:02}"));
            out.cell(dice.weighted(&[("yes", 55), ("no", 17), ("unknown", 28)])).row()?;
        }
    }
    Ok(())
}

impl Population {
    /// Age on a day, in years, of somebody in a city whose roster was made for the day `made`: birthdays pass.
    pub fn age_on(&self, person: u32, made: CivilDate, on: CivilDate) -> u8 {
        let (born, month, date) = names::birth(made, self.age(person), person).parts();
        let (year, ..) = on.parts();
        let had_birthday = (on.parts().1, on.parts().2) >= (month, date);
        u8::try_from(year - born - i16::from(!had_birthday)).unwrap_or_default()
    }
}

/// What the papers of somebody say; lists beside the roster know the same.
pub(super) struct Known {
    pub name: String,
    pub document: Option<String>,
    pub phone: Option<String>,
    pub birth: CivilDate,
}

/// The papers of a member of a household, who stands at a place in it.
pub(super) fn known(layout: &Layout, date: CivilDate, household: u32, place: usize, member: &Member) -> Known {
    let family = names::surname(&mut Dice::new(layout.seed, Draw::Name, u64::from(household)));
    let person = member.person;
    let mut dice = Dice::new(layout.seed, Draw::Given, u64::from(person));
    // The first of a household and its children share a surname.
    let surname = if place == 0 || member.age < 18 { family } else { names::surname(&mut dice) };
    let birth = names::birth(date, member.age, person);
    let name = names::full(surname, member.male, &mut dice);
    let has_document = dice.hits(if member.age == 0 { 60_000 } else { 97_500 });
    let has_phone = member.age >= 14 && dice.hits(97_000);
    Known {
        name,
        document: has_document.then(|| names::document(person, birth, member.male)),
        phone: has_phone.then(|| names::phone(person)),
        birth,
    }
}

pub(super) fn people<S: Sink + ?Sized>(layout: &Layout, date: CivilDate, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::PEOPLE)?;
    for household in 0..layout.households() {
        let members = members(layout, household);
        for (place, member) in members.iter().enumerate() {
            let person = member.person;
            let needs = needs(layout, member, members.len());
            let Known { name, document, phone, birth } = known(layout, date, household, place, member);
            out.cell(person_id(person)).cell(household_id(household));
            out.cell(name).cell(document.unwrap_or_default()).cell(phone.unwrap_or_default());
            out.cell(if member.male { "male" } else { "female" }).cell(birth);
            let start = out.text.len();
            for need in &needs {
                if out.text.len() > start {
                    out.text.push(';');
                }
                out.text.push_str(need.name());
            }
            out.ends.push(out.text.len());
            out.cell(member.key_group.map_or("", |group| group.name()));
            match carer(&members, member, &needs) {
                Some(carer) => out.cell(person_id(carer)),
                None => out.empty(),
            };
            match member.presence {
                Presence::Unknown => out.empty(),
                presence => out.cell(presence.name()),
            };
            out.row()?;
        }
    }
    Ok(())
}
