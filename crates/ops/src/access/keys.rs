//! The keys of a store, which stand in a file of their own and never in the database: one seals the secrets of
//! authenticators, one hashes the ids of objects in the chain of reads, one makes pseudonyms. It may use the cipher and
//! nothing else; it guarantees that what was sealed for one account cannot be opened for another.

use super::{Access, AccessError, By, Entropy};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use dayclear_core::time::{CivilDate, Instant};
use dayclear_store::{Scope, events::hex};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;

/// Cipher of what is sealed today: ChaCha20-Poly1305 with a nonce long enough to be drawn at random (RFC 8439, draft-irtf-cfrg-xchacha).
const CIPHER: &str = "xchacha20poly1305";
const HASH: &str = "hmac-sha256";
const NONCE_BYTES: usize = 24;
/// Digits of the code of a paper behind its number: one guess in 10^12 finds a paper of which the number is known.
const CODE_MARK_DIGITS: u32 = 12;
/// Digits that a household reads out through its door.
const DOOR_CODE_DIGITS: u32 = 6;

type Key = [u8; 32];

/// Keys of a store. Whoever has them and the store has everything; whoever has the store alone has hashes.
#[derive(Clone)]
pub struct Keys {
    /// Id of the key that seals.
    current: String,
    /// Keys that seal or once did, by id.
    sealing: BTreeMap<String, Key>,
    audit: Key,
    pseudonyms: Key,
}

/// The file, as JSON: keys in hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    current: String,
    sealing: BTreeMap<String, String>,
    audit: String,
    pseudonyms: String,
}

impl Keys {
    /// New keys.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, AccessError> {
        let key = || -> Result<Key, AccessError> {
            let mut key = [0; 32];
            entropy.fill(&mut key)?;
            Ok(key)
        };
        let current = "1".to_owned();
        Ok(Keys { sealing: [(current.clone(), key()?)].into(), current, audit: key()?, pseudonyms: key()? })
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, AccessError> {
        let wrong = |problem: String| AccessError::Keys { problem: format!("the secrets file is damaged: {problem}") };
        let file: File = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let key = |name: &str, text: &str| key_of(text).ok_or_else(|| wrong(format!("'{name}' is not 64 hex digits")));
        let sealing: BTreeMap<String, Key> = file
            .sealing
            .iter()
            .map(|(id, text)| Ok((id.clone(), key(id, text)?)))
            .collect::<Result<_, AccessError>>()?;
        if !sealing.contains_key(&file.current) {
            return Err(wrong(format!("there is no sealing key '{}'", file.current)));
        }
        let (audit, pseudonyms) = (key("audit", &file.audit)?, key("pseudonyms", &file.pseudonyms)?);
        Ok(Keys { current: file.current, sealing, audit, pseudonyms })
    }

    /// The text of a file.
    pub fn text(&self) -> Result<String, AccessError> {
        let file = File {
            current: self.current.clone(),
            sealing: self.sealing.iter().map(|(id, key)| (id.clone(), hex(key))).collect(),
            audit: hex(&self.audit),
            pseudonyms: hex(&self.pseudonyms),
        };
        serde_json::to_string_pretty(&file).map_err(|error| AccessError::Inside(error.to_string()))
    }

    /// The same keys with a new one that seals from now on; those before it still open what they sealed.
    pub fn rotated(&self, entropy: &dyn Entropy) -> Result<Keys, AccessError> {
        let last = self.sealing.keys().filter_map(|id| id.parse::<u64>().ok()).max().unwrap_or(0);
        let mut key = [0; 32];
        entropy.fill(&mut key)?;
        let mut keys = self.clone();
        keys.current = (last + 1).to_string();
        keys.sealing.insert(keys.current.clone(), key);
        Ok(keys)
    }

    /// The same keys without those that seal no longer, once nothing is left that they sealed ([`Access::reseal`]).
    pub fn without_old(&self) -> Keys {
        let mut keys = self.clone();
        keys.sealing.retain(|id, _| *id == keys.current);
        keys
    }

    /// Id of the key that seals now.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Whether this was sealed with the key that seals now.
    fn is_current(&self, sealed: &str) -> bool {
        sealed.split(':').nth(1) == Some(&self.current)
    }

    /// Keyed hash by which the chain of reads names an object.
    pub fn object(&self, kind: &str, id: &str) -> String {
        hashed(&self.audit, &[kind, id])
    }

    /// A pseudonym of a person, for figures that must be joined and not be traced back.
    pub fn pseudonym(&self, person: &str) -> String {
        hashed(&self.pseudonyms, &["person", person])
    }

    /// The code of a paper that somebody is owed: its number, and digits that nobody can work out who has not these keys. Whoever has
    /// the paper can type it on any telephone; a paper that is printed again has the same.
    pub fn notice_code(&self, number: i64) -> String {
        let mark = hashed(&self.pseudonyms, &["paper", &number.to_string()]);
        let digits = u64::from_str_radix(&mark[..15], 16).unwrap_or_default() % 10u64.pow(CODE_MARK_DIGITS);
        format!("{number:08}{digits:012}")
    }

    /// The number of the paper whose code somebody typed, however it is grouped; none where it is not the code of one.
    pub fn notice_of_code(&self, typed: &str) -> Option<i64> {
        const DIGITS: std::ops::RangeInclusive<usize> = 20..=24;
        let others = typed.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '－' | '　')));
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        if others || !DIGITS.contains(&digits.len()) {
            return None;
        }
        let number = digits.get(..digits.len() - CODE_MARK_DIGITS as usize)?.parse().ok()?;
        let right = self.notice_code(number);
        // the same time for every wrong code
        let differs =
            right.bytes().zip(digits.bytes()).fold(right.len() ^ digits.len(), |all, (a, b)| all | usize::from(a ^ b));
        (differs == 0).then_some(number)
    }

    /// The digits by which a household shows on a day that a parcel is for it: on its own page, and read out through the door. They are
    /// kept nowhere, and are others the next day.
    pub fn door_code(&self, household: &str, day: CivilDate) -> String {
        let mark = hashed(&self.pseudonyms, &["door", household, &day.to_string()]);
        let digits = u64::from_str_radix(&mark[..15], 16).unwrap_or_default() % 10u64.pow(DOOR_CODE_DIGITS);
        format!("{digits:06}")
    }

    /// Whether somebody typed the digits of a household and a day, however they are grouped.
    pub fn is_door_code(&self, household: &str, day: CivilDate, typed: &str) -> bool {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let right = self.door_code(household, day);
        // the same time for every wrong one
        right.bytes().zip(digits.bytes()).fold(right.len() ^ digits.len(), |all, (a, b)| all | usize::from(a ^ b)) == 0
    }

    /// Seals a secret for what it belongs to: `cipher:key:nonce:text`, the last two in hexadecimal.
    pub(super) fn seal(&self, of: &str, secret: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<String, AccessError> {
        let key = self.sealing.get(&self.current).ok_or_else(|| self.lacks(&self.current))?;
        let payload = Payload { msg: secret, aad: of.as_bytes() };
        let sealed = XChaCha20Poly1305::new(&(*key).into())
            .encrypt(&nonce.into(), payload)
            .map_err(|_| AccessError::Inside("a secret could not be sealed".to_owned()))?;
        Ok(format!("{CIPHER}:{}:{}:{}", self.current, hex(&nonce), hex(&sealed)))
    }

    /// Opens what was sealed for it.
    pub(super) fn open(&self, of: &str, sealed: &str) -> Result<Vec<u8>, AccessError> {
        let damaged = || AccessError::Keys { problem: format!("a sealed secret of {of} cannot be opened") };
        let mut parts = sealed.split(':');
        let (Some(CIPHER), Some(id), Some(nonce), Some(text), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(damaged());
        };
        let key = self.sealing.get(id).ok_or_else(|| self.lacks(id))?;
        let nonce: [u8; NONCE_BYTES] = bytes_of(nonce).and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
        let text = bytes_of(text).ok_or_else(damaged)?;
        XChaCha20Poly1305::new(&(*key).into())
            .decrypt(&nonce.into(), Payload { msg: &text, aad: of.as_bytes() })
            .map_err(|_| damaged())
    }

    fn lacks(&self, id: &str) -> AccessError {
        AccessError::Keys { problem: format!("the secrets file has no sealing key '{id}'") }
    }

    /// Purpose, id, algorithm, and the value by which each key is recognised.
    fn recognised_by(&self) -> Vec<(&'static str, String, &'static str, String)> {
        let mark = |key: &Key| hashed(key, &["dayclear recognises this key"])[..16].to_owned();
        let sealing = self.sealing.iter().map(|(id, key)| ("sealing", id.clone(), CIPHER, mark(key)));
        let others = [("audit", &self.audit), ("pseudonyms", &self.pseudonyms)];
        sealing.chain(others.map(|(purpose, key)| (purpose, "1".to_owned(), HASH, mark(key)))).collect()
    }
}

fn hashed(key: &Key, texts: &[&str]) -> String {
    // a key of any length is taken, so this cannot fail
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return String::new() };
    for text in texts {
        mac.update(&(text.len() as u64).to_be_bytes());
        mac.update(text.as_bytes());
    }
    hex(&mac.finalize().into_bytes())
}

/// What is sealed for a purpose is never taken for what belongs to an account: no id of one has a space.
fn kept(purpose: &str) -> String {
    format!("kept outside {purpose}")
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

fn key_of(text: &str) -> Option<Key> {
    bytes_of(text)?.try_into().ok()
}

impl Access<'_> {
    /// Seals what a stranger keeps for us until they come back: nobody else can read it, change it or make one.
    pub fn seal_for_stranger(&self, purpose: &str, text: &[u8]) -> Result<String, AccessError> {
        self.keys.seal(&kept(purpose), text, self.random()?)
    }

    /// Opens what a stranger brought back; none when it was not sealed here for this purpose.
    pub fn open_from_stranger(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        self.keys.open(&kept(purpose), sealed).ok()
    }

    /// Seals anew what an older key has sealed: secrets of authenticators, in use and being enrolled. Returns how many were
    /// found; 0 means that the older keys seal nothing any more. Sessions go on, since nobody's secret becomes another one.
    pub async fn reseal(&self, by: By<'_>, now: Instant) -> Result<u64, AccessError> {
        const TOGETHER_MAX: u32 = 500;
        let mut tx = self.store.begin(&Scope::everything(Scope::nobody().division().clone())).await?;
        let (mut count, mut after) = (0, String::new());
        loop {
            let accounts = tx.accounts(&after, TOGETHER_MAX).await?;
            let Some(last) = accounts.last() else { break };
            after.clone_from(&last.login);
            for account in accounts {
                for was in [&account.otp_secret, &account.otp_pending].into_iter().flatten() {
                    if !self.keys.is_current(was) {
                        let secret = self.keys.open(&account.id, was)?;
                        let sealed = self.keys.seal(&account.id, &secret, self.random()?)?;
                        tx.exchange_sealed(&account.id, was, &sealed).await?;
                        count += 1;
                    }
                }
            }
        }
        let detail = serde_json::json!({ "key": self.keys.current(), "secrets": count });
        tx.append_audit(&[self.admin_entry(by, "reseal_keys", "", &detail.to_string(), now)]).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Makes sure that these are the keys of this store. A store that knows none learns them; one that knows others is left
    /// alone, because what was hashed and sealed with those would be lost.
    pub async fn require_keys(&self, now: Instant) -> Result<(), AccessError> {
        let mut unknown = Vec::new();
        let mut tx = self.store.look(&Scope::nobody()).await?;
        for (purpose, id, algorithm, mark) in self.keys.recognised_by() {
            match tx.known_key(purpose, &id).await? {
                Some(known) if known == mark => {}
                Some(_) => {
                    return Err(AccessError::Keys {
                        problem: format!("the {purpose} key '{id}' is not the one that this store was used with"),
                    });
                }
                None => unknown.push((purpose, id, algorithm, mark)),
            }
        }
        drop(tx);
        if unknown.is_empty() {
            return Ok(());
        }
        let mut tx = self.door().await?;
        for (purpose, id, algorithm, mark) in &unknown {
            tx.know_key(purpose, id, algorithm, mark, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(std::sync::atomic::AtomicU8);

    impl Entropy for Count {
        fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        }
    }

    fn keys(start: u8) -> Keys {
        Keys::new(&Count(start.into())).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_alone_and_with_its_key_alone() {
        let mine = keys(0);
        let sealed = mine.seal("a1", b"secret", [7; 24]).unwrap();
        assert_eq!(mine.open("a1", &sealed).unwrap(), b"secret");
        assert!(sealed.starts_with("xchacha20poly1305:1:"));
        let last = if sealed.ends_with('0') { "1" } else { "0" };
        let bent = format!("{}{last}", &sealed[..sealed.len() - 1]);
        for (keys, of, text) in [
            (&mine, "a2", sealed.as_str()),
            (&keys(100), "a1", &sealed),
            (&mine, "a1", &bent),
            (&mine, "a1", &sealed.replace(":1:", ":2:")),
            (&mine, "a1", &sealed.replace("xchacha", "rot13")),
            (&mine, "a1", ""),
        ] {
            assert!(matches!(keys.open(of, text), Err(AccessError::Keys { .. })), "{of} {text}");
        }
    }

    #[test]
    fn what_an_older_key_sealed_opens_until_that_key_is_gone() {
        let first = keys(0);
        let sealed = first.seal("a1", b"secret", [7; 24]).unwrap();
        let second = first.rotated(&Count(200.into())).unwrap();
        assert_eq!((second.current(), second.is_current(&sealed)), ("2", false));
        assert_eq!(second.open("a1", &sealed).unwrap(), b"secret");
        assert!(second.seal("a1", b"secret", [8; 24]).unwrap().starts_with("xchacha20poly1305:2:"));
        assert_eq!(second.object("person", "P1"), first.object("person", "P1"));
        assert!(matches!(second.without_old().open("a1", &sealed), Err(AccessError::Keys { .. })));
        assert_eq!(Keys::parse(&second.text().unwrap()).unwrap().text().unwrap(), second.text().unwrap());
    }

    #[test]
    fn a_file_of_keys_is_read_as_it_was_written_and_a_damaged_one_refused() {
        let text = keys(0).text().unwrap();
        assert_eq!(Keys::parse(&text).unwrap().text().unwrap(), text);
        for bad in ["", "{}", &text.replace("\"current\": \"1\"", "\"current\": \"2\""), &text.replace("0001", "000g")]
        {
            assert!(matches!(Keys::parse(bad), Err(AccessError::Keys { .. })), "{bad}");
        }
    }

    #[test]
    fn the_code_of_a_paper_is_its_number_and_what_only_these_keys_know() {
        let (one, other) = (keys(0), keys(100));
        for number in [1, 42, 99_999_999, 100_000_000] {
            let code = one.notice_code(number);
            assert!(code.len() >= 20 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
            assert_eq!(one.notice_of_code(&code), Some(number));
            assert_eq!(one.notice_of_code(&format!(" {} {}-{}", &code[..4], &code[4..8], &code[8..])), Some(number));
            assert_eq!(other.notice_of_code(&code), None);
            let last = if code.ends_with('0') { "1" } else { "0" };
            for wrong in [
                &code[..19],
                &format!("{code}0"),
                &format!("{}{last}", &code[..code.len() - 1]),
                &format!("{code}x"),
                "",
            ] {
                assert_eq!(one.notice_of_code(wrong), None, "{wrong}");
            }
        }
        assert_ne!(one.notice_code(1)[8..], one.notice_code(2)[8..]);
    }

    #[test]
    fn the_digits_of_a_door_are_those_of_one_household_on_one_day() {
        let (one, other, day) = (keys(0), keys(100), "2022-11-20".parse::<CivilDate>().unwrap());
        let code = one.door_code("H1", day);
        assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        assert!(one.is_door_code("H1", day, &format!("{} {}", &code[..3], &code[3..])));
        for (keys, household, day) in [(&one, "H2", day), (&one, "H1", day.plus_days(1)), (&other, "H1", day)] {
            assert!(!keys.is_door_code(household, day, &code), "{household} {day}");
        }
        for wrong in ["", &code[..5], &format!("{code}0")] {
            assert!(!one.is_door_code("H1", day, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_object_is_named_by_its_kind_and_id_and_the_key() {
        let (one, other) = (keys(0), keys(100));
        assert_eq!(one.object("person", "P1"), one.object("person", "P1"));
        let names = [
            one.object("person", "P1"),
            one.object("person", "P2"),
            one.object("case", "P1"),
            one.object("personP", "1"),
            other.object("person", "P1"),
            one.pseudonym("P1"),
        ];
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len());
    }
}
