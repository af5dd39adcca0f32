//! One mechanism for every closed list of terms: an enum whose variants have one canonical text, used alike in files,
//! in the store, in protocol packs and in message keys. A text that is not on the list does not become a value.

/// Declares an enum whose variants carry their canonical text. Gives `ALL`, `NAMES`, `name()`, `FromStr`, `Display` and serde.
#[macro_export]
macro_rules! terms {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[allow(missing_docs)] // a variant whose name says it all needs no sentence
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            /// Every term, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The canonical text of every term, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];
            /// The canonical text.
            pub const fn name(self) -> &'static str { match self { $($name::$variant => $text),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::terms::NotATerm;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok($name::$variant),)+ _ => Err($crate::terms::NotATerm { value: text.to_owned(), expected: Self::NAMES }) }
            }
        }
    };
}

/// A text that is not on its list of terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{value}' is not one of: {}", expected.join(", "))]
pub struct NotATerm {
    /// The text as given.
    pub value: String,
    /// The terms that would have been understood.
    pub expected: &'static [&'static str],
}
