//! Work shared between threads of the standard library. Blocks are taken by whoever is free and their results are given
//! back in the order of the blocks, so the number of threads changes how long it takes and nothing else.

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Computes `f(0..blocks)` on `threads` threads (at least one) and gives the results in order.
pub(super) fn by_blocks<T: Send>(blocks: usize, threads: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = threads.clamp(1, blocks.max(1));
    if threads == 1 {
        return (0..blocks).map(f).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                return done;
            }
            done.push((block, f(block)));
        }
    };
    let mut results: Vec<(usize, T)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(block, _)| *block);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The rows of block `block` when `rows` rows are cut into `blocks` blocks of nearly the same size.
pub(super) fn part(rows: usize, blocks: usize, block: usize) -> Range<usize> {
    let edge = |at: usize| (rows as u128 * at as u128 / blocks as u128) as usize;
    edge(block)..edge(block + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_blocks_and_parts_cover_all() {
        for threads in 0..5 {
            assert_eq!(by_blocks(7, threads, |block| block * block), [0, 1, 4, 9, 16, 25, 36]);
        }
        assert_eq!(by_blocks(0, 3, |block| block), Vec::<usize>::new());
        let parts: Vec<_> = (0..3).map(|block| part(10, 3, block)).collect();
        assert_eq!(parts, [0..3, 3..6, 6..10]);
    }
}
