//! The moment at which a store is lost: for drills, which lose it at a statement that they choose. It may use nothing. It
//! guarantees that a store with which nobody drills never notices, and that after the moment nothing is read or written any
//! more until the store is mended: as after a death of the program, or of the database under it; or, where its disk is full,
//! that everything is read and nothing written.

use crate::StoreError;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

/// Steps that are left: statements, and the two sides of a commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fuse(Arc<Left>);

#[derive(Debug)]
struct Left {
    steps: AtomicI64,
    /// Only what writes is a step, and only that is lost.
    writes: AtomicBool,
}

/// Nobody drills.
const NEVER: i64 = i64::MAX;

impl Default for Left {
    fn default() -> Self {
        Left { steps: AtomicI64::new(NEVER), writes: AtomicBool::new(false) }
    }
}

impl Fuse {
    /// Lets a number of steps happen, and no more.
    pub(crate) fn set(&self, steps: u32) {
        self.0.writes.store(false, Ordering::Relaxed);
        self.0.steps.store(i64::from(steps), Ordering::Relaxed);
    }

    /// Lets a number of steps that write happen, and no more: the disk is full.
    pub(crate) fn fill(&self, steps: u32) {
        self.0.writes.store(true, Ordering::Relaxed);
        self.0.steps.store(i64::from(steps), Ordering::Relaxed);
    }

    /// The store is there again.
    pub(crate) fn mend(&self) {
        self.0.steps.store(NEVER, Ordering::Relaxed);
    }

    /// Whether the moment has come.
    pub(crate) fn is_burnt(&self) -> bool {
        self.0.steps.load(Ordering::Relaxed) <= 0
    }

    /// A step happens, if it still can.
    pub(crate) fn step(&self) -> Result<(), StoreError> {
        match self.0.steps.load(Ordering::Relaxed) {
            NEVER => Ok(()),
            _ if self.0.writes.load(Ordering::Relaxed) => Ok(()),
            _ => self.one(),
        }
    }

    /// A step that writes happens, if it still can.
    pub(crate) fn write(&self) -> Result<(), StoreError> {
        match self.0.steps.load(Ordering::Relaxed) {
            NEVER => Ok(()),
            _ => self.one(),
        }
    }

    fn one(&self) -> Result<(), StoreError> {
        match self.0.steps.fetch_sub(1, Ordering::Relaxed) > 0 {
            true => Ok(()),
            false => Err(StoreError::Gone),
        }
    }
}
