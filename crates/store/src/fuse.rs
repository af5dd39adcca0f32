//! The moment at which a store is lost: for drills, which lose it at a statement that they choose. It may use nothing. It
//! guarantees that a store with which nobody drills never notices, and that after the moment nothing is read or written any
//! more until the store is mended: as after a death of the program, or of the database under it.

use crate::StoreError;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Steps that are left: statements, and the two sides of a commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fuse(Arc<Left>);

#[derive(Debug)]
struct Left(AtomicI64);

/// Nobody drills.
const NEVER: i64 = i64::MAX;

impl Default for Left {
    fn default() -> Self {
        Left(AtomicI64::new(NEVER))
    }
}

impl Fuse {
    /// Lets a number of steps happen, and no more.
    pub(crate) fn set(&self, steps: u32) {
        self.0.0.store(i64::from(steps), Ordering::Relaxed);
    }

    /// The store is there again.
    pub(crate) fn mend(&self) {
        self.0.0.store(NEVER, Ordering::Relaxed);
    }

    /// Whether the moment has come.
    pub(crate) fn is_burnt(&self) -> bool {
        self.0.0.load(Ordering::Relaxed) <= 0
    }

    /// A step happens, if it still can.
    pub(crate) fn step(&self) -> Result<(), StoreError> {
        match self.0.0.load(Ordering::Relaxed) {
            NEVER => Ok(()),
            _ if self.0.0.fetch_sub(1, Ordering::Relaxed) > 0 => Ok(()),
            _ => Err(StoreError::Gone),
        }
    }
}
