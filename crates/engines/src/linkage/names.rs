//! Normal form of names: simplified characters, readings in pinyin with those that a surname has, Latin letters, no dots and
//! spaces. Readings come from the `pinyin` crate; which reading a surname has, and which simplified character stands for a
//! traditional one in names, stands here. Pure.

use pinyin::{ToPinyin, ToPinyinMulti};
use std::{collections::BTreeSet, sync::LazyLock};

/// A name in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Simplified characters or Latin capitals, without dots and spaces.
    pub written: String,
    /// Syllables as read, or Latin words; the surname first as far as it is known.
    pub syllables: Vec<String>,
    /// Letters of all syllables in alphabetical order: the same whichever part of the name stands first, and wherever a sender
    /// cuts syllables.
    pub letters: String,
    /// How many characters the surname has; 0 for Latin names.
    surname: usize,
    /// Other readings of each character.
    others: Vec<BTreeSet<String>>,
}

/// Surnames of two characters.
const DOUBLE: &str = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 \
    公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 西门";
/// Readings that characters have as surnames and not first elsewhere.
const SURNAME_READINGS: &[(char, &str)] = &[
    ('单', "shan"),
    ('曾', "zeng"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('区', "ou"),
    ('查', "zha"),
    ('任', "ren"),
    ('盖', "ge"),
    ('覃', "qin"),
    ('乐', "yue"),
    ('朴', "piao"),
    ('缪', "miao"),
    ('翟', "zhai"),
    ('华', "hua"),
    ('员', "yun"),
    ('召', "shao"),
    ('种', "chong"),
    ('秘', "bi"),
    ('冼', "xian"),
    ('那', "na"),
    ('纪', "ji"),
    ('过', "guo"),
    ('尹', "yin"),
    ('黑', "he"),
    ('洗', "xian"),
    ('撒', "sa"),
    ('繁', "po"),
    ('谌', "chen"),
    ('隗', "wei"),
    ('车', "che"),
    ('石', "shi"),
    ('都', "du"),
    ('贾', "jia"),
    ('祭', "zhai"),
    ('盛', "sheng"),
    ('牟', "mou"),
    ('葛', "ge"),
    ('沈', "shen"),
    ('哈', "ha"),
    ('折', "she"),
    ('燕', "yan"),
    ('宁', "ning"),
    ('宿', "su"),
    ('柏', "bai"),
    ('应', "ying"),
    ('相', "xiang"),
    ('卜', "bu"),
    ('俞', "yu"),
    ('万', "wan"),
    ('夏', "xia"),
    ('行', "xing"),
    ('重', "chong"),
    ('长', "chang"),
    ('尉', "wei"),
    ('臧', "zang"),
];
/// Surnames of two characters with a reading of their own.
const DOUBLE_READINGS: &[(&str, [&str; 2])] =
    &[("万俟", ["mo", "qi"]), ("尉迟", ["yu", "chi"]), ("长孙", ["zhang", "sun"]), ("澹台", ["tan", "tai"])];
/// Traditional and simplified, in turns: characters of surnames and frequent given names. What is not here still meets by its
/// reading.
const TRADITIONAL: &str = "張张劉刘陳陈楊杨黃黄趙赵吳吴孫孙馬马羅罗鄭郑謝谢許许鄧邓馮冯韓韩蕭萧葉叶蔣蒋蘇苏呂吕盧卢鍾钟鐘钟譚谭陸陆\
    賈贾韋韦鄒邹龍龙萬万錢钱湯汤賴赖龐庞顏颜莊庄聶聂魯鲁嚴严畢毕關关歐欧陽阳諸诸單单區区華华偉伟麗丽國国強强軍军傑杰濤涛輝辉剛刚\
    鵬鹏飛飞寧宁榮荣誠诚娟娟靜静艷艳紅红蘭兰瓊琼穎颖潔洁雲云燕燕鳳凤慶庆東东義义禮礼貴贵寶宝財财發发曉晓嬌娇夢梦樂乐愛爱賢贤\
    學学書书畫画詩诗詠咏麥麦齊齐鄺邝閻阎譽誉煒炜燁烨瑋玮琺珐瑤瑶環环勝胜利利進进達达遠远連连邁迈運运順顺興兴業业實实豐丰滿满\
    廣广應应憶忆懷怀惠惠慧慧揚扬會会權权歡欢歲岁漢汉澤泽濱滨瀾澜灣湾煥焕爾尔獻献瑩莹瑪玛畢毕盤盘礎础禎祯競竞筆笔純纯紹绍綺绮\
    緒绪維维綱纲綠绿緣缘縱纵績绩繼继續续纓缨聖圣聰聪聯联肅肃蓮莲薈荟蘊蕴藝艺親亲覺觉計计訓训記记詳详調调諒谅謙谦諾诺譯译讓让\
    贊赞贇赟鄔邬銀银銘铭鋒锋鋼钢錦锦鎮镇鏡镜鑫鑫鑄铸長长開开間间閔闵隨随陰阴際际雙双靈灵韻韵頌颂頡颉頤颐頻频顧顾風风餘余駿骏\
    驍骁驊骅魏魏鮑鲍鴻鸿鶴鹤麟麟黨党點点龔龚嵐岚倫伦側侧僑侨億亿儀仪優优凱凯勛勋勳勋匯汇協协衛卫啟启啓启嘯啸團团堅坚壽寿奮奋\
    孌娈嫻娴嬋婵寬宽審审將将屆届崢峥嶺岭巒峦幣币廬庐彌弥彥彦徑径從从復复徹彻恆恒懇恳戰战撫抚擇择斂敛時时晉晋暉晖暢畅極极榮荣\
    構构樹树橋桥機机檢检欽钦氣气沖冲決决淨净淵渊淺浅湧涌準准溫温滄沧漁渔潤润潛潜澗涧濟济濃浓";

/// Wide characters as the narrow ones that they stand for.
pub(super) fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

/// Traditional characters in order, each with its simplified one.
static SIMPLIFIED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let all: Vec<char> = TRADITIONAL.chars().filter(|c| !c.is_whitespace()).collect();
    let mut pairs: Vec<(char, char)> = all.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.sort_unstable();
    pairs
});

fn simplified(c: char) -> char {
    match SIMPLIFIED.binary_search_by_key(&c, |pair| pair.0) {
        Ok(at) => SIMPLIFIED[at].1,
        Err(_) => c,
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Letters only, with `ü` as `v` (as on documents that cannot write it) and without the marks of tones and accents.
fn latin(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'a'..='z' => Some(c),
            'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => Some('v'),
            'ā' | 'á' | 'ǎ' | 'à' | 'â' | 'ä' | 'ã' | 'å' => Some('a'),
            'ē' | 'é' | 'ě' | 'è' | 'ê' | 'ë' => Some('e'),
            'ī' | 'í' | 'ǐ' | 'ì' | 'î' | 'ï' => Some('i'),
            'ō' | 'ó' | 'ǒ' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => Some('o'),
            'ū' | 'ú' | 'ǔ' | 'ù' | 'û' => Some('u'),
            'ç' => Some('c'),
            'ñ' => Some('n'),
            _ => None,
        })
        .collect()
}

fn surname_of(han: &[char]) -> usize {
    let first: String = han.iter().take(2).collect();
    if han.len() > 2 && DOUBLE.split_whitespace().any(|double| double == first) { 2 } else { 1 }
}

/// The normal form of a name; none without a letter.
pub fn name(text: &str) -> Option<Name> {
    let narrow = narrow(text);
    let han: Vec<char> = narrow.chars().filter(|c| is_han(*c)).map(simplified).collect();
    if han.is_empty() {
        return latin_name(&narrow);
    }
    let dotted = narrow.contains(['·', '•', '・', '‧', '∙', '．', '.']);
    // a name with a dot has no surname in front: the names of several peoples are given name and father's name
    let surname = if dotted { 0 } else { surname_of(&han) };
    let double: String = han.iter().take(2).collect();
    let mut syllables = Vec::with_capacity(han.len());
    let mut others = Vec::with_capacity(han.len());
    for (at, c) in han.iter().enumerate() {
        let fixed = match surname {
            2 if at < 2 => DOUBLE_READINGS.iter().find(|(name, _)| *name == double).map(|(_, read)| read[at]),
            1 if at == 0 => SURNAME_READINGS.iter().find(|(name, _)| name == c).map(|(_, read)| *read),
            _ => None,
        };
        let first = fixed.or_else(|| c.to_pinyin().map(|read| read.plain())).map(latin);
        syllables.push(first.unwrap_or_else(|| c.to_string()));
        let all = c.to_pinyin_multi().into_iter().flatten().map(|read| latin(read.plain()));
        others.push(all.collect());
    }
    Some(Name { written: han.into_iter().collect(), letters: sorted(&syllables), syllables, surname, others })
}

fn latin_name(text: &str) -> Option<Name> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphabetic()).map(latin).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return None;
    }
    let mut written = words.clone();
    written.sort();
    let others = words.iter().map(|word| BTreeSet::from([word.clone()])).collect();
    Some(Name {
        written: written.join(" ").to_uppercase(),
        letters: sorted(&words),
        syllables: words,
        surname: 0,
        others,
    })
}

fn sorted(syllables: &[String]) -> String {
    let mut letters: Vec<char> = syllables.iter().flat_map(|syllable| syllable.chars()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// How two names agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alike {
    /// The same characters.
    Written,
    /// The same sounds, or the same letters in Latin script.
    Read,
    /// One character or sound differs, of three or more; or one letter of a Latin name.
    Nearly,
    /// The surname only.
    Surname,
    /// Nothing.
    Not,
}

impl Name {
    /// First letter of the reading.
    pub fn first(&self) -> char {
        self.syllables.first().and_then(|syllable| syllable.chars().next()).unwrap_or('-')
    }

    /// Characters.
    pub(super) fn length(&self) -> usize {
        self.written.chars().count()
    }

    /// The surname as written.
    pub(super) fn surname(&self) -> String {
        self.written.chars().take(self.surname).collect()
    }

    fn sounds(&self, other: &Name, at: usize) -> bool {
        self.syllables[at] == other.syllables[at] || !self.others[at].is_disjoint(&other.others[at])
    }

    pub(super) fn alike(&self, other: &Name) -> Alike {
        if self.written == other.written {
            return Alike::Written;
        }
        let han = |name: &Name| name.written.chars().any(is_han);
        if han(self) != han(other) || !han(self) {
            return match edits(&self.letters, &other.letters) {
                0 => Alike::Read,
                1 if self.letters.len().min(other.letters.len()) > 5 => Alike::Nearly,
                _ => Alike::Not,
            };
        }
        let surnames = self.surname == other.surname && self.surname > 0 && self.surname() == other.surname();
        if self.syllables.len() == other.syllables.len() {
            let differ = (0..self.syllables.len()).filter(|at| !self.sounds(other, *at)).count();
            match differ {
                0 => return Alike::Read,
                1 if self.syllables.len() > 2 => return Alike::Nearly,
                _ => {}
            }
        }
        if surnames { Alike::Surname } else { Alike::Not }
    }
}

/// Letters of one that the other lacks, at most: the distance of two sorted texts.
fn edits(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (mut a, mut b, mut only_one, mut only_other) = (0, 0, 0, 0);
    while a < one.len() || b < other.len() {
        match (one.get(a), other.get(b)) {
            (Some(x), Some(y)) if x == y => (a, b) = (a + 1, b + 1),
            (Some(x), Some(y)) if x < y => (a, only_one) = (a + 1, only_one + 1),
            (Some(_), None) => (a, only_one) = (a + 1, only_one + 1),
            _ => (b, only_other) = (b + 1, only_other + 1),
        }
    }
    only_one.max(only_other)
}
