//! Normal forms, keys and comparisons of identities: tables of cases, and properties that hold for whoever is compared. Pure.

use super::{names::name, numbers, rehearsal::rehearse, *};
use proptest::prelude::*;

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

#[test]
fn documents_in_normal_form() {
    // both examples of GB 11643-1999, and the first as a number of 15 digits
    for (text, number) in [
        ("11010519491231002X", Some("11010519491231002X")),
        ("11010519491231002x", Some("11010519491231002X")),
        ("１１０１０５１９４９１２３１００２Ｘ", Some("11010519491231002X")),
        ("440524 1880 0101 0014", Some("440524188001010014")),
        ("110105491231002", Some("11010519491231002X")),
        ("110105194912310021", None),
        ("110105194913310027", None),
        ("12", None),
        ("E12345678", Some("E12345678")),
        ("h-1234567(8)", Some("H12345678")),
    ] {
        assert_eq!(numbers::document(text).map(|document| document.number).as_deref(), number, "{text}");
    }
    let read = numbers::document("11010519491231002X").unwrap();
    assert_eq!((read.birth, read.sex), (Some(day("1949-12-31")), Some(Sex::Female)));
}

#[test]
fn telephones_in_normal_form() {
    for (text, number) in [
        ("13800001111", Some("13800001111")),
        ("+86 138-0000-1111", Some("13800001111")),
        ("0086 13800001111", Some("13800001111")),
        ("86 138 0000 1111", Some("13800001111")),
        ("１３８００００１１１１", Some("13800001111")),
        ("023-63801234", Some("02363801234")),
        ("+852 9123 4567", Some("+85291234567")),
        ("110", None),
        ("00000000000", None),
        ("无", None),
    ] {
        assert_eq!(numbers::phone(text).as_deref(), number, "{text}");
    }
}

#[test]
fn names_meet_across_scripts_and_readings() {
    let letters = |text: &str| name(text).unwrap().letters;
    for (one, other) in [
        ("张伟", "張偉"),
        ("张伟", "ZHANG Wei"),
        ("张小明", "Xiaoming Zhang"),
        ("单雄信", "Shan Xiongxin"),
        ("曾国藩", "ZENG GUOFAN"),
        ("欧阳修", "OUYANG XIU"),
        ("万俟卨", "Moqi Xie"),
        ("尉迟恭", "Yuchi Gong"),
        ("吕布", "LÜ BU"),
        ("吕布", "LV BU"),
        ("阿卜杜热合曼·买买提", "阿卜杜热合曼•买买提"),
        ("阿卜杜热合曼·买买提", "阿卜杜热合曼買買提"),
        ("李 娜", "李　娜"),
    ] {
        assert_eq!(letters(one), letters(other), "{one} {other}");
    }
    assert_eq!(name("张伟").unwrap().written, name("張偉").unwrap().written);
    assert_ne!(letters("张伟"), letters("章纬国"));
    assert!(name("").is_none() && name("··").is_none());
    use super::names::Alike::*;
    for (one, other, alike) in [
        ("张伟", "張偉", Written),
        ("张伟", "张玮", Read),
        ("张伟", "Zhang Wei", Read),
        ("张文伟", "张文强", Nearly),
        ("张伟", "张强", Surname),
        ("张伟", "李娜", Not),
        // a polyphone read otherwise: 乐 is yue or le
        ("张乐", "张勒", Read),
    ] {
        assert_eq!(name(one).unwrap().alike(&name(other).unwrap()), alike, "{one} {other}");
    }
}

fn identity(name: &str, document: &str, phone: &str, birth: &str, sex: &str, address: &str) -> Identity {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (division, rest) = address.split_once(' ').unwrap_or((address, ""));
    Identity {
        name: some(name),
        document: some(document),
        phone: some(phone),
        birth_date: birth.parse().ok(),
        sex: sex.parse().ok(),
        division: some(division),
        address: some(rest),
    }
}

#[test]
fn what_a_comparison_says() {
    const HOME: &str = "500103013006 3栋2单元1502";
    let base = ("王小明", "11010519491231002X", "13800001111", "1949-12-31", "female", HOME);
    let me = identity(base.0, base.1, base.2, base.3, base.4, base.5);
    for (what, other, linked) in [
        ("again", identity(base.0, base.1, base.2, base.3, base.4, base.5), Linked::Same),
        ("old document", identity(base.0, "110105491231002", "", "", "", ""), Linked::Same),
        ("in Latin, other phone", identity("WANG XIAOMING", base.1, "13911112222", base.3, "", ""), Linked::Same),
        ("no document, at home", identity(base.0, "", base.2, base.3, base.4, HOME), Linked::Same),
        ("homophone", identity("王晓鸣", "", base.2, base.3, base.4, HOME), Linked::Same),
        ("name and birth only", identity(base.0, "", "", base.3, "", ""), Linked::Ask),
        ("day and month swapped", identity(base.0, "", base.2, "1949-12-13", base.4, HOME), Linked::Same),
        ("somebody else's document", identity("李四", base.1, "", "1980-05-05", "", ""), Linked::Ask),
        ("twin", identity("王小红", "", base.2, base.3, base.4, HOME), Linked::Ask),
        ("twin with document", identity("王小红", "440524188001010014", base.2, base.3, "", HOME), Linked::Different),
        ("sister", identity("王丽", "", base.2, "1952-03-01", base.4, HOME), Linked::Different),
        ("namesake", identity(base.0, "", "", "1971-02-03", "", "500112016001 1栋101"), Linked::Different),
        ("nobody", Identity::default(), Linked::Different),
    ] {
        let compared = compare_written(&me, &other);
        assert_eq!(compared.linked, linked, "{what}: {compared:?}");
        assert_eq!(compared.parts.len(), Field::ALL.len());
    }
}

fn anybody() -> impl Strategy<Value = Identity> {
    let name =
        prop::sample::select(vec!["王小明", "王小红", "張偉", "张玮", "ZHANG WEI", "单乐", "阿依·古丽", "", "x"]);
    let document = prop::sample::select(vec![
        "",
        "11010519491231002X",
        "110105491231002",
        "440524188001010014",
        "E1234567",
        "110105194912310021",
    ]);
    let phone = prop::sample::select(vec!["", "13800001111", "+8613800001111", "13800001112", "023-63801234", "1"]);
    let birth = prop::sample::select(vec!["", "1949-12-31", "1980-05-06", "1980-06-05", "1980-05-07"]);
    let sex = prop::sample::select(vec!["", "male", "female", "unknown"]);
    let address = prop::sample::select(vec!["", "500103013006 3栋2单元1502", "500103013006 3-2-1502", "500112 1栋"]);
    (name, document, phone, birth, sex, address).prop_map(|(n, d, p, b, s, a)| identity(n, d, p, b, s, a))
}

proptest! {
    #[test]
    fn a_comparison_is_symmetric(one in anybody(), other in anybody()) {
        prop_assert_eq!(compare_written(&one, &other), compare_written(&other, &one));
    }

    #[test]
    fn the_same_normal_form_gives_the_same_keys(one in anybody(), other in anybody()) {
        if one.normal() == other.normal() {
            prop_assert_eq!(one.normal().keys(), other.normal().keys());
        }
    }

    #[test]
    fn what_says_the_same_in_other_words_has_the_same_keys(one in anybody()) {
        let mut wide = one.clone();
        let widen = |text: String| -> String {
            text.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c }).collect()
        };
        wide.document = wide.document.map(widen);
        wide.phone = wide.phone.map(widen);
        wide.name = wide.name.map(widen);
        wide.address = wide.address.map(widen);
        prop_assert_eq!(one.normal().keys(), wide.normal().keys());
    }

    #[test]
    fn any_text_has_a_normal_form(name in ".{0,20}", document in ".{0,24}", phone in ".{0,24}", address in ".{0,40}") {
        let one = Identity { name: Some(name), document: Some(document), phone: Some(phone), birth_date: None, sex: None,
            division: Some("500103013006".to_owned()), address: Some(address) };
        let normal = one.normal();
        prop_assert_eq!(compare(&normal, &normal).weight, compare(&normal, &normal).weight);
        normal.keys();
    }
}

#[test]
fn a_rehearsal_finds_people_again() {
    let outcome = rehearse(10_000, 7);
    assert_eq!(outcome, rehearse(10_000, 7));
    assert!(outcome.precision() > 0.99 && outcome.recall_asked() > 0.9, "{outcome:?}");
    assert!(rehearsal::is_document("11010519491231002X"));
}
