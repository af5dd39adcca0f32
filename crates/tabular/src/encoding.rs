//! Which encoding a text file has, and the file as UTF-8. It may look at the whole file once before the first row is
//! read, so that one answer holds from the first byte to the last. Bytes that are no text come out as 0xFF, which is
//! never valid UTF-8, so that exactly the rows that hold them are refused.

use dayclear_core::terms;
use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_16BE, UTF_16LE};
use std::io::{self, Read, Seek, SeekFrom};

terms! {
    /// Encoding of a text file.
    Encoding {
        Utf8 = "UTF-8",
        /// GB18030, which contains GBK and GB 2312.
        Gb18030 = "GB18030",
        Utf16Le = "UTF-16LE", Utf16Be = "UTF-16BE",
    }
}

/// What stands in place of bytes that are no text.
pub(crate) const NO_TEXT: u8 = 0xff;
const BLOCK: usize = 256 * 1024;

/// The encoding of a file and the length of its byte order mark. A file without a mark is UTF-8 if all of it is; if not,
/// it is what most of its lines with other letters than ASCII are.
pub(crate) fn detect(input: &mut (impl Read + Seek + ?Sized)) -> io::Result<(Encoding, u64)> {
    let mut head = [0u8; 64];
    input.seek(SeekFrom::Start(0))?;
    let length = read_full(input, &mut head)?;
    let head = &head[..length];
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Ok((Encoding::Utf8, 3));
    }
    if head.starts_with(&[0xff, 0xfe]) {
        return Ok((Encoding::Utf16Le, 2));
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return Ok((Encoding::Utf16Be, 2));
    }
    // A header in ASCII letters as UTF-16 without a mark: every second byte is zero.
    match head {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => return Ok((Encoding::Utf16Le, 0)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => return Ok((Encoding::Utf16Be, 0)),
        _ => {}
    }
    input.seek(SeekFrom::Start(0))?;
    if is_utf8(input)? {
        return Ok((Encoding::Utf8, 0));
    }
    input.seek(SeekFrom::Start(0))?;
    Ok((by_majority(input)?, 0))
}

fn read_full(input: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

fn is_utf8(input: &mut (impl Read + ?Sized)) -> io::Result<bool> {
    let mut block = vec![0u8; BLOCK];
    let mut kept = 0;
    loop {
        let read = read_full(input, &mut block[kept..])?;
        let filled = kept + read;
        if filled == 0 {
            return Ok(true);
        }
        match std::str::from_utf8(&block[..filled]) {
            Ok(_) => kept = 0,
            // A character that the end of the block cuts is looked at again with the next block.
            Err(e) if e.error_len().is_none() => {
                if read == 0 {
                    return Ok(true); // the file is cut off within its last character; that row will be refused
                }
                block.copy_within(e.valid_up_to()..filled, 0);
                kept = filled - e.valid_up_to();
            }
            Err(_) => return Ok(false),
        }
    }
}

/// Counts the lines that are valid UTF-8 beyond ASCII against those that are not UTF-8 but valid GB18030.
fn by_majority(input: &mut (impl Read + ?Sized)) -> io::Result<Encoding> {
    let mut block = vec![0u8; BLOCK];
    let mut kept = 0;
    let (mut utf8, mut gb18030) = (0u64, 0u64);
    loop {
        let read = read_full(input, &mut block[kept..])?;
        let filled = kept + read;
        let last = block[..filled].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        // A line longer than the block votes in pieces; the cut may cost one wrong vote.
        let upto = if last == 0 || read == 0 { filled } else { last };
        for line in block[..upto].split(|b| *b == b'\n') {
            if line.is_ascii() {
                continue;
            }
            if std::str::from_utf8(line).is_ok() {
                utf8 += 1;
            } else if GB18030.decode_without_bom_handling_and_without_replacement(line).is_some() {
                gb18030 += 1;
            }
        }
        if filled == 0 || read == 0 {
            return Ok(if gb18030 > utf8 { Encoding::Gb18030 } else { Encoding::Utf8 });
        }
        block.copy_within(upto..filled, 0);
        kept = filled - upto;
    }
}

/// A file as UTF-8.
pub(crate) struct Decoded {
    input: Box<dyn Read + Send>,
    decoder: Option<Decoder>,
    block: Vec<u8>,
    at: usize,
    filled: usize,
    ended: bool,
}

impl Decoded {
    /// `input` stands behind the byte order mark.
    pub fn new(input: Box<dyn Read + Send>, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 => None,
            Encoding::Gb18030 => Some(GB18030.new_decoder_without_bom_handling()),
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
        };
        let block = if decoder.is_some() { vec![0; BLOCK] } else { Vec::new() };
        Decoded { input, decoder, block, at: 0, filled: 0, ended: false }
    }

    /// Fills the beginning of `out`, which must have room for at least 16 bytes; 0 means the end of the file.
    pub fn fill(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return read_full(&mut self.input, out) };
        let mut written = 0;
        while written == 0 && !self.ended {
            if self.at == self.filled {
                self.at = 0;
                self.filled = read_full(&mut self.input, &mut self.block)?;
            }
            let last = self.filled == 0;
            let room = out.len() - 1; // one byte stays free for the mark of a bad sequence
            let (result, read, wrote) =
                decoder.decode_to_utf8_without_replacement(&self.block[self.at..self.filled], &mut out[..room], last);
            self.at += read;
            written = wrote;
            match result {
                DecoderResult::Malformed(..) => {
                    out[written] = NO_TEXT;
                    written += 1;
                }
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn whole(bytes: &[u8]) -> (Encoding, Vec<u8>) {
        let mut input = Cursor::new(bytes.to_vec());
        let (encoding, mark) = detect(&mut input).unwrap();
        input.set_position(mark);
        let mut decoded = Decoded::new(Box::new(input), encoding);
        let (mut out, mut block) = (Vec::new(), [0u8; 64]);
        loop {
            match decoded.fill(&mut block).unwrap() {
                0 => return (encoding, out),
                n => out.extend_from_slice(&block[..n]),
            }
        }
    }

    #[test]
    fn every_encoding_is_found_and_read() {
        let text = "person,name\np1,重庆市渝中区\n";
        let utf16 = |big: bool, mark: bool| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
            let bom: &[u8] = match (mark, big) {
                (false, _) => &[],
                (true, true) => &[0xfe, 0xff],
                (true, false) => &[0xff, 0xfe],
            };
            bom.iter().copied().chain(units).collect()
        };
        let cases = [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
            (GB18030.encode(text).0.into_owned(), Encoding::Gb18030),
            (encoding_rs::GBK.encode(text).0.into_owned(), Encoding::Gb18030),
            (utf16(false, true), Encoding::Utf16Le),
            (utf16(true, true), Encoding::Utf16Be),
            (utf16(false, false), Encoding::Utf16Le),
            (utf16(true, false), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in cases {
            let (found, decoded) = whole(&bytes);
            assert_eq!(found, encoding);
            assert_eq!(String::from_utf8(decoded).unwrap(), text, "{encoding}");
        }
    }

    #[test]
    fn one_bad_line_does_not_turn_a_utf8_file_into_another() {
        let mut bytes = "name\n重庆\n渝中区\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"\xd6\xd8\xc7\xec\n");
        let (found, decoded) = whole(&bytes);
        assert_eq!(found, Encoding::Utf8);
        assert_eq!(decoded, bytes);
    }

    #[test]
    fn text_that_stops_being_utf8_far_into_the_file_is_read_in_one_encoding() {
        let mut bytes = "name\n".repeat(100_000).into_bytes();
        bytes.extend_from_slice(&GB18030.encode("重庆\n渝中\n").0);
        let (found, decoded) = whole(&bytes);
        assert_eq!(found, Encoding::Gb18030);
        assert!(String::from_utf8(decoded).unwrap().ends_with("重庆\n渝中\n"));
    }

    #[test]
    fn a_bad_sequence_is_marked() {
        let (found, decoded) = whole(b"\xff\xfea\0\n\0\x00\xd8b\0");
        assert_eq!(found, Encoding::Utf16Le);
        assert_eq!(decoded, [b'a', b'\n', NO_TEXT, b'b']);
    }

    #[test]
    fn a_character_across_blocks_is_one_character() {
        let text = "x".repeat(BLOCK - 1) + "重庆";
        assert_eq!(whole(text.as_bytes()).0, Encoding::Utf8);
        let cut = &text.as_bytes()[..text.len() - 1];
        assert_eq!(whole(cut).0, Encoding::Utf8, "cut off within its last character");
    }
}
