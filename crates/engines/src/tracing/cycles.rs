//! Cycles in who-infected-whom: a set of cases that are said to have infected each other in a circle, which cannot be
//! true. Tarjan's algorithm for strongly connected components (SIAM J. Comput. 1972), without recursion, so that a long
//! chain does not exhaust the stack.

/// Sets of two or more cases that reach each other along `targets` (from each node to those it infected). Each set is
/// sorted, and the sets are sorted by their first member.
pub(super) fn cycles(targets: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = targets.len();
    let (mut order, mut low, mut on_stack) = (vec![UNSEEN; n], vec![0; n], vec![false; n]);
    let (mut next, mut stack, mut found) = (0, Vec::new(), Vec::new());
    for start in 0..n {
        if order[start] != UNSEEN {
            continue;
        }
        // Each entry: a node and how many of its targets have been followed.
        let mut path = vec![(start, 0)];
        while let Some((node, followed)) = path.pop() {
            if followed == 0 {
                (order[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            } else {
                let child = targets[node][followed - 1];
                low[node] = low[node].min(low[child]);
            }
            let mut at = followed;
            let mut deeper = None;
            while let Some(&child) = targets[node].get(at) {
                at += 1;
                if order[child] == UNSEEN {
                    deeper = Some(child);
                    break;
                }
                if on_stack[child] {
                    low[node] = low[node].min(order[child]);
                }
            }
            if let Some(child) = deeper {
                path.push((node, at));
                path.push((child, 0));
            } else if low[node] == order[node] {
                let mut set = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    set.push(member);
                    if member == node {
                        break;
                    }
                }
                if set.len() > 1 {
                    set.sort_unstable();
                    found.push(set);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::cycles;
    use proptest::prelude::*;

    #[test]
    fn chains_and_circles() {
        assert_eq!(cycles(&[vec![1], vec![2], vec![]]), Vec::<Vec<usize>>::new());
        assert_eq!(cycles(&[vec![1], vec![2], vec![1, 3], vec![]]), [[1, 2]]);
        assert_eq!(cycles(&[vec![1], vec![0], vec![3], vec![4], vec![2, 0]]), [vec![0, 1], vec![2, 3, 4]]);
        // A chain of a million does not exhaust the stack.
        let n = 1_000_000;
        let long: Vec<Vec<usize>> = (0..n).map(|at| vec![(at + 1) % n]).collect();
        assert_eq!(cycles(&long), [(0..n).collect::<Vec<_>>()]);
    }

    proptest! {
        /// Two nodes share a set exactly when each reaches the other (checked by the transitive closure).
        #[test]
        fn agrees_with_reachability(links in prop::collection::vec((0usize..9, 0usize..9), 0..24)) {
            let mut targets = vec![Vec::new(); 9];
            let mut reach = [[false; 9]; 9];
            for (from, to) in links.into_iter().filter(|(from, to)| from != to) {
                targets[from].push(to);
                reach[from][to] = true;
            }
            for via in 0..9 { for from in 0..9 { for to in 0..9 {
                reach[from][to] |= reach[from][via] && reach[via][to];
            }}}
            let sets = cycles(&targets);
            for (a, row) in reach.iter().enumerate() {
                for (b, &forth) in row.iter().enumerate() {
                    let together = a != b && sets.iter().any(|set| set.contains(&a) && set.contains(&b));
                    prop_assert_eq!(together, a != b && forth && reach[b][a]);
                }
            }
        }
    }
}
