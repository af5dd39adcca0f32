//! The transmission tree and its statistics. Pairs are the union of the directed links and of the infector that the line
//! list itself names; a pair named twice counts once. Every case falls in exactly one of four groups (with a source,
//! index, contact only, unlinked), so the groups add up to the line list.

use super::{Case, ChainsError, Doubtful, Link, SerialInterval, cycles::cycles};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One possible source of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Position of the source in the line list, from 0.
    pub case: usize,
    /// Named as the source (a pair), not only as one of several candidates.
    pub directed: bool,
    /// Where it happened, if the link says so.
    pub setting: Option<String>,
}

/// A case in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its possible sources in the order of the line list; more than one means that nobody knows which.
    pub sources: Vec<Source>,
    /// Cases of which it is a possible source, in the order of the line list.
    pub targets: Vec<usize>,
    /// Directed pairs in which it is the infector.
    pub secondary: usize,
    /// Fewest links from a case without a known source (0); `None` where no such case leads to it.
    pub generation: Option<usize>,
    /// Ends of undirected links, in the order of the line list.
    pub contacts: Vec<usize>,
}

/// An infector and the number of its secondary cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InfectorCount {
    /// Id of the infector.
    pub id: String,
    /// Directed pairs in which it is the infector.
    pub secondary: usize,
}

/// A case with several possible sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcesOf {
    /// Id of the case.
    pub id: String,
    /// Ids of its possible sources.
    pub sources: Vec<String>,
}

/// A directed pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Id of the infector.
    pub from: String,
    /// Id of the infected.
    pub to: String,
    /// Days from onset to onset; `None` when an onset is unknown.
    pub days: Option<i64>,
    /// Where it happened, if a link says so.
    pub setting: Option<String>,
}

/// Transmission tree and statistics of a line list. As JSON it has every field but the nodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chains {
    /// Cases in the line list.
    pub cases: usize,
    /// Serial interval over the directed pairs with both onsets.
    pub serial_interval: SerialInterval,
    /// Cases with at least one secondary case.
    pub infectors: usize,
    /// The infector with most secondary cases; the first of the line list where several have as many.
    pub top_infector: Option<InfectorCount>,
    /// Largest number of possible sources of one case.
    pub max_sources: usize,
    /// Cases with at least one possible source.
    pub with_source: usize,
    /// Cases without a known source from which others were, or may have been, infected.
    pub index_cases: Vec<String>,
    /// Cases that only undirected links connect.
    pub contact_only: usize,
    /// Cases without any link.
    pub unlinked: usize,
    /// Cases in each generation, the index cases first.
    pub generations: Vec<usize>,
    /// Cases with a source to which no index case leads (in or behind a cycle).
    pub without_generation: usize,
    /// Circles of cases that are said to have infected each other; somebody has to look at the dates.
    pub cycles: Vec<Vec<String>>,
    /// Directed pairs in which the infected fell ill before the infector.
    pub onset_before_source: usize,
    /// Undirected links, each pair of cases once.
    pub contacts: usize,
    /// Links that name a pair again.
    pub repeated: usize,
    /// Links that were left out.
    pub doubtful: Vec<Doubtful>,
    /// Cases with more than one possible source, in the order of the line list.
    pub several_sources: Vec<SourcesOf>,
    /// Every infector, most secondary cases first.
    pub secondary_cases: Vec<InfectorCount>,
    /// Every directed pair, in the order of the line list.
    pub pairs: Vec<Pair>,
    /// The tree, one node for each case in the order of the line list.
    #[serde(skip)]
    pub nodes: Vec<Node>,
}

/// Computes the chains of a line list. Links may name pairs that the line list names already. Links to unknown cases and
/// of a case to itself are left out and reported as doubtful.
pub fn chains(cases: &[Case], links: &[Link]) -> Result<Chains, ChainsError> {
    let position = positions(cases)?;
    let (mut repeated, mut doubtful) = (0, Vec::new());
    let mut resolve = |from: &str, to: &str| match (position.get(from), position.get(to)) {
        (Some(a), Some(b)) if a == b => {
            doubtful.push(Doubtful::ToItself { id: from.to_owned() });
            None
        }
        (Some(&a), Some(&b)) => Some((a, b)),
        (a, _) => {
            let missing = if a.is_none() { from } else { to };
            doubtful.push(Doubtful::UnknownCase {
                from: from.to_owned(),
                to: to.to_owned(),
                missing: missing.to_owned(),
            });
            None
        }
    };

    // Keyed by (infected, infector), so that iteration is in the order of the line list.
    let mut arcs: BTreeMap<(usize, usize), (bool, Option<String>)> = BTreeMap::new();
    let mut contacts: BTreeSet<(usize, usize)> = BTreeSet::new();
    for link in links {
        let Some((from, to)) = resolve(&link.from, &link.to) else { continue };
        if link.relation.is_undirected() {
            repeated += usize::from(!contacts.insert((from.min(to), from.max(to))));
            continue;
        }
        repeated += usize::from(arcs.contains_key(&(to, from)));
        let arc = arcs.entry((to, from)).or_insert((false, None));
        arc.0 |= link.relation.is_directed();
        arc.1 = arc.1.take().or_else(|| link.setting.clone());
    }
    for case in cases {
        let Some((from, to)) = case.infector.as_deref().and_then(|from| resolve(from, &case.id)) else { continue };
        repeated += usize::from(arcs.contains_key(&(to, from)));
        arcs.entry((to, from)).or_insert((false, None)).0 = true;
    }

    let mut nodes = vec![Node::default(); cases.len()];
    let mut pairs = Vec::new();
    let mut directed_targets = vec![Vec::new(); cases.len()];
    for ((to, from), (directed, setting)) in arcs {
        if directed {
            let days = cases[from].onset.zip(cases[to].onset).map(|(source, own)| own.days_since(source));
            pairs.push(Pair { from: cases[from].id.clone(), to: cases[to].id.clone(), days, setting: setting.clone() });
            directed_targets[from].push(to);
            nodes[from].secondary += 1;
        }
        nodes[from].targets.push(to);
        nodes[to].sources.push(Source { case: from, directed, setting });
    }
    for &(a, b) in &contacts {
        nodes[a].contacts.push(b);
        nodes[b].contacts.push(a);
    }
    for node in &mut nodes {
        node.contacts.sort_unstable();
    }
    number_generations(&mut nodes);

    let id = |at: usize| cases[at].id.clone();
    let mut generations = Vec::new();
    for generation in nodes.iter().filter_map(|node| node.generation) {
        if generations.len() <= generation {
            generations.resize(generation + 1, 0);
        }
        generations[generation] += 1;
    }
    let mut secondary_cases: Vec<_> = (0..cases.len())
        .filter(|&at| nodes[at].secondary > 0)
        .map(|at| InfectorCount { id: id(at), secondary: nodes[at].secondary })
        .collect();
    secondary_cases.sort_by_key(|infector| std::cmp::Reverse(infector.secondary)); // stable: ties stay in order
    let sourceless = |node: &&Node| node.sources.is_empty() && node.targets.is_empty();
    Ok(Chains {
        cases: cases.len(),
        serial_interval: SerialInterval::of(pairs.iter().filter_map(|pair| pair.days).collect()),
        infectors: secondary_cases.len(),
        top_infector: secondary_cases.first().cloned(),
        max_sources: nodes.iter().map(|node| node.sources.len()).max().unwrap_or(0),
        with_source: nodes.iter().filter(|node| !node.sources.is_empty()).count(),
        index_cases: (0..cases.len()).filter(|&at| nodes[at].generation == Some(0)).map(id).collect(),
        contact_only: nodes.iter().filter(sourceless).filter(|node| !node.contacts.is_empty()).count(),
        unlinked: nodes.iter().filter(sourceless).filter(|node| node.contacts.is_empty()).count(),
        without_generation: nodes.iter().filter(|n| !n.sources.is_empty() && n.generation.is_none()).count(),
        generations,
        cycles: cycles(&directed_targets).into_iter().map(|set| set.into_iter().map(id).collect()).collect(),
        onset_before_source: pairs.iter().filter(|pair| pair.days.is_some_and(|days| days < 0)).count(),
        contacts: contacts.len(),
        repeated,
        doubtful,
        several_sources: (0..cases.len())
            .filter(|&at| nodes[at].sources.len() > 1)
            .map(|at| SourcesOf { id: id(at), sources: nodes[at].sources.iter().map(|s| id(s.case)).collect() })
            .collect(),
        secondary_cases,
        pairs,
        nodes,
    })
}

/// Position of each id in the line list.
fn positions(cases: &[Case]) -> Result<BTreeMap<&str, usize>, ChainsError> {
    let mut position = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        if let Some(first) = position.insert(case.id.as_str(), at) {
            return Err(ChainsError::DuplicateCase { id: case.id.clone(), first: first + 1, second: at + 1 });
        }
    }
    Ok(position)
}

/// Breadth first from the index cases: each case is numbered once, so a cycle ends by itself.
fn number_generations(nodes: &mut [Node]) {
    let index = (0..nodes.len()).filter(|&at| nodes[at].sources.is_empty() && !nodes[at].targets.is_empty());
    let mut queue: VecDeque<(usize, usize)> = index.map(|at| (at, 0)).collect();
    while let Some((at, generation)) = queue.pop_front() {
        if nodes[at].generation.is_none() {
            nodes[at].generation = Some(generation);
            queue.extend(nodes[at].targets.iter().map(|&target| (target, generation + 1)));
        }
    }
}

/// The statistics as rows of key and value, for a table on a terminal or a page. Keys are keys of the message files;
/// days have three decimals, and what is unknown is an empty value.
pub fn table(chains: &Chains) -> Vec<(String, String)> {
    let days = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
    let si = &chains.serial_interval;
    let top = chains.top_infector.as_ref().map(|top| format!("{} ({})", top.id, top.secondary)).unwrap_or_default();
    let several: Vec<_> =
        chains.several_sources.iter().map(|case| format!("{}: {}", case.id, case.sources.join(", "))).collect();
    let mut rows = vec![
        ("cases", chains.cases.to_string()),
        ("with-source", chains.with_source.to_string()),
        ("index-cases", chains.index_cases.len().to_string()),
        ("contact-only", chains.contact_only.to_string()),
        ("unlinked", chains.unlinked.to_string()),
        ("pairs", chains.pairs.len().to_string()),
        ("serial-interval-n", si.n.to_string()),
        ("serial-interval-mean", days(si.mean)),
        ("serial-interval-sd", days(si.sd)),
        ("serial-interval-median", days(si.median)),
        ("onset-before-source", chains.onset_before_source.to_string()),
        ("infectors", chains.infectors.to_string()),
        ("top-infector", top),
        ("max-sources", chains.max_sources.to_string()),
        ("several-sources", several.join("; ")),
        ("generations", chains.generations.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")),
        ("without-generation", chains.without_generation.to_string()),
        ("cycles", chains.cycles.iter().map(|set| set.join(", ")).collect::<Vec<_>>().join("; ")),
        ("contacts", chains.contacts.to_string()),
        ("repeated", chains.repeated.to_string()),
        ("doubtful", chains.doubtful.len().to_string()),
    ];
    rows.retain(|(key, value)| !(value.is_empty() && matches!(*key, "cycles" | "several-sources" | "top-infector")));
    rows.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
