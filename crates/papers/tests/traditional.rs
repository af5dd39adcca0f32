//! Texts in traditional characters hold no simplified one: the slip that happens when a message is copied across.

use dayclear_papers::{Lang, words::sources};

/// The characters of this vocabulary that are written otherwise in traditional texts, as of the first edition.
const SIMPLIFIED: &str = "\
    与业两严个临为义乡书于产仅从会传体余儿养册冲决况划删别剂办务动区医协单卖占卫县发变台后启员咨围场处复\
    妇婴学实宠对层属岗师幂应开异当录径态总户执扩护报担损据数断无时暂术机条来构标栋样检楼气汇没测温潜点热\
    状独环现电疗监盖确离称筛签简类纠级纷线练组终结绝统续缀网联胶舱节范药虚观规视触计订记访诉诊词译试询详\
    语误说请调责账资踪车转轮轻载输达运连递采钟链销键镇长门闭闲间阳阴际险随页项须预风饮";

fn slips(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains(|char: char| !char.is_whitespace() && SIMPLIFIED.contains(char))).collect()
}

#[test]
fn no_simplified_character_stands_in_a_traditional_text() {
    for source in sources(Lang::ZhHant) {
        assert!(slips(source).is_empty(), "{:?}", slips(source));
    }
    let glossary = include_str!("../../core/glossary.md");
    let third: Vec<&str> = glossary.lines().filter_map(|line| line.split('|').nth(3)).collect();
    assert!(third.len() > 60);
    let third = third.join("\n");
    assert!(slips(&third).is_empty(), "{:?}", slips(&third));
}

#[test]
fn the_check_finds_a_slip() {
    assert_eq!(slips("待轉送陽性人員\n待转送陽性人員"), ["待转送陽性人員"]);
    assert!(slips(sources(Lang::ZhHans)[0]).len() > 50);
}
