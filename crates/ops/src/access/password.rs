//! Passwords: what is refused, how they are hashed, and how two are compared at the same cost whether the account exists or
//! not. It may use argon2; it guarantees that a flood of attempts takes bounded memory and processors.

use super::AccessError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Semaphore;

const CHARS_MIN: usize = 12;
const BYTES_MAX: usize = 256;
/// Fewer different characters make a pattern, not a password.
const DIFFERENT_MIN: usize = 5;
const SALT_BYTES: usize = 16;

/// The passwords of twelve characters and more that are guessed first.
const COMMON: &[&str] = &[
    "passwordpassword",
    "password1234",
    "password12345",
    "password123456",
    "password2022",
    "passw0rd1234",
    "p@ssw0rd1234",
    "123456789012",
    "1234567890123",
    "123456789abc",
    "1234567890ab",
    "1234567890qwe",
    "123qweasdzxc",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiop[]",
    "qwerty123456",
    "qwertyuiopasdf",
    "asdfghjkl123",
    "zxcvbnm12345",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u",
    "1qaz2wsx3edc",
    "qazwsxedcrfv",
    "abcdefghijkl",
    "abcd12345678",
    "abc123456789",
    "a1b2c3d4e5f6",
    "iloveyou1234",
    "iloveyou12345",
    "letmein12345",
    "welcome12345",
    "welcome123456",
    "changeme1234",
    "changemenow1",
    "administrator",
    "administrator1",
    "admin1234567",
    "admin123456789",
    "woaini1314520",
    "woaini5201314",
    "woaizhongguo",
    "wangyut2wangyut2",
    "5201314woaini",
    "13145201314520",
    "chongqing2022",
    "zhongguo2022",
    "correcthorsebatterystaple",
    "trustno1trustno1",
    "footballfootball",
    "princess1234",
    "sunshine1234",
    "superman1234",
    "monkey123456",
    "dragon123456",
    "master123456",
    "hospital1234",
    "covid19covid19",
    "coronavirus1",
    "epidemic2022",
];

/// Whether a password may be set for a login; what would be taken otherwise.
pub fn acceptable(login: &str, password: &str) -> Result<(), AccessError> {
    let lower = password.to_lowercase();
    let different: std::collections::BTreeSet<char> = lower.chars().collect();
    let expected = if password.chars().count() < CHARS_MIN {
        format!("at least {CHARS_MIN} characters; a few words in a row are easy to remember")
    } else if password.len() > BYTES_MAX {
        format!("at most {BYTES_MAX} bytes")
    } else if different.len() < DIFFERENT_MIN {
        format!("at least {DIFFERENT_MIN} different characters")
    } else if lower.contains(&login.to_lowercase()) || lower.contains("dayclear") {
        "a password that contains neither the login nor the name of this program".to_owned()
    } else if COMMON.contains(&lower.trim()) {
        "a password that is not among the most common ones".to_owned()
    } else {
        return Ok(());
    };
    Err(AccessError::Invalid { field: "password", expected })
}

/// Hashes passwords with argon2id.
pub struct Hasher {
    argon: Argon2<'static>,
    /// Hash of a password that nobody has, for those whom nobody knows.
    nobody: OnceLock<String>,
    runs: AtomicU64,
    /// How many run at a time: each takes a processor, and the memory that makes guessing costly.
    places: Arc<Semaphore>,
}

impl Hasher {
    /// 19 MiB, two passes, one lane: the second choice of the OWASP cheat sheet on password storage, for machines with little
    /// memory and many sign-ins.
    pub fn careful() -> Self {
        Self::with(Params::new(19 * 1024, 2, 1, Some(32)).unwrap_or_default())
    }

    /// The least that the algorithm takes, for tests.
    pub fn cheap() -> Self {
        Self::with(Params::new(8, 1, 1, Some(32)).unwrap_or_default())
    }

    fn with(params: Params) -> Self {
        Hasher {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            nobody: OnceLock::new(),
            runs: AtomicU64::new(0),
            places: Arc::new(Semaphore::new(2)),
        }
    }

    /// How many hashes were worked out so far, for the metrics; one for each attempt, whoever was meant.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    fn hash_now(&self, password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, AccessError> {
        self.argon
            .hash_password_with_salt(password.as_bytes(), salt)
            .map(|hash| hash.to_string())
            .map_err(|error| AccessError::Inside(error.to_string()))
    }

    fn matches_now(&self, hash: Option<&str>, password: &str) -> Result<bool, AccessError> {
        let nobody = match self.nobody.get() {
            Some(hash) => hash,
            None => {
                let hash = self.hash_now("nobody has this password", &[0; SALT_BYTES])?;
                self.nobody.get_or_init(|| hash)
            }
        };
        self.runs.fetch_add(1, Ordering::Relaxed);
        // a password nobody could have set costs no more than another
        let password = if password.len() > BYTES_MAX { "" } else { password };
        let same = self.argon.verify_password(password.as_bytes(), hash.unwrap_or(nobody)).is_ok();
        Ok(same && hash.is_some())
    }

    /// Hashes a password, off the threads that serve.
    pub async fn hash(self: &Arc<Self>, password: &str, salt: [u8; SALT_BYTES]) -> Result<String, AccessError> {
        let password = password.to_owned();
        self.apart(move |hasher| hasher.hash_now(&password, &salt)).await
    }

    /// Whether a password is the one of a hash; the cost is the same where there is none, and the answer no.
    pub async fn matches(self: &Arc<Self>, hash: Option<&str>, password: &str) -> Result<bool, AccessError> {
        let (hash, password) = (hash.map(str::to_owned), password.to_owned());
        self.apart(move |hasher| hasher.matches_now(hash.as_deref(), &password)).await
    }

    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Hasher) -> Result<T, AccessError> + Send + 'static,
    ) -> Result<T, AccessError> {
        let inside = |error: &dyn std::fmt::Display| AccessError::Inside(error.to_string());
        let place = self.places.clone().acquire_owned().await.map_err(|error| inside(&error))?;
        let hasher = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&hasher)
        });
        done.await.map_err(|error| inside(&error))?
    }
}

/// Letters and digits that cannot be mistaken for one another when read aloud.
const READABLE: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A password for one use, of some 99 bits: five groups of four.
pub(super) fn one_time(chance: &[u8; 20]) -> String {
    let chars: Vec<char> = chance.iter().map(|byte| READABLE[usize::from(*byte) % READABLE.len()] as char).collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_others_taken() {
        let table = [
            ("", false),
            ("elevenchars", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("abababababababab", false),
            ("Password1234", false),
            ("my-wang.li-door", false),
            ("the DayClear words", false),
            ("1q2w3e4r5t6y", false),
            ("four plain words here", true),
            ("山城的雾散了，江水很清", false),
            ("山城的雾散了，江水还是很清", true),
        ];
        for (password, taken) in table {
            assert_eq!(acceptable("wang.li", password).is_ok(), taken, "{password}");
        }
        assert!(acceptable("wang.li", &"long words, ".repeat(22)).is_err());
    }

    #[test]
    fn common_ones_are_long_enough_to_matter() {
        assert!(COMMON.iter().all(|common| common.chars().count() >= CHARS_MIN && *common == common.to_lowercase()));
    }

    #[test]
    fn a_one_time_password_may_be_set() {
        let password = one_time(&[3; 20]);
        assert_eq!(password, "dddd-dddd-dddd-dddd-dddd");
        let chance: Vec<u8> = (0..20).map(|n| n * 13).collect();
        let password = one_time(&chance.try_into().unwrap());
        assert!(acceptable("wang.li", &password).is_ok(), "{password}");
    }

    #[tokio::test]
    async fn an_unknown_account_costs_what_a_known_one_costs() {
        let hasher = Arc::new(Hasher::cheap());
        let hash = hasher.hash("four plain words here", [1; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        for (hash, password, same) in [
            (Some(&*hash), "four plain words here", true),
            (Some(&*hash), "four plain words hers", false),
            (None, "four plain words here", false),
            (None, "nobody has this password", false),
            (Some("damaged"), "four plain words here", false),
        ] {
            let before = hasher.runs();
            assert_eq!(hasher.matches(hash, password).await.unwrap(), same);
            assert_eq!(hasher.runs(), before + 1);
        }
    }
}
