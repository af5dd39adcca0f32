//! What the population promises: that it is the city of the day files, that its margins are the published ones, and that
//! threads change nothing.

use super::{
    layout::{HOUSEHOLD_SIZES, Housing, Layout},
    population::{Occupation, Population},
    tests::{made, spec},
    *,
};
use dayclear_core::{roster::KeyGroup, schema::PEOPLE};
use std::collections::BTreeMap;

fn city(people: u64, seed: u64, collective: bool, threads: usize) -> Population {
    let spec = Spec { collective, ..spec(people, 0, seed) };
    Population::build(&spec, &Sources::chongqing().unwrap(), threads).unwrap()
}

#[test]
fn person_by_person_it_is_the_roster_of_the_day_files() {
    for (people, seed, collective) in [(3_000, 1, false), (12_000, 7, true)] {
        let (kept, _) = made(&Spec { collective, ..spec(people, 0, seed) });
        let city = city(people, seed, collective, 2);
        let home: BTreeMap<&str, &Vec<String>> =
            kept.table("households").iter().map(|row| (row[0].as_str(), row)).collect();
        let building: BTreeMap<&str, &Vec<String>> =
            kept.table("buildings").iter().map(|row| (row[0].as_str(), row)).collect();
        assert_eq!(kept.table("people").len(), city.people() as usize);
        let date: CivilDate = "2022-11-20".parse().unwrap();
        for (person, row) in kept.table("people").iter().enumerate() {
            let person = person as u32;
            let household = home[row[1].as_str()];
            let house = building[household[1].as_str()];
            assert_eq!(row[0], city.person_id(person));
            assert_eq!(row[1], city.household_id(person));
            assert_eq!(household[1], city.building_id(city.building_of(person)));
            assert_eq!(house[1], city.community_code(city.community_of(person)));
            assert!(house[1].starts_with(city.district_code(city.district_of(person))));
            assert_eq!(row[5] == "male", city.male(person));
            let (birth, age): (CivilDate, i64) = (row[6].parse().unwrap(), i64::from(city.age(person)));
            assert!((age * 365..age * 366 + 367).contains(&date.days_since(birth)), "{row:?} is {age}");
            // as old as the birth date says, on that day and around the next birthday
            let (year, month, day) = birth.parts();
            let turns = |years: i64| CivilDate::new(year + years as i16, month, day);
            assert_eq!(i64::from(city.age_on(person, date, date)), age);
            if let Some(birthday) = turns(age + 1) {
                assert_eq!(i64::from(city.age_on(person, date, birthday)), age + 1);
                assert_eq!(i64::from(city.age_on(person, date, birthday.plus_days(-1))), age);
            }
            let needs: Vec<&str> = city.needs(person).iter().map(|need| need.name()).collect();
            assert_eq!(row[7], needs.join(";"));
            assert_eq!(row[8], city.key_group(person).map_or("", KeyGroup::name));
            let same = |other: u32| kept.table("people")[other as usize][1] == row[1];
            let range = city.household(person);
            assert!(range.clone().all(same) && range.contains(&person));
            assert!(range.start == 0 || !same(range.start - 1));
            assert!(range.end == city.people() || !same(range.end));
        }
        assert_eq!(kept.column(&PEOPLE, "person").count(), city.people() as usize);
    }
}

#[test]
fn threads_change_nothing() {
    let digests: Vec<u64> = [1, 2, 4, 2].map(|threads| city(30_000, 3, true, threads).digest()).to_vec();
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:x?}");
    assert_ne!(digests[0], city(30_000, 4, true, 2).digest());
    // If this changes, so does every outbreak that was played before.
    assert_eq!(format!("{:016x}", digests[0]), "8ad65b0a8ee22c5a");
}

#[test]
fn household_sizes_pass_a_chi_square_against_the_published_ones() {
    let layout =
        Layout::new(&Spec { collective: true, ..spec(200_000, 0, 5) }, &Sources::chongqing().unwrap()).unwrap();
    let mut seen = [0.0; 10];
    for building in layout.buildings.iter().filter(|building| building.housing == Housing::Family) {
        for household in building.households.clone() {
            seen[layout.members(household).len() - 1] += 1.0;
        }
    }
    let all: f64 = seen.iter().sum();
    let expected = HOUSEHOLD_SIZES.map(|(_, share)| all * f64::from(share) / 100_000.0);
    // The last household of a community is cut where its people end: under one in a thousand.
    let chi: f64 = seen.iter().zip(expected).map(|(seen, expected)| (seen - expected).powi(2) / expected).sum();
    assert!(chi < 27.9, "chi-square {chi} with 9 degrees of freedom; 27.9 is passed once in a thousand");
}

#[test]
fn margins_are_the_published_ones() {
    let city = city(400_000, 2, true, 2);
    let people = f64::from(city.people());
    let percent =
        |keep: &dyn Fn(u32) -> bool| (0..city.people()).filter(|person| keep(*person)).count() as f64 * 100.0 / people;
    let of = |occupation: Occupation| percent(&|person| city.occupation(person) == occupation);
    let collective = percent(&|person| city.housing(city.building_of(person)) != Housing::Family);
    assert!((6.5..9.5).contains(&collective), "{collective} % in collective households, 8.0 by the census");
    let working = of(Occupation::Work)
        + percent(&|person| city.occupation(person) == Occupation::Class && city.age(person) >= 18)
        + percent(&|person| city.occupation(person) == Occupation::Care && city.age(person) < 70);
    assert!((50.0..57.0).contains(&working), "{working} % work, about 52 by the yearbook");
    let children = percent(&|person| (3..=17).contains(&city.age(person)));
    let pupils = percent(&|person| city.occupation(person) == Occupation::Class && city.age(person) < 18);
    assert!((0.94..1.0).contains(&(pupils / children)), "{pupils} of {children}");
    // Within 2.5 points of the census: dormitories house nobody under 18.
    let checks: [(&str, f64, f64); 3] = [
        ("0-14", percent(&|person| city.age(person) < 15), 15.91),
        ("60+", percent(&|person| city.age(person) >= 60), 21.87),
        ("male", percent(&|person| city.male(person)), 50.55),
    ];
    for (what, share, published) in checks {
        assert!((share - published).abs() < 2.5, "{what}: {share}, published {published}");
    }
}

#[test]
fn everybody_with_an_occupation_is_in_one_group_of_its_kind() {
    let city = city(50_000, 9, true, 1);
    let mut seen = vec![0; city.people() as usize];
    for group in 0..city.groups() {
        let members = city.group(group);
        assert!(!members.is_empty());
        let kind = city.occupation(members[0]);
        for person in members {
            seen[*person as usize] += 1;
            assert_eq!((city.group_of(*person), city.occupation(*person)), (Some(group), kind));
        }
        if kind == Occupation::Class {
            assert!(members.len() <= 64, "a class of {}", members.len());
            let ages: Vec<u8> = members.iter().map(|person| city.age(*person)).filter(|age| *age < 18).collect();
            assert!(ages.windows(2).all(|pair| pair[0] == pair[1]), "{ages:?}");
        }
    }
    for (person, times) in seen.iter().enumerate() {
        assert_eq!(*times == 1, city.occupation(person as u32) != Occupation::None);
    }
    let layout = Layout::new(&Spec { collective: true, ..spec(50_000, 0, 9) }, &Sources::chongqing().unwrap()).unwrap();
    assert!(layout.buildings.iter().any(|building| building.housing == Housing::Care));
}

#[test]
fn a_city_with_collective_households_makes_a_whole_day() {
    let (kept, summary) = made(&Spec { collective: true, ..spec(20_000, 60, 5) });
    assert_eq!(summary.positives, 60);
    let names: Vec<&str> = kept.table("buildings").iter().map(|row| row[3].as_str()).collect();
    for kind in ["学生宿舍", "职工宿舍", "养老院"] {
        assert!(names.iter().any(|name| name.starts_with(kind)), "no {kind}");
    }
    assert!(kept.column(&PEOPLE, "key_group").any(|group| group == "care_home"));
}

#[test]
fn lists_of_workplaces_schools_and_homes_name_the_people_of_the_roster_and_change_nothing_else() {
    let plain = Spec { collective: true, ..spec(9_000, 20, 5) };
    let (before, _) = made(&plain);
    let (kept, summary) = made(&Spec { lists: true, ..plain.clone() });
    assert_eq!(before.table("people"), kept.table("people"), "nobody is on the roster because of a list");
    assert_eq!(before.table("results"), kept.table("results"));
    let city = city(9_000, 5, true, 1);
    let listed = kept.table("listed");
    let grouped = (0..city.people()).filter(|person| city.group_of(*person).is_some()).count();
    let strangers = listed.iter().filter(|row| row[2] == "new").count();
    assert_eq!(listed.len(), grouped + strangers);
    assert_eq!(summary.rows["listed"], listed.len() as u64);
    assert!(strangers > 0 && strangers * 100 < listed.len(), "{strangers} of {}", listed.len());

    let documents: BTreeMap<&str, &Vec<String>> =
        kept.table("people").iter().filter(|row| !row[3].is_empty()).map(|row| (row[3].as_str(), row)).collect();
    let mut found = 0;
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for row in listed {
        *sources.entry(row[0].as_str()).or_default() += 1;
        let known = documents.get(row[7].as_str());
        assert!(row[2] != "new" || known.is_none(), "{row:?} is on the roster");
        if let Some(person) = known.filter(|_| row[2] != "new") {
            found += 1;
            assert_eq!((&row[6], &row[9]), (&person[2], &person[6]), "another person: {row:?} {person:?}");
        }
    }
    assert!(found * 100 > listed.len() * 80, "{found} of {} by their document", listed.len());
    assert!(["employer", "school", "other"].iter().all(|source| sources.contains_key(source)), "{sources:?}");
    let roles: std::collections::BTreeSet<&str> = listed.iter().map(|row| row[14].as_str()).collect();
    assert!(["employee", "pupil", "teacher", "resident", "staff"].iter().all(|role| roles.contains(role)), "{roles:?}");
}
