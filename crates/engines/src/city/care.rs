//! Stock at the depots, and what people who stay at home asked for: food and medicine mostly, and among them the
//! emergencies that must not wait. Most requests are answered; the rest is open when the day ends.

use super::{
    Out, Sink,
    chance::{Dice, Draw},
    household_id,
    layout::Layout,
    people::{members, needs},
};
use dayclear_core::{
    roster::Need,
    schema,
    welfare::{RequestKind, Supply},
};

pub(super) fn write<S: Sink + ?Sized>(layout: &Layout, positives: u64, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    supplies(layout, out)?;
    requests(layout, positives, out)
}

/// One depot in each district in which people live.
fn supplies<S: Sink + ?Sized>(layout: &Layout, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    /// Units for a hundred people.
    const STOCK: [(Supply, u64); 7] = [
        (Supply::Food, 25),
        (Supply::Water, 30),
        (Supply::Infant, 2),
        (Supply::Medicine, 8),
        (Supply::Hygiene, 10),
        (Supply::TestKit, 60),
        (Supply::Waste, 40),
    ];
    let mut people = vec![0u64; layout.sources.districts.len()];
    for community in &layout.communities {
        people[community.district] += u64::from(community.people.end - community.people.start);
    }
    out.table(&schema::SUPPLIES)?;
    for (district, people) in layout.sources.districts.iter().zip(people).filter(|(_, people)| *people > 0) {
        for (item, stock) in STOCK {
            out.cell(format_args!("D{}", district.code)).cell(&district.code).cell(item);
            out.cell((people * stock).div_ceil(100) + 20).row()?;
        }
    }
    Ok(())
}

struct Kind {
    kind: RequestKind,
    weight: u32,
    /// The household has somebody with this need.
    need: Option<Need>,
    /// Minutes until it is answered, from and to.
    minutes: (u32, u32),
    text: &'static str,
    answer: &'static str,
}

#[rustfmt::skip]
const KINDS: [Kind; 13] = [
    Kind { kind: RequestKind::Food, weight: 26, need: None, minutes: (40, 300), text: "家里没有菜了，请帮忙送一些。", answer: "已送到门口" },
    Kind { kind: RequestKind::Medicine, weight: 22, need: Some(Need::ChronicMedicine), minutes: (40, 360), text: "老人的降压药只够明天一天。", answer: "药已送到门口" },
    Kind { kind: RequestKind::Information, weight: 14, need: None, minutes: (5, 120), text: "请问我们楼什么时候解封？", answer: "已电话说明" },
    Kind { kind: RequestKind::Counselling, weight: 8, need: None, minutes: (20, 240), text: "几天没睡好，心里很慌。", answer: "心理热线已回访" },
    Kind { kind: RequestKind::Dispute, weight: 5, need: None, minutes: (60, 400), text: "隔壁和我们为垃圾的事吵起来了。", answer: "社区已上门调解" },
    Kind { kind: RequestKind::Infant, weight: 5, need: Some(Need::Infant), minutes: (40, 240), text: "孩子的奶粉快没有了。", answer: "奶粉已送到门口" },
    Kind { kind: RequestKind::Dialysis, weight: 4, need: Some(Need::Dialysis), minutes: (30, 150), text: "今天要去做透析，没有车。", answer: "已安排车辆和医院" },
    Kind { kind: RequestKind::Emergency, weight: 3, need: None, minutes: (8, 45), text: "胸口痛得厉害。", answer: "救护车已送医" },
    Kind { kind: RequestKind::Appeal, weight: 3, need: None, minutes: (90, 500), text: "我三号之后没有去过那里，请复核。", answer: "已复核并告知结果" },
    Kind { kind: RequestKind::Chemotherapy, weight: 2, need: Some(Need::Chemotherapy), minutes: (60, 300), text: "明天该去化疗了。", answer: "已与医院约好" },
    Kind { kind: RequestKind::Labour, weight: 1, need: Some(Need::LatePregnancy), minutes: (8, 40), text: "可能要生了，肚子一阵一阵痛。", answer: "救护车已送医" },
    Kind { kind: RequestKind::Exit, weight: 2, need: None, minutes: (15, 90), text: "单元门被从外面锁住了。", answer: "门已打开，消防已复查" },
    Kind { kind: RequestKind::Other, weight: 5, need: None, minutes: (60, 600), text: "水管漏水，请人来修。", answer: "已修好" },
];

fn requests<S: Sink + ?Sized>(layout: &Layout, positives: u64, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    let kinds: Vec<(usize, u32)> = KINDS.iter().enumerate().map(|(index, kind)| (index, kind.weight)).collect();
    out.table(&schema::REQUESTS)?;
    for number in 0..u64::from(layout.people()) / 2_000 + positives + 5 {
        let mut dice = Dice::new(layout.day_seed, Draw::Request, number);
        let kind = &KINDS[dice.weighted(&kinds)];
        let start = dice.below(u64::from(layout.households())) as u32;
        let household = kind.need.and_then(|need| with_need(layout, start, need)).unwrap_or(start);
        let received = dice.between(20, 1_425) * 60 + dice.between(0, 59);
        let answered = received + dice.between(kind.minutes.0, kind.minutes.1) * 60;
        let answered = (answered < 86_400 && !dice.hits(9_000)).then_some(answered);
        out.cell(format_args!("R{:07}", u64::from(layout.turn) * 100_000 + number + 1)).cell(kind.kind);
        match dice.hits(95_000) {
            true => out.cell(household_id(household)),
            false => out.empty(),
        };
        out.cell(layout.community_code(layout.community_of(household))).moment(received).moment_or_empty(answered);
        out.cell(if answered.is_some() { kind.answer } else { "" }).cell(kind.text).row()?;
    }
    Ok(())
}

/// The next household, among some thousands, in which somebody has a need.
fn with_need(layout: &Layout, start: u32, need: Need) -> Option<u32> {
    (start..(start + 3_000).min(layout.households())).find(|household| {
        let people = members(layout, *household);
        people.iter().any(|member| needs(layout, member, people.len()).contains(&need))
    })
}
