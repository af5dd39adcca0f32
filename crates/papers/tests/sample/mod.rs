//! Bulletins that the tests and the example print: a made-up day of a large outbreak in the real units of Chongqing, the
//! published figures of 12 November 2022, and a day of which almost nothing is known.

use dayclear_core::{
    books::*,
    bulletin::*,
    cases::{Classification, Origin},
    time::{CivilDate, Instant},
    transfer::FacilityKind,
};

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A bulletin that knows nothing but its date and its city.
pub fn unknown() -> Bulletin {
    Bulletin {
        date: day("2022-11-21"),
        city: "重庆市".into(),
        city_en: None,
        zone: None,
        cutoff: None,
        pack: None,
        provenance: Provenance::Published { sources: Vec::new() },
        confirmed: None,
        asymptomatic: None,
        converted: None,
        awaiting: None,
        community: None,
        routes: Vec::new(),
        units: Vec::new(),
        in_care: None,
        severe: None,
        critical: None,
        recovered: None,
        died: None,
        stock: Vec::new(),
        beds: Vec::new(),
        tubes: None,
        sampled: None,
        resulted: None,
        positive_tubes: None,
        turnaround_min: None,
        moved: None,
        placed: None,
        areas: None,
        orders: None,
        requests: None,
        corrections: None,
        books: Vec::new(),
        checks: Vec::new(),
        notes: Vec::new(),
    }
}

/// The published figures of Chongqing, 0-24 h of 12 November 2022.
pub fn published() -> Bulletin {
    let route = |route, confirmed| RouteLine { route, confirmed: Some(confirmed), asymptomatic: None };
    Bulletin {
        date: day("2022-11-12"),
        city_en: Some("Chongqing".into()),
        zone: Some("Asia/Shanghai".into()),
        cutoff: Some(at("2022-11-13T00:00:00+08:00")),
        pack: Some("covid-19-cn-twenty@2022-11-11".into()),
        provenance: Provenance::Published {
            sources: vec![
                "Chongqing FAO bilingual bulletin http://zfwb.cq.gov.cn/zwxx_162/tzgg/202211/t20221113_11295844_wap.html"
                    .into(),
            ],
        },
        confirmed: Some(158),
        asymptomatic: Some(1_662),
        converted: Some(3),
        routes: vec![
            route(Some(Origin::AlreadyIsolated), 95),
            route(Some(Origin::KeyPerson), 12),
            route(Some(Origin::AreaScreening), 19),
            route(Some(Origin::ExpandedScreening), 29),
            route(None, 3),
        ],
        checks: vec![
            Check { name: "sum-by-route-confirmed".into(), total: 158, parts: Some(158) },
            Check { name: "converted-by-route".into(), total: 3, parts: Some(3) },
            Check { name: "total-reported".into(), total: 1_820, parts: Some(1_820) },
            Check { name: "new-infections-without-converted".into(), total: 1_817, parts: Some(1_817) },
            Check { name: "sum-by-unit-confirmed".into(), total: 158, parts: None },
            Check { name: "sum-by-unit-asymptomatic".into(), total: 1_662, parts: None },
        ],
        notes: ["day", "published", "converted", "districts-not-published"].map(String::from).into(),
        ..unknown()
    }
}

/// A made-up day from the books, large enough that every part of the page has something to show.
pub fn full() -> Bulletin {
    let route = |route, confirmed, asymptomatic| RouteLine { route, confirmed: Some(confirmed), asymptomatic };
    let unit =
        |(code, name, english, confirmed, asymptomatic, awaiting): &(&str, &str, &str, u64, u64, u64)| UnitLine {
            community: None,
            community_withheld: false,
            code: code.parse().unwrap(),
            name: (*name).into(),
            name_en: Some((*english).into()),
            confirmed: Some(*confirmed),
            asymptomatic: Some(*asymptomatic),
            awaiting: Some(*awaiting),
        };
    let beds = |kind, total, occupied, held, free| BedLine { kind, total, occupied, held, free };
    let stock = |class, (before, new, into, out_of, recovered, died, other), open| StockLine {
        class,
        flow: Some(StockFlow { before, new, into, out_of, recovered, died, other }),
        open,
    };
    let flow = |before, begun, ended, open, overdue| Some(Flow { before, begun, ended, open, overdue });
    Bulletin {
        date: day("2022-11-20"),
        city_en: Some("Chongqing".into()),
        zone: Some("Asia/Shanghai".into()),
        cutoff: Some(at("2022-11-21T00:00:00+08:00")),
        pack: Some("covid-19-cn-twenty@2022-11-11".into()),
        provenance: Provenance::Books {
            signature: "9f2c4e1ab07d5538c6e2f4019b7ad3cc51e8843fd20b96a7e4f1c05d8a3b6e72".into(),
        },
        confirmed: Some(293),
        asymptomatic: Some(4_530),
        converted: Some(17),
        awaiting: Some(180),
        community: Some(1_922),
        routes: vec![
            route(Some(Origin::AlreadyIsolated), 170, Some(2_714)),
            route(Some(Origin::KeyPerson), 22, Some(318)),
            route(Some(Origin::AreaScreening), 41, Some(702)),
            route(Some(Origin::ExpandedScreening), 31, Some(520)),
            route(Some(Origin::Community), 9, Some(231)),
            route(Some(Origin::Entry), 3, Some(45)),
            route(None, 17, None),
        ],
        units: UNITS.iter().map(unit).collect(),
        in_care: Some(24_318),
        severe: Some(14),
        critical: Some(6),
        recovered: Some(1_107),
        died: Some(0),
        stock: vec![
            stock(Classification::Awaiting, (155, 4_980, 0, 4_948, 0, 0, -7), 180),
            stock(Classification::Confirmed, (1_906, 0, 293, 0, 108, 0, 0), 2_091),
            stock(Classification::Asymptomatic, (18_386, 0, 4_672, 17, 999, 0, 5), 22_047),
        ],
        beds: vec![
            beds(FacilityKind::DesignatedHospital, 4_200, 2_391, 58, 1_690),
            beds(FacilityKind::TemporaryHospital, 26_000, 21_790, 1_143, 2_867),
            beds(FacilityKind::IsolationSite, 61_500, 48_212, 905, 12_383),
            beds(FacilityKind::OutsideCity, 600, 137, 0, 463),
        ],
        tubes: Some(1_284_330),
        sampled: Some(9_871_204),
        resulted: Some(1_279_018),
        positive_tubes: Some(4_911),
        turnaround_min: Some(412),
        moved: flow(62, 4_980, 4_905, 137, 12),
        placed: flow(1_204, 21_877, 21_310, 1_771, 96),
        areas: flow(3_310, 412, 286, 3_436, 0),
        orders: flow(188_402, 27_311, 19_650, 196_063, 41),
        requests: flow(310, 8_842, 8_711, 441, 63),
        corrections: Some(23),
        books: books(),
        checks: vec![
            Check { name: "sum-by-route-confirmed".into(), total: 293, parts: Some(293) },
            Check { name: "sum-by-route-asymptomatic".into(), total: 4_530, parts: Some(4_530) },
            Check { name: "sum-by-unit-confirmed".into(), total: 293, parts: Some(293) },
            Check { name: "sum-by-unit-asymptomatic".into(), total: 4_530, parts: Some(4_530) },
            Check { name: "stock-awaiting".into(), total: 180, parts: Some(180) },
            Check { name: "stock-confirmed".into(), total: 2_091, parts: Some(2_091) },
            Check { name: "stock-asymptomatic".into(), total: 22_047, parts: Some(22_047) },
            Check { name: "sum-by-class-in-care".into(), total: 24_318, parts: Some(24_318) },
            Check { name: "a check of a newer version".into(), total: 24_318, parts: None },
            Check { name: "hops-reconcile".into(), total: 1_281_402, parts: Some(1_281_399) },
        ],
        notes: ["day", "books", "converted", "stock", "community", "awaiting", "positivity", "turnaround", "made-up"]
            .map(String::from)
            .into(),
        ..unknown()
    }
}

fn books() -> Vec<Balance> {
    let lines = [
        (Worklist::Deliver, 2_113, 1_284_330, 1_283_515, 0, 2_928, 310),
        (Worklist::Test, 4_020, 1_281_402, 1_279_018, 0, 6_404, 88),
        (Worklist::Recall, 1_822, 41_906, 40_870, 19, 2_839, 402),
        (Worklist::Clarify, 211, 388, 401, 6, 192, 54),
        (Worklist::Report, 0, 4_980, 4_980, 0, 0, 0),
        (Worklist::Diagnose, 155, 4_980, 4_948, 7, 180, 21),
        (Worklist::Investigate, 402, 4_941, 4_799, 5, 539, 120),
        (Worklist::Move, 62, 4_980, 4_898, 7, 137, 12),
        (Worklist::Place, 1_204, 21_877, 21_288, 22, 1_774, 96),
        (Worklist::Retest, 0, 180_110, 178_632, 204, 1_274, 1_274),
        (Worklist::Release, 188_402, 27_311, 19_472, 178, 196_063, 41),
        (Worklist::Reopen, 3_310, 412, 286, 0, 3_436, 0),
        (Worklist::Clean, 380, 2_004, 1_968, 0, 416, 30),
        (Worklist::Supply, 1_022, 96_330, 95_918, 12, 1_422, 205),
        (Worklist::Answer, 310, 8_842, 8_702, 9, 441, 63),
        (Worklist::Review, 4, 23, 21, 0, 6, 1),
    ];
    lines
        .map(|(worklist, opening, received, completed, cancelled, closing, overdue)| Balance {
            worklist,
            division: "50".parse().unwrap(),
            opening,
            received,
            completed,
            cancelled,
            closing,
            overdue,
        })
        .into()
}

/// Items open at the close of the full day, with more owners than a summary has lines for.
#[allow(dead_code)] // not every test prints a summary
pub fn open_items() -> Vec<OpenItem> {
    let cutoff = at("2022-11-21T00:00:00+08:00");
    let mut out = Vec::new();
    for (at, unit) in UNITS.iter().enumerate() {
        for number in 0..unit.5 {
            let opened_at = cutoff.plus_minutes(-(30 + 37 * number as i64));
            let (party, name) = match number % 5 {
                0 => (Party::Site, format!("方舱医院{}", at % 3 + 1)),
                1 => (Party::Department, "Transfer desk".to_owned()),
                _ => (Party::Division, unit.0.to_owned()),
            };
            out.push(OpenItem {
                worklist: if number % 2 == 0 { Worklist::Move } else { Worklist::Place },
                subject: format!("P{at}-{number}"),
                division: unit.0.parse().unwrap(),
                owner: Owner { party, name },
                opened_at,
                due_at: Some(opened_at.plus_hours(12)),
                reason: "no bed of the class".into(),
            });
        }
    }
    out
}

/// Code, name, name in English, confirmed, asymptomatic, awaiting.
const UNITS: &[(&str, &str, &str, u64, u64, u64)] = &[
    ("500101", "万州区", "Wanzhou", 0, 0, 0),
    ("500102", "涪陵区", "Fuling", 1, 11, 0),
    ("500103", "渝中区", "Yuzhong", 16, 316, 13),
    ("500104", "大渡口区", "Dadukou", 14, 198, 8),
    ("500105", "江北区", "Jiangbei", 27, 303, 12),
    ("500106", "沙坪坝区", "Shapingba", 37, 485, 19),
    ("500107", "九龙坡区", "Jiulongpo", 22, 321, 13),
    ("500108", "南岸区", "Nan'an", 25, 580, 23),
    ("500109", "北碚区", "Beibei", 10, 149, 6),
    ("500110", "綦江区", "Qijiang", 1, 11, 0),
    ("500111", "大足区", "Dazu", 0, 0, 0),
    ("500112", "渝北区", "Yubei", 62, 1019, 41),
    ("500113", "巴南区", "Ba'nan", 15, 147, 6),
    ("500114", "黔江区", "Qianjiang", 0, 0, 0),
    ("500115", "长寿区", "Changshou", 1, 11, 0),
    ("500116", "江津区", "Jiangjin", 3, 32, 1),
    ("500117", "合川区", "Hechuan", 2, 34, 1),
    ("500118", "永川区", "Yongchuan", 2, 25, 1),
    ("500119", "南川区", "Nanchuan", 0, 0, 0),
    ("500120", "璧山区", "Bishan", 6, 85, 3),
    ("500151", "铜梁区", "Tongliang", 1, 13, 1),
    ("500152", "潼南区", "Tongnan", 0, 0, 0),
    ("500153", "荣昌区", "Rongchang", 0, 0, 0),
    ("500154", "开州区", "Kaizhou", 0, 0, 0),
    ("500155", "梁平区", "Liangping", 0, 0, 0),
    ("500156", "武隆区", "Wulong", 0, 0, 0),
    ("500229", "城口县", "Chengkou", 0, 0, 0),
    ("500230", "丰都县", "Fengdu", 1, 7, 0),
    ("500231", "垫江县", "Dianjiang", 0, 0, 0),
    ("500233", "忠县", "Zhong", 0, 0, 0),
    ("500235", "云阳县", "Yunyang", 1, 16, 1),
    ("500236", "奉节县", "Fengjie", 0, 0, 0),
    ("500237", "巫山县", "Wushan", 0, 0, 0),
    ("500238", "巫溪县", "Wuxi", 0, 0, 0),
    ("500240", "石柱土家族自治县", "Shizhu", 0, 0, 0),
    ("500241", "秀山土家族苗族自治县", "Xiushan", 0, 0, 0),
    ("500242", "酉阳土家族苗族自治县", "Youyang", 0, 0, 0),
    ("500243", "彭水苗族土家族自治县", "Pengshui", 0, 0, 0),
    ("50-LJ", "两江新区", "Liangjiang New Area", 28, 445, 18),
    ("50-GX", "重庆高新区", "Chongqing High-tech Zone", 18, 322, 13),
    ("50-WS", "万盛经开区", "Wansheng Economic and Technological Development Zone", 0, 0, 0),
];
