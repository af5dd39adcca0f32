//! Lists beside the roster, as real users bring them: each workplace, school and care home names the people who are there. They know what an
//! employer or a school knows: most documents, fewer telephones, now and then somebody whom the roster does not have. Nobody is on
//! the roster because of them.

use super::{
    Out, Sink, Spec, SpecError,
    chance::{Dice, Draw},
    names,
    people::members,
    population::{Occupation, Population},
    roster::known,
    sources::Sources,
};
use dayclear_core::{roster::ListSource, schema};

/// What a list lacks or has too much, per 100,000 entries. Assumed.
const WITHOUT_DOCUMENT: u32 = 10_000;
const WITHOUT_PHONE: u32 = 30_000;
const ON_NO_ROSTER: u32 = 300;
/// Second of the day, two days before, as of which lists are.
const AS_OF: u32 = 18 * 3_600;
/// Age from which whoever is in a class teaches it; and in a care home, until which whoever is there works there.
const TEACHES_FROM: u8 = 18;
const WORKS_UNTIL: u8 = 65;

/// The population whose groups become lists.
pub(super) fn population(spec: &Spec, sources: &Sources) -> Result<Population, SpecError> {
    Population::build(spec, sources, 1)
}

/// Writes the lists, one after the other, each in the order in which its people came to it.
pub(super) fn write<S: Sink + ?Sized>(city: &Population, spec: &Spec, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::LISTED)?;
    for group in 0..city.groups() {
        let people = city.group(group);
        let Some(first) = people.first() else { continue };
        let (source, letter, given_by) = match city.occupation(*first) {
            Occupation::Work => (ListSource::Employer, 'W', "用人单位"),
            Occupation::Class => (ListSource::School, 'S', "学校"),
            Occupation::Student => (ListSource::School, 'U', "高校"),
            Occupation::Care => (ListSource::Other, 'C', "养老机构"),
            Occupation::None => continue,
        };
        let list = format!("{letter}{:07}", group + 1);
        for (place, person) in people.iter().enumerate() {
            entry(city, spec, out, (source, &list, given_by), place, *person)?;
        }
        let mut dice = Dice::new(spec.seed, Draw::Listed, u64::from(group) | 1 << 40);
        if dice.hits(ON_NO_ROSTER.saturating_mul(people.len() as u32).min(100_000)) {
            stranger(city, out, (source, &list, given_by), group, *first, &mut dice)?;
        }
    }
    Ok(())
}

fn role(city: &Population, person: u32) -> &'static str {
    let age = city.age(person);
    match city.occupation(person) {
        Occupation::Class if age >= TEACHES_FROM => "teacher",
        Occupation::Class => "pupil",
        Occupation::Student => "student",
        Occupation::Care if age < WORKS_UNTIL => "staff",
        Occupation::Care => "resident",
        Occupation::Work | Occupation::None => "employee",
    }
}

fn entry<S: Sink + ?Sized>(
    city: &Population,
    spec: &Spec,
    out: &mut Out<'_, S>,
    (source, list, given_by): (ListSource, &str, &str),
    place: usize,
    person: u32,
) -> Result<(), S::Error> {
    let household = city.layout.household_of(person);
    let members = members(&city.layout, household);
    let Some(at) = members.iter().position(|member| member.person == person) else { return Ok(()) };
    let known = known(&city.layout, spec.date, household, at, &members[at]);
    let mut dice = Dice::new(spec.seed, Draw::Listed, u64::from(person));
    out.cell(source.name()).cell(list).cell(format_args!("{}", place + 1)).moment_on(-2, AS_OF).cell(given_by);
    out.cell(city.community_code(city.community_of(person))).cell(&known.name);
    match known.document.filter(|_| !dice.hits(WITHOUT_DOCUMENT)) {
        Some(document) => out.cell(document),
        None => out.empty(),
    };
    match known.phone.filter(|_| !dice.hits(WITHOUT_PHONE)) {
        Some(phone) => out.cell(phone),
        None => out.empty(),
    };
    out.cell(known.birth).cell(if members[at].male { "male" } else { "female" });
    out.empty().empty().empty().cell(role(city, person)).row()
}

/// Somebody who is there and on no roster: a number beyond the last person of the city makes their papers.
fn stranger<S: Sink + ?Sized>(
    city: &Population,
    out: &mut Out<'_, S>,
    (source, list, given_by): (ListSource, &str, &str),
    group: u32,
    beside: u32,
    dice: &mut Dice,
) -> Result<(), S::Error> {
    let number = city.people() + group;
    let (male, age) = (dice.hits(50_000), city.age(beside));
    let birth = names::birth(out.date(), age, number);
    let surname = names::surname(dice);
    out.cell(source.name()).cell(list).cell("new").moment_on(-2, AS_OF).cell(given_by);
    out.cell(city.community_code(city.community_of(beside))).cell(names::full(surname, male, dice));
    out.cell(names::document(number, birth, male)).cell(names::phone(number)).cell(birth);
    out.cell(if male { "male" } else { "female" }).empty().empty().empty().cell(role(city, beside)).row()
}
