//! Texts of the published lists of November and December 2022, read by a person and by the program; and areas through their
//! wordings.

use super::*;
use dayclear_core::time::CivilDate;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn gazetteer() -> Gazetteer {
    let pairs = |file: &str| -> Vec<(String, String)> {
        let path = format!("{}/../../data/chongqing/{file}", env!("CARGO_MANIFEST_DIR"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        reader.records().map(|row| row.map(|row| (row[0].to_owned(), row[1].to_owned())).unwrap()).collect()
    };
    Gazetteer::new(
        pairs("townships.csv").into_iter().map(|(code, name)| Township { code, name }),
        pairs("villages.csv").into_iter().map(|(code, name)| Community { code, name }),
    )
}

/// Township; community; parts as `place building unit`; what is left out; extent.
type Case =
    (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str], Extent);

/// As a person reads them. District code, text, township, community, parts, left out, extent.
const CASES: &[Case] = &[
    ("500232", "余家镇", "余家镇", "", &[], &[], Extent::Township),
    ("500101", "余家镇千银村千银村二组", "余家镇", "千银村", &["二组"], &[], Extent::Place),
    (
        "500101",
        "周家坝街道双堰塘社区兴茂雅园3号楼",
        "周家坝街道",
        "双堰塘社区",
        &["兴茂雅园 3栋"],
        &[],
        Extent::Building,
    ),
    ("500103", "大坪街道九坑子68号", "大坪街道", "", &["九坑子 68号"], &[], Extent::Building),
    ("500104", "竹园小区1栋", "", "", &["竹园 1栋"], &[], Extent::Building),
    (
        "500103",
        "两路口街道桂花园新村25号1单元、2单元",
        "两路口街道",
        "",
        &["桂花园新村 25号 1单元", "桂花园新村 25号 2单元"],
        &[],
        Extent::Unit,
    ),
    (
        "500103",
        "上清寺路57、67、69、73",
        "",
        "",
        &["上清寺路 57号", "上清寺路 67号", "上清寺路 69号", "上清寺路 73号"],
        &[],
        Extent::Building,
    ),
    (
        "500155",
        "梁山街道西池社区石马路380号、石马路458号附11号",
        "梁山街道",
        "西池社区",
        &["石马路 380号", "石马路 458号附11号"],
        &[],
        Extent::Building,
    ),
    (
        "500107",
        "杨家坪街道新胜村社区兴胜路2号3栋独栋",
        "杨家坪街道",
        "新胜村社区",
        &["兴胜路2号 3栋"],
        &[],
        Extent::Building,
    ),
    ("500107", "袁家岗161号天籁艺术学校男生寝室", "", "", &["袁家岗 161号"], &[], Extent::Building),
    ("", "天宫殿街道华宇北城中央1栋7单元", "天宫殿街道", "", &["华宇北城中央 1栋 7单元"], &[], Extent::Unit),
    ("", "景阳路20号康田漫城10栋", "", "", &["康田漫城 10栋"], &[], Extent::Building),
    (
        "500112",
        "海德花园2栋2单元、2栋3单元、3栋",
        "",
        "",
        &["海德花园 2栋 2单元", "海德花园 2栋 3单元", "海德花园 3栋"],
        &[],
        Extent::Building,
    ),
    (
        "500241",
        "中和街道迎凤家园4栋1、2单元",
        "中和街道",
        "",
        &["迎凤家园 4栋 1单元", "迎凤家园 4栋 2单元"],
        &[],
        Extent::Unit,
    ),
    (
        "500103",
        "临华路3、13、21、41号",
        "",
        "",
        &["临华路 3号", "临华路 13号", "临华路 21号", "临华路 41号"],
        &[],
        Extent::Building,
    ),
    ("500103", "金紫街163号(除1单元外)", "", "", &["金紫街 163号"], &[" 1单元"], Extent::Building),
    (
        "500107",
        "九龙街道上游社区盘龙三村245号1栋四单元",
        "九龙街道",
        "上游社区",
        &["盘龙三村245号 1栋 4单元"],
        &[],
        Extent::Unit,
    ),
    (
        "500107",
        "谢家湾街道东原九城时光2栋、3栋2单元、11栋2单元",
        "谢家湾街道",
        "",
        &["东原九城时光 2栋", "东原九城时光 3栋 2单元", "东原九城时光 11栋 2单元"],
        &[],
        Extent::Building,
    ),
    ("500107", "斌鑫世纪城A1座、A2座", "", "", &["斌鑫世纪城 A1栋", "斌鑫世纪城 A2栋"], &[], Extent::Building),
    ("", "人和街道金山大道以西、平宁路以东、平祥路以南、金州大道以北合围区", "人和街道", "", &[], &[], Extent::Bounded),
    ("500108", "花园路街道南湖社区", "花园路街道", "南湖社区", &[], &[], Extent::Community),
    ("500105", "观音桥街道桃花源A区19栋楼", "观音桥街道", "", &["桃花源A区 19栋"], &[], Extent::Building),
    ("500105", "洋河社区2红黄路18号4单元", "", "洋河社区", &["红黄路 18号 4单元"], &[], Extent::Unit),
    (
        "500103",
        "捍卫路13-15、52号1单元、56",
        "",
        "",
        &["捍卫路 13号", "捍卫路 14号", "捍卫路 15号", "捍卫路 52号 1单元", "捍卫路 56号"],
        &[],
        Extent::Building,
    ),
    ("500107", "渝州路街道奥体上城花园小区共2栋", "渝州路街道", "", &["奥体上城花园"], &[], Extent::Place),
    (
        "500113",
        "李家沱街道龙家湾社区龙家湾社区除红岩电扇厂以外区域",
        "李家沱街道",
        "龙家湾社区",
        &[],
        &["红岩电扇厂"],
        Extent::Community,
    ),
    (
        "500101",
        "周家坝街道双堰塘社区名亨路74号—80号双号(门面)",
        "周家坝街道",
        "双堰塘社区",
        &["名亨路 74号", "名亨路 76号", "名亨路 78号", "名亨路 80号"],
        &[],
        Extent::Building,
    ),
    ("500112", "鸳鸯街道丹鹤小区一期12栋3单元", "鸳鸯街道", "", &["丹鹤小区一期 12栋 3单元"], &[], Extent::Unit),
    (
        "500105",
        "大石坝街道忠恕沱社区和平鱼庄片区下六村127、128号",
        "大石坝街道",
        "忠恕沱社区",
        &["和平鱼庄片区下六村 127号", "和平鱼庄片区下六村 128号"],
        &[],
        Extent::Building,
    ),
    (
        "500103",
        "石油路1号恒大名都2、8、9",
        "",
        "",
        &["恒大名都 2栋", "恒大名都 8栋", "恒大名都 9栋"],
        &[],
        Extent::Building,
    ),
    (
        "500112",
        "宝圣湖街道翠苹路农转非A、B、C栋",
        "宝圣湖街道",
        "",
        &["翠苹路农转非 A栋", "翠苹路农转非 B栋", "翠苹路农转非 C栋"],
        &[],
        Extent::Building,
    ),
    (
        "500106",
        "陈家湾37号、鑫源大厦1、2单元、渝碚路200号",
        "",
        "",
        &["陈家湾 37号", "鑫源大厦 1单元", "鑫源大厦 2单元", "渝碚路 200号"],
        &[],
        Extent::Building,
    ),
    ("500108", "金港路20-24号（双号）", "", "", &["金港路 20号", "金港路 22号", "金港路 24号"], &[], Extent::Building),
    ("500103", "解放碑街道达美C栋", "解放碑街道", "", &["达美 C栋"], &[], Extent::Building),
    ("500107", "石桥铺街道石杨一社区石油小区B", "石桥铺街道", "石杨一社区", &["石油B"], &[], Extent::Place),
];

fn shown(parts: &BTreeSet<Part>) -> BTreeSet<String> {
    let one = |part: &Part| {
        let more = [&part.building, &part.unit].into_iter().flatten();
        more.fold(part.place.clone(), |text, more| format!("{text} {more}"))
    };
    parts.iter().map(one).collect()
}

#[test]
fn texts_are_read_as_a_person_reads_them() {
    let names = gazetteer();
    let mut wrong = Vec::new();
    for (district, text, township, community, parts, but, extent) in CASES {
        let read = read(text, district, &names);
        let name = |named: &Option<Named>| named.as_ref().map_or(String::new(), |named| named.name.clone());
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
        let bounded = *extent == Extent::Bounded;
        let same = name(&read.township) == *township
            && name(&read.community) == *community
            && (bounded || shown(&read.parts) == set(parts))
            && shown(&read.but) == set(but)
            && read.extent == *extent
            && read.unread.is_empty();
        if !same {
            wrong.push(format!("{text}\n  {read:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn a_code_is_given_only_where_one_division_can_be_meant() {
    let names = gazetteer();
    let with = read("余家镇千银村", "500101", &names);
    assert_eq!(with.township.unwrap().code.unwrap().len(), 9);
    assert!(with.community.unwrap().code.unwrap().starts_with("500101"));
    let without = read("不存在的街道某某社区", "500101", &names);
    assert_eq!(without.community.and_then(|named| named.code), None);
}

fn day(n: i64) -> CivilDate {
    CivilDate::new(2022, 11, 24).unwrap().plus_days(n)
}

fn episode(district: &str, first: i64, last: i64, parts: &[&str]) -> Episode {
    let part = |place: &&str| Part { place: (*place).to_owned(), ..Part::default() };
    let (first, last, absent) = (day(first), day(last), day(last + 1));
    Episode {
        district: district.to_owned(),
        first,
        last,
        absent,
        cut_off: false,
        parts: parts.iter().map(part).collect(),
    }
}

#[test]
fn a_rewording_goes_on_and_another_place_does_not() {
    let episodes = [
        episode("A", 0, 1, &["x", "y"]),
        // the same place, less of it
        episode("A", 2, 4, &["x"]),
        // another place in the same district, on the same day
        episode("A", 2, 3, &["z"]),
        // the same place a day later: it had ended
        episode("A", 6, 6, &["x"]),
        // the same words in another district
        episode("B", 2, 2, &["x"]),
    ];
    let spells = spells(&episodes);
    let found: Vec<(Vec<usize>, i64)> = spells.iter().map(|spell| (spell.episodes.clone(), spell.days())).collect();
    assert_eq!(found, [(vec![0, 1], 5), (vec![2], 2), (vec![3], 1), (vec![4], 1)]);
    let stays = stays(&episodes, &spells, 4);
    let of = &stays["A"];
    assert_eq!((of.areas, of.median, of.longest, of.beyond, of.days_beyond), (3, 2, 5, 1, 1));
}

proptest! {
    /// Whatever a text is, it is read without harm, and a plain list of buildings is read whole.
    #[test]
    fn any_text_is_read(text in "[街道社区村栋号单元、,0-9A-Z()（）除外一二三—-]{0,40}", n in 1_u32..60, more in 1_u32..9) {
        let names = Gazetteer::default();
        let _ = read(&text, "500103", &names);
        let list = format!("阳光花园{n}-{}栋{more}单元", n + more);
        let read = read(&list, "500103", &names);
        prop_assert_eq!(read.parts.len() as u32, more + 1);
        prop_assert!(read.unread.is_empty());
    }

    /// Every episode is in one spell, and no spell is shorter than any of its wordings.
    #[test]
    fn spells_share_out_the_episodes(all in prop::collection::vec((0_i64..20, 0_i64..5, prop::collection::btree_set(0_usize..4, 1..3)), 0..30)) {
        let names = ["w", "x", "y", "z"];
        let episodes: Vec<Episode> = all
            .iter()
            .map(|(first, days, parts)| episode("A", *first, first + days, &parts.iter().map(|at| names[*at]).collect::<Vec<_>>()))
            .collect();
        let spells = spells(&episodes);
        let mut seen: Vec<usize> = spells.iter().flat_map(|spell| spell.episodes.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..episodes.len()).collect::<Vec<_>>());
        for spell in &spells {
            let ends = spell.episodes.iter().map(|at| episodes[*at].last).max();
            prop_assert_eq!(Some(spell.last), ends);
        }
    }
}
