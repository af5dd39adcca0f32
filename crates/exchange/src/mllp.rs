//! Frames of the Minimal Lower Layer Protocol: a message stands between 0x0B and 0x1C 0x0D. The frames may come torn,
//! joined or byte by byte; what stands between them is passed over. Pure; it guarantees that it keeps no more than the
//! longest message, and that a message that is too long is told from its beginning.

/// First byte of a frame.
pub const START: u8 = 0x0b;
/// First of the two last bytes.
pub const END: u8 = 0x1c;
/// Second of them.
pub const RETURN: u8 = 0x0d;

/// What comes out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Vec<u8>),
    /// The beginning of a message that is too long. The stream can be used no more.
    TooLong(Vec<u8>),
}

/// Bytes of a message that is too long which are kept, to answer it.
const HEAD_BYTES: usize = 4_096;

/// Takes bytes in, gives messages out.
#[derive(Debug)]
pub struct Framer {
    bytes_max: usize,
    inside: bool,
    ending: bool,
    message: Vec<u8>,
    full: bool,
}

impl Framer {
    /// For messages of so many bytes at most.
    pub fn new(bytes_max: usize) -> Framer {
        Framer { bytes_max, inside: false, ending: false, message: Vec::new(), full: false }
    }

    /// Whether a message has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.inside
    }

    /// Takes bytes up to the end of the next message: the message, if it ended, and how many bytes were taken.
    pub fn take(&mut self, bytes: &[u8]) -> (Option<Frame>, usize) {
        if self.full {
            return (None, bytes.len());
        }
        for (at, byte) in bytes.iter().copied().enumerate() {
            if !self.inside {
                self.inside = byte == START;
                continue;
            }
            if self.ending {
                self.ending = false;
                if byte == RETURN {
                    self.inside = false;
                    return (Some(Frame::Message(std::mem::take(&mut self.message))), at + 1);
                }
                // an end without its return is part of the message: the reader of messages refuses it
                self.message.push(END);
            }
            match byte {
                END => self.ending = true,
                // a sender that gave up and began anew: what came before is no message
                START => self.message.clear(),
                byte => self.message.push(byte),
            }
            if self.message.len() > self.bytes_max {
                self.full = true;
                self.message.truncate(HEAD_BYTES);
                return (Some(Frame::TooLong(std::mem::take(&mut self.message))), at + 1);
            }
        }
        (None, bytes.len())
    }
}

/// A message in its frame.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend([END, RETURN]);
    frame
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(framer: &mut Framer, mut bytes: &[u8]) -> Vec<Frame> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (frame, taken) = framer.take(bytes);
            assert!(taken > 0, "it must go on");
            found.extend(frame);
            bytes = &bytes[taken..];
        }
        found
    }

    proptest! {
        #[test]
        fn messages_come_out_however_the_stream_is_cut(
            messages in proptest::collection::vec(proptest::collection::vec(0x20u8..0x7f, 0..40), 0..5),
            noise in proptest::collection::vec(0x20u8..0x7f, 0..5),
            cuts in proptest::collection::vec(1usize..9, 1..20),
        ) {
            let mut stream = noise.clone();
            for message in &messages {
                stream.extend(framed(message));
                stream.extend(&noise);
            }
            let mut framer = Framer::new(1_000);
            let mut found = Vec::new();
            let mut rest = stream.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break }
                let (piece, behind) = rest.split_at((*cut).min(rest.len()));
                found.extend(all(&mut framer, piece));
                rest = behind;
            }
            let wanted: Vec<Frame> = messages.into_iter().map(Frame::Message).collect();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn no_bytes_are_too_much_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut framer = Framer::new(100);
            for frame in all(&mut framer, &bytes) {
                match frame {
                    Frame::Message(message) => prop_assert!(message.len() <= 100),
                    Frame::TooLong(head) => prop_assert!(head.len() <= HEAD_BYTES),
                }
            }
            prop_assert!(framer.message.len() <= 101);
        }
    }

    #[test]
    fn what_is_too_long_is_told_once_and_nothing_follows() {
        let mut framer = Framer::new(10);
        let mut stream = framed(&[b'x'; 11]);
        stream.extend(framed(b"ok"));
        assert_eq!(all(&mut framer, &stream), [Frame::TooLong(vec![b'x'; 11])]);
    }
}
