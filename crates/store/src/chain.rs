//! How entries are linked, for the chain of events and the chain of reads alike: each holds a hash over the one before and
//! over everything it says, so an altered, missing or swapped entry is found by whoever recomputes it, and a cut tail by
//! the head kept beside the chain. Pure: the tables are the business of `events` and `audit`.

use sha2::{Digest, Sha256};

/// What a check of a chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainState {
    /// Every entry is as it was written.
    Whole {
        /// Number of entries.
        events: i64,
        /// Hash of the last one.
        head: String,
    },
    /// The first entry that is altered, missing or out of place.
    Broken {
        /// Its sequence number.
        seq: i64,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The end of a chain, as it is written or walked along.
#[derive(Debug)]
pub(crate) struct Link {
    /// Number of the last entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl Link {
    /// Before the first entry.
    pub fn start() -> Self {
        Link { seq: 0, hash: "0".repeat(64) }
    }

    /// SHA-256 over the hash of the entry before, the number of this one, its other numbers, and each text after its
    /// length, so that no two entries can be written the same way.
    fn next(&self, numbers: &[i64], texts: &[&str]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.hash.as_bytes());
        hash.update((self.seq + 1).to_be_bytes());
        for number in numbers {
            hash.update(number.to_be_bytes());
        }
        for text in texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Appends an entry; the hash of the one before it.
    pub fn append(&mut self, numbers: &[i64], texts: &[&str]) -> String {
        let hash = self.next(numbers, texts);
        self.seq += 1;
        std::mem::replace(&mut self.hash, hash)
    }

    /// Walks over an entry as it stands, or says what is wrong with it.
    pub fn walk(
        &mut self,
        seq: i64,
        numbers: &[i64],
        texts: &[&str],
        prev: &str,
        hash: String,
    ) -> Result<(), ChainState> {
        let broken = |problem| Err(ChainState::Broken { seq: self.seq + 1, problem });
        if seq != self.seq + 1 {
            return broken("missing");
        }
        if prev != self.hash {
            return broken("out of place");
        }
        if hash != self.next(numbers, texts) {
            return broken("altered");
        }
        (self.seq, self.hash) = (seq, hash);
        Ok(())
    }

    /// Whether the head kept beside the chain names the last entry.
    pub fn against(self, head: &Link) -> ChainState {
        if self.seq == head.seq && self.hash == head.hash {
            ChainState::Whole { events: self.seq, head: self.hash }
        } else {
            ChainState::Broken { seq: self.seq + 1, problem: "missing at the end" }
        }
    }
}
