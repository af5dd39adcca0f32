//! Stop-gap.
use dayclear_core::{bulletin::Bulletin, books::OpenItem};
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Lang { En, ZhHans, ZhHant }
impl Lang { pub const ALL: &'static [Lang] = &[Lang::En, Lang::ZhHans, Lang::ZhHant]; pub fn tag(self) -> &'static str { match self { Lang::En => "en", Lang::ZhHans => "zh-Hans", Lang::ZhHant => "zh-Hant" } } }
impl std::str::FromStr for Lang { type Err = String; fn from_str(s: &str) -> Result<Self, String> { Lang::ALL.iter().copied().find(|l| l.tag() == s).ok_or_else(|| "no".into()) } }
pub fn bulletin_json(b: &Bulletin) -> Result<String, serde_json::Error> { serde_json::to_string_pretty(b) }
pub fn bulletin_csv(_: &Bulletin, _: Lang) -> Result<String, serde_json::Error> { Ok(String::new()) }
pub fn bulletin_html(_: &Bulletin, _: Lang) -> Result<String, serde_json::Error> { Ok(String::new()) }
pub fn day_summary(b: &Bulletin, open: &[OpenItem], _: Lang) -> String { let mut s = format!("confirmed {:?} asym {:?} await {:?} community {:?}\n", b.confirmed, b.asymptomatic, b.awaiting, b.community); for x in &b.books { s += &format!("{:12} {:>6} + {:>6} - {:>6} - {:>6} = {:>6} overdue {}\n", x.worklist.name(), x.opening, x.received, x.completed, x.cancelled, x.closing, x.overdue); } s += &format!("{} open\n", open.len()); s }
pub fn text_table<H: AsRef<str>, C: AsRef<str>>(h: &[H], rows: &[Vec<C>]) -> String { let mut s = h.iter().map(|x| x.as_ref()).collect::<Vec<_>>().join("\t"); for r in rows { s += "\n"; s += &r.iter().map(|x| x.as_ref()).collect::<Vec<_>>().join("\t"); } s }
