//! Protocol packs: the rules of a disease as data.
