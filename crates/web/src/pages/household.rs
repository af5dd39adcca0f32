//! A household as a drawing: who lives there, who of them is a case, who a contact, of whom nothing is known yet. Pure:
//! people in, shapes out; the same stands beside it as a list.

/// How somebody of a household stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// A case.
    Case,
    /// A contact of a case.
    Contact,
    /// Neither.
    Other,
}

/// Somebody of a household.
pub struct Member {
    /// Name, as the duty may see it.
    pub name: String,
    /// What stands below it: case, class of the contact.
    pub said: String,
    /// Page.
    pub path: String,
    /// How they stand.
    pub standing: Standing,
}

/// One person in the drawing.
pub struct Node {
    /// Middle, from the left.
    pub x: usize,
    /// Middle, from the top.
    pub y: usize,
    /// Number in the drawing and in the list.
    pub number: usize,
    /// Who.
    pub member: Member,
}

impl Node {
    /// Whether this is a case.
    pub fn case(&self) -> bool {
        self.member.standing == Standing::Case
    }
    /// Class of the shape.
    pub fn shape(&self) -> &'static str {
        match self.member.standing {
            Standing::Case => "node-case",
            Standing::Contact => "node-contact",
            Standing::Other => "node-other",
        }
    }
}

/// A household, drawn.
pub struct Household {
    /// Id.
    pub id: String,
    /// People.
    pub nodes: Vec<Node>,
    /// Width of the drawing.
    pub width: usize,
    /// Height of the drawing.
    pub height: usize,
    /// Lines from cases to the others.
    pub edges: String,
    /// How many there are that are not drawn.
    pub more: usize,
}

/// Draws a household: cases in the first row, the others below, in rows of three.
pub fn draw(id: &str, mut members: Vec<Member>) -> Option<Household> {
    const DRAWN_MAX: usize = 12;
    const ROW: usize = 3;
    const WIDE: usize = 110;
    const HIGH: usize = 84;
    if members.len() < 2 {
        return None;
    }
    members.sort_by_key(|member| match member.standing {
        Standing::Case => 0,
        Standing::Contact => 1,
        Standing::Other => 2,
    });
    let more = members.len().saturating_sub(DRAWN_MAX);
    members.truncate(DRAWN_MAX);
    let place = |at: usize| (WIDE / 2 + (at % ROW) * WIDE + 10, 44 + (at / ROW) * HIGH);
    let nodes: Vec<Node> = members
        .into_iter()
        .enumerate()
        .map(|(at, member)| {
            let (x, y) = place(at);
            Node { x, y, number: at + 1, member }
        })
        .collect();
    let from = nodes.iter().find(|node| node.case()).map(|node| (node.x, node.y));
    let edges = from.map_or_else(String::new, |(x, y)| {
        let others = nodes.iter().filter(|node| !node.case());
        others.map(|node| format!("M{x} {y}L{} {}", node.x, node.y)).collect()
    });
    let rows = nodes.len().div_ceil(ROW);
    let columns = nodes.len().min(ROW);
    Some(Household { id: id.to_owned(), width: columns * WIDE + 20, height: rows * HIGH, nodes, edges, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_stands_inside_the_house_and_nobody_on_another() {
        for count in [2, 3, 4, 12, 40] {
            let member = |n: usize| Member {
                name: format!("P{n}"),
                said: String::new(),
                path: String::new(),
                standing: if n == 3 { Standing::Case } else { Standing::Other },
            };
            let home = draw("H1", (0..count).map(member).collect()).unwrap();
            assert_eq!(home.nodes.len() + home.more, count);
            let mut seen = std::collections::BTreeSet::new();
            for node in &home.nodes {
                assert!(node.x + 40 < home.width + 40 && node.y + 30 < home.height, "{count}");
                assert!(seen.insert((node.x, node.y)));
            }
        }
        assert!(draw("H1", Vec::new()).is_none());
    }
}
