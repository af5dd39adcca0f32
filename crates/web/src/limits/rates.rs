//! How often somebody may ask: a bucket of tokens for each account and each address, filled at a steady rate up to a
//! burst. The number of buckets is bounded; a full one says nothing and is forgotten.

use crate::{config::Limits, site::Site};
use dayclear_core::command::Load;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Whose bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// An account.
    Account(String),
    /// An address, whoever asks from there.
    Site(u128),
    /// An address, for emergency requests: what else comes from there takes nothing from them.
    Emergency(u128),
    /// An address, for those who brought no session.
    Stranger(u128),
}

impl Whose {
    /// The bucket of an address.
    pub fn site(site: &Site, load: Option<Load>) -> Whose {
        if load == Some(Load::Emergency) { Whose::Emergency(site.house()) } else { Whose::Site(site.house()) }
    }

    /// Name, for the figures.
    pub const fn name(&self) -> &'static str {
        match self {
            Whose::Account(_) => "account",
            Whose::Site(_) => "site",
            Whose::Emergency(_) => "emergency",
            Whose::Stranger(_) => "stranger",
        }
    }

    const fn limit(&self, limits: &Limits) -> (f64, f64) {
        let (rate, burst) = match self {
            Whose::Account(_) => (limits.account_per_s_max, limits.account_burst_max),
            Whose::Site(_) | Whose::Emergency(_) => (limits.site_per_s_max, limits.site_burst_max),
            Whose::Stranger(_) => (limits.stranger_per_s_max, limits.stranger_burst_max),
        };
        (rate as f64, burst as f64)
    }
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// Every bucket.
pub struct Rates {
    limits: Limits,
    buckets: Mutex<HashMap<Whose, Bucket>>,
}

impl Rates {
    /// With these limits.
    pub fn new(limits: &Limits) -> Self {
        Rates { limits: limits.clone(), buckets: Mutex::default() }
    }

    /// Takes a token, or says how long to wait for one.
    pub fn take(&self, whose: Whose) -> Result<(), Duration> {
        let now = Instant::now();
        let (rate, burst) = whose.limit(&self.limits);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= self.limits.buckets_max && !buckets.contains_key(&whose) {
            let limits = &self.limits;
            buckets.retain(|whose, bucket| {
                let (rate, burst) = whose.limit(limits);
                bucket.tokens + now.duration_since(bucket.filled).as_secs_f64() * rate < burst
            });
            // more senders at once than can be counted: better that each gets a burst than that memory runs out
            if buckets.len() >= self.limits.buckets_max {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(whose).or_insert(Bucket { tokens: burst, filled: now });
        let fresh = now.duration_since(bucket.filled).as_secs_f64() * rate;
        bucket.tokens = (bucket.tokens + fresh).min(burst);
        bucket.filled = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.tokens) / rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_a_steady_rate_and_each_for_itself() {
        let limits = Limits { account_per_s_max: 2, account_burst_max: 3, buckets_max: 2, ..Limits::default() };
        let rates = Rates::new(&limits);
        let anna = || Whose::Account("anna".to_owned());
        for _ in 0..3 {
            assert_eq!(rates.take(anna()), Ok(()));
        }
        assert_eq!(rates.take(anna()), Err(Duration::from_millis(500)));
        assert_eq!(rates.take(Whose::Account("bo".to_owned())), Ok(()));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(rates.take(anna()), Ok(()));
        assert!(rates.take(anna()).is_err());
        // the number of buckets is bounded; the empty ones are kept as long as there is room
        tokio::time::advance(Duration::from_millis(100)).await;
        for house in 0..100 {
            assert_eq!(rates.take(Whose::Site(house)), Ok(()));
            assert!(rates.buckets.lock().unwrap().len() <= 2);
        }
    }
}
