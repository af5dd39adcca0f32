//! The laboratories of the day: one in each district, a few firms, and those outside the city that take tubes when the
//! city's own are full (18 November 2022, `data/chongqing/capacity_facts.csv`).

use super::{Out, Sink, chance::Dice, layout::Layout};
use dayclear_core::schema;

struct Laboratory {
    id: String,
    name: String,
    /// Code of the division, for one inside the city.
    division: Option<String>,
    /// Share of the city's tubes, in 100,000.
    share: u64,
}

/// The laboratories, by position.
pub(super) struct Laboratories {
    all: Vec<Laboratory>,
    /// Position of the laboratory of a district, by position of the district.
    own: Vec<usize>,
    firms: std::ops::Range<usize>,
}

const FIRMS: usize = 3;
const OUTSIDE: [&str; 3] = ["成都支援检测实验室", "贵阳支援检测实验室", "遵义支援检测实验室"];

impl Laboratories {
    pub fn new(layout: &Layout) -> Self {
        let mut people = vec![0u64; layout.sources.districts.len()];
        for community in &layout.communities {
            people[community.district] += u64::from(community.people.end - community.people.start);
        }
        let mut all = Vec::new();
        let mut own = vec![0; people.len()];
        for (index, district) in layout.sources.districts.iter().enumerate() {
            if people[index] > 0 {
                own[index] = all.len();
                all.push(Laboratory {
                    id: format!("L{:02}", all.len() + 1),
                    name: format!("{}疾病预防控制中心实验室", district.name),
                    division: Some(district.code.clone()),
                    share: people[index] * 60_000 / u64::from(layout.people()),
                });
            }
        }
        let firms = all.len()..all.len() + FIRMS;
        let seats: Vec<String> = all.iter().filter_map(|laboratory| laboratory.division.clone()).collect();
        for index in 0..FIRMS {
            all.push(Laboratory {
                id: format!("L{:02}", all.len() + 1),
                name: format!("第{}医学检验所", ["一", "二", "三"][index]),
                division: Some(seats[index % seats.len()].clone()),
                share: 17_000,
            });
        }
        for name in OUTSIDE {
            let id = format!("L{:02}", all.len() + 1);
            all.push(Laboratory { id, name: name.to_owned(), division: None, share: 6_000 });
        }
        Laboratories { all, own, firms }
    }

    /// The laboratory of a tube. What is urgent stays in the city.
    pub fn choose(&self, district: usize, community: u32, urgent: bool, dice: &mut Dice) -> usize {
        match dice.below(100) {
            0..48 => self.own[district],
            48..60 if !urgent => self.firms.end + community as usize % OUTSIDE.len(),
            _ => self.firms.start + community as usize % FIRMS,
        }
    }

    /// Whether a laboratory stands in the city.
    pub fn in_city(&self, index: usize) -> bool {
        self.all[index].division.is_some()
    }

    /// Id of a laboratory.
    pub fn id(&self, index: usize) -> &str {
        &self.all[index].id
    }

    /// Writes the table; capacities fit the tubes of the day with something to spare.
    pub fn write<S: Sink + ?Sized>(&self, tubes: u64, out: &mut Out<'_, S>) -> Result<(), S::Error> {
        out.table(&schema::LABORATORIES)?;
        for laboratory in &self.all {
            let division = laboratory.division.as_deref();
            let capacity = (tubes * laboratory.share * 5 / 4).div_ceil(100_000) + 200;
            out.cell(&laboratory.id).cell(&laboratory.name).cell(if division.is_some() { "yes" } else { "no" });
            out.cell(division.unwrap_or_default()).cell(capacity).row()?;
        }
        Ok(())
    }
}
