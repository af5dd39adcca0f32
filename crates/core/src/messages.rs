//! Messages to telephones of people in follow-up, and what comes back: how each stands, what an answer says, within which limits a sending
//! goes by itself. Pure; it guarantees that an answer is read by its digit or its word and by nothing that merely resembles one.

use crate::{roster::Known, terms};

terms! {
    /// What a message is for.
    MessageKind {
        /// Asks somebody in follow-up how they are.
        Ask = "ask",
        /// Says that a message before it was sent by mistake.
        Recall = "recall",
    }
}

terms! {
    /// How a message stands.
    MessageState {
        /// It waits for the gateway.
        Queued = "queued",
        /// The gateway has it.
        Sent = "sent",
        /// It is on the telephone, by the word of the gateway.
        Delivered = "delivered",
        /// It did not go, or did not arrive.
        Failed = "failed",
        /// It was withdrawn before it went, or a notice went after it.
        Recalled = "recalled",
    }
}

terms! {
    /// How a sending stands: messages that were made together.
    SendingState {
        /// It goes by itself: it is small.
        Goes = "goes",
        /// It waits for a second person.
        Waits = "waits",
        /// A second person let it go.
        Released = "released",
        /// Nothing more of it goes.
        Stopped = "stopped",
    }
}

terms! {
    /// What became of an answer.
    ReplyState {
        /// It is in the log of asking.
        Taken = "taken",
        /// Enough was told on that day.
        Enough = "enough",
        /// Several people have the number, so it counts for none of them.
        Several = "several",
        /// Nobody who was asked has the number.
        Stranger = "stranger",
        /// It is neither of the two answers.
        Unread = "unread",
        /// The follow-up is over, or the person wants no messages any more.
        Over = "over",
    }
}

/// People of one day to whom messages go by themselves; more wait for a second person (`safeguards.md`, F23).
pub const PEOPLE_ALONE_MAX: i64 = 100;
/// Characters of the first line of a message at most, which says what to do: a message of one part in any language (3GPP TS 23.040, UCS-2).
pub const FIRST_LINE_CHARS_MAX: usize = 70;
/// Characters of a message at most: two parts of 67 (the same).
pub const TEXT_CHARS_MAX: usize = 134;
/// Hour of the day after which nobody is sent a message (R): a telephone wakes people.
pub const LAST_HOUR: u8 = 21;

/// What an answer says: whether the person has symptoms. `1` and `好` are well, `2` and `不好` are not; anything else is neither.
pub fn read_answer(text: &str) -> Option<Known> {
    let narrow = |sign: char| match sign {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(sign as u32 - 0xff10 + 0x30).unwrap_or(sign),
        other => other,
    };
    let said: String = text.chars().map(narrow).filter(|sign| !sign.is_whitespace()).collect();
    match said.trim_end_matches(['.', '。', '．', '!', '！']) {
        "1" | "好" => Some(Known::No),
        "2" | "不好" => Some(Known::Yes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_digit_or_one_word() {
        for (text, said) in [
            ("1", Some(Known::No)),
            (" 1 ", Some(Known::No)),
            ("１", Some(Known::No)),
            ("1.", Some(Known::No)),
            ("好", Some(Known::No)),
            ("好。", Some(Known::No)),
            ("2", Some(Known::Yes)),
            ("\u{3000}２\n", Some(Known::Yes)),
            ("不好", Some(Known::Yes)),
            ("不 好！", Some(Known::Yes)),
            ("", None),
            ("3", None),
            ("12", None),
            ("1 2", None),
            ("11", None),
            ("不", None),
            ("好不好", None),
            ("well", None),
            ("+1", None),
            ("-2", None),
            ("①", None),
        ] {
            assert_eq!(read_answer(text), said, "{text:?}");
        }
    }
}
