//! Made-up names, document numbers and telephone numbers. The names are common surnames with made-up given names. The
//! numbers are well formed, no two people share one, and they cannot belong to anybody: the documents name counties
//! that were never numbered, the telephones a prefix that no operator has been given.

use super::chance::Dice;
use dayclear_core::time::CivilDate;

const SURNAMES: [&str; 60] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡", "潘", "田", "董", "袁",
    "于", "余", "叶", "蒋", "杜", "苏", "魏", "程", "吕", "丁", "沈", "任", "姚", "卢", "傅", "钟", "姜", "崔", "谭",
    "廖", "范", "汪",
];
const FIRST: [&str; 30] = [
    "文", "明", "志", "建", "国", "家", "子", "思", "晓", "春", "永", "世", "德", "光", "立", "天", "一", "嘉", "宇",
    "海", "成", "小", "玉", "秀", "美", "雨", "欣", "佳", "梦", "雪",
];
const SECOND_MALE: [&str; 30] = [
    "强", "伟", "军", "勇", "杰", "涛", "斌", "波", "辉", "刚", "鹏", "飞", "平", "华", "龙", "浩", "轩", "然", "博",
    "林", "峰", "宁", "生", "荣", "超", "江", "川", "山", "亮", "诚",
];
const SECOND_FEMALE: [&str; 30] = [
    "芳", "娟", "敏", "静", "丽", "艳", "娜", "燕", "玲", "霞", "红", "梅", "兰", "英", "琴", "萍", "莉", "婷", "颖",
    "洁", "怡", "涵", "琪", "悦", "瑶", "菲", "岚", "云", "月", "慧",
];

/// A surname.
pub(crate) fn surname(dice: &mut Dice) -> &'static str {
    dice.pick(&SURNAMES)
}

/// A full name for a surname and a sex.
pub(crate) fn full(surname: &str, male: bool, dice: &mut Dice) -> String {
    let second = dice.pick(if male { &SECOND_MALE } else { &SECOND_FEMALE });
    match dice.below(6) {
        0 => format!("{surname}{second}"),
        _ => format!("{surname}{}{second}", dice.pick(&FIRST)),
    }
}

/// Classes of document numbers on one birth date and of one sex: 200 counties of 500 numbers.
const DOCUMENTS: u64 = 100_000;

/// The day within the year of life on which a person was born, 0 to 364. People of one class of document numbers get
/// different days, so that document numbers stay different in a city of up to 36 million.
pub(super) fn birth_offset(person: u32) -> i64 {
    let (class, turn) = (u64::from(person) % DOCUMENTS, u64::from(person) / DOCUMENTS);
    ((class * 7_919 + turn * 101) % 365) as i64
}

/// A birth date that makes a person `age` years old on `day`.
pub(crate) fn birth(day: CivilDate, age: u8, person: u32) -> CivilDate {
    let (year, month, date) = day.parts();
    let birthday = CivilDate::new(year - i16::from(age), month, date)
        .or_else(|| CivilDate::new(year - i16::from(age), month, 28))
        .unwrap_or(day);
    birthday.plus_days(-birth_offset(person))
}

/// An 18-character document number (GB 11643). County codes 500400 to 500599 lie in Chongqing's range and were never
/// given out, so the number is recognisably made up and still passes every check of form.
pub(crate) fn document(person: u32, birth: CivilDate, male: bool) -> String {
    let class = (u64::from(person) % DOCUMENTS) * 61_813 % DOCUMENTS;
    let (year, month, day) = birth.parts();
    let serial = class % 500 * 2 + u64::from(male);
    let body = format!("500{}{year:04}{month:02}{day:02}{serial:03}", 400 + class / 500);
    let check = check_character(&body);
    body + check
}

/// The check character of the first 17 digits (ISO 7064, MOD 11-2, as GB 11643 prescribes).
pub(crate) fn check_character(body: &str) -> &'static str {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [&str; 11] = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    CHECKS[(sum % 11) as usize]
}

/// A telephone number with the prefix 154, which to our knowledge no operator has.
pub(crate) fn phone(person: u32) -> String {
    format!("154{:08}", u64::from(person) * 61_803_399 % 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_check_character_is_that_of_the_standard() {
        // The two examples printed in GB 11643-1999.
        assert_eq!(check_character("11010519491231002"), "X");
        assert_eq!(check_character("44052418800101001"), "4");
    }

    #[test]
    fn numbers_are_nobodys_and_never_the_same() {
        let day: CivilDate = "2022-11-20".parse().unwrap();
        let (mut documents, mut phones) = (BTreeSet::new(), BTreeSet::new());
        // Every seventh of a small city, and all who share a class of numbers in a city of 32 million.
        let people: BTreeSet<u32> = (0..400_000).step_by(7).chain((0..32_000_000).step_by(100_000)).collect();
        for person in people {
            let document = document(person, birth(day, 40, person), false);
            assert!(document.len() == 18 && ("500400".."500600").contains(&&document[..6]), "{document}");
            assert!(documents.insert(document) && phones.insert(phone(person)), "person {person}");
        }
    }

    #[test]
    fn a_person_has_the_age_that_was_drawn() {
        let day: CivilDate = "2024-02-29".parse().unwrap();
        for (person, age) in [(0, 0), (1, 3), (99, 40), (364, 4), (12_345, 96)] {
            let (year, month, date) = birth(day, age, person).parts();
            let years = 2024 - year - i16::from((month, date) > (2, 29));
            assert_eq!(years, i16::from(age), "person {person}");
        }
    }
}
