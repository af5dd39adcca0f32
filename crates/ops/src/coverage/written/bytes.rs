//! Numbers, texts and sets as bytes, the lowest byte first, with a sum over all of them. Pure but for the reader or writer that it is
//! given; it guarantees that what is read asks for no more memory than the file is long, and that nothing is made of it before the sum
//! was compared.

use super::Unkept;
use dayclear_engines::coverage::Bits;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// Bytes of the sum at the end.
pub(super) const SUM: u64 = 32;
/// Bytes that are turned into numbers at a time.
const AT_ONCE: usize = 64 << 10;
/// A set of which fewer words than one in so many are not empty is written by its words.
const SPARSE: usize = 2;

/// How the words of a set are written.
const NONE: u8 = 0;
const FEW: u8 = 1;
const ALL: u8 = 2;

/// Writes, and sums up.
pub(super) struct Out<W> {
    to: W,
    sum: Sha256,
    bytes: u64,
}

impl<W: Write> Out<W> {
    pub(super) fn new(to: W) -> Self {
        Out { to, sum: Sha256::new(), bytes: 0 }
    }
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.to.write_all(bytes)
    }
    pub(super) fn whole(&mut self, number: i64) -> io::Result<()> {
        self.raw(&number.to_le_bytes())
    }
    pub(super) fn length(&mut self, number: usize) -> io::Result<()> {
        self.raw(&(number as u64).to_le_bytes())
    }
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.length(text.len())?;
        self.raw(text.as_bytes())
    }
    pub(super) fn numbers(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.length(numbers.len())?;
        let mut bytes = Vec::with_capacity(AT_ONCE);
        for some in numbers.chunks(AT_ONCE / 4) {
            bytes.clear();
            some.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
            self.raw(&bytes)?;
        }
        Ok(())
    }
    pub(super) fn set(&mut self, set: &Bits) -> io::Result<()> {
        let words = set.as_words();
        let filled = words.iter().filter(|word| **word != 0).count();
        if filled == 0 {
            return self.raw(&[NONE]);
        }
        let mut bytes = Vec::with_capacity(AT_ONCE);
        if filled < words.len() / SPARSE {
            self.raw(&[FEW])?;
            self.length(filled)?;
            for (at, word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
                bytes.extend_from_slice(&(at as u32).to_le_bytes());
                bytes.extend_from_slice(&word.to_le_bytes());
                if bytes.len() >= AT_ONCE - 12 {
                    self.raw(&bytes)?;
                    bytes.clear();
                }
            }
            return self.raw(&bytes);
        }
        self.raw(&[ALL])?;
        for some in words.chunks(AT_ONCE / 8) {
            bytes.clear();
            some.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
            self.raw(&bytes)?;
        }
        Ok(())
    }
    /// Adds the sum; bytes in all.
    pub(super) fn end(mut self) -> io::Result<u64> {
        let sum: [u8; SUM as usize] = self.sum.finalize().into();
        self.to.write_all(&sum)?;
        self.to.flush()?;
        Ok(self.bytes + SUM)
    }
}

/// Reads, and sums up.
pub(super) struct In<R> {
    from: R,
    sum: Sha256,
    /// Bytes before the sum.
    left: u64,
}

impl<R: Read> In<R> {
    /// `length`: bytes of the file.
    pub(super) fn new(from: R, length: u64) -> Result<Self, Unkept> {
        let left = length.checked_sub(SUM).ok_or(Unkept::Damaged)?;
        Ok(In { from, sum: Sha256::new(), left })
    }
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Unkept> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(Unkept::Damaged)?;
        self.from.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Unkept::Damaged,
            _ => Unkept::Unreadable,
        })?;
        self.sum.update(&*bytes);
        Ok(())
    }
    pub(super) fn raw<const N: usize>(&mut self) -> Result<[u8; N], Unkept> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
    pub(super) fn whole(&mut self) -> Result<i64, Unkept> {
        Ok(i64::from_le_bytes(self.raw()?))
    }
    /// How many things of so many bytes at least follow.
    pub(super) fn length(&mut self, bytes_each: u64) -> Result<usize, Unkept> {
        let many = u64::from_le_bytes(self.raw()?);
        let fits = many.checked_mul(bytes_each).is_some_and(|bytes| bytes <= self.left);
        usize::try_from(many).ok().filter(|_| fits).ok_or(Unkept::Damaged)
    }
    pub(super) fn text(&mut self) -> Result<String, Unkept> {
        let mut bytes = vec![0; self.length(1)?];
        self.fill(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| Unkept::Damaged)
    }
    pub(super) fn numbers(&mut self) -> Result<Vec<u32>, Unkept> {
        let many = self.length(4)?;
        let mut numbers = Vec::with_capacity(many);
        let mut bytes = vec![0; AT_ONCE];
        while numbers.len() < many {
            let some = &mut bytes[..AT_ONCE.min((many - numbers.len()) * 4)];
            self.fill(some)?;
            numbers.extend(some.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)));
        }
        Ok(numbers)
    }
    /// A set of so many numbers.
    pub(super) fn set(&mut self, len: usize) -> Result<Bits, Unkept> {
        let many = len.div_ceil(64);
        let [kind] = self.raw()?;
        let mut words = Vec::new();
        match kind {
            NONE => words = vec![0; many],
            FEW => {
                words = vec![0; many];
                for _ in 0..self.length(12)? {
                    let at = u32::from_le_bytes(self.raw()?) as usize;
                    *words.get_mut(at).ok_or(Unkept::Damaged)? = u64::from_le_bytes(self.raw()?);
                }
            }
            ALL if many as u64 * 8 <= self.left => {
                words.reserve_exact(many);
                let mut bytes = vec![0; AT_ONCE];
                while words.len() < many {
                    let some = &mut bytes[..AT_ONCE.min((many - words.len()) * 8)];
                    self.fill(some)?;
                    words.extend(some.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)));
                }
            }
            _ => return Err(Unkept::Damaged),
        }
        Bits::of_words(words, len).ok_or(Unkept::Damaged)
    }
    /// Nothing may be left, and the sum is that of what was read.
    pub(super) fn end(mut self) -> Result<(), Unkept> {
        let mut sum = [0; SUM as usize];
        self.from.read_exact(&mut sum).map_err(|_| Unkept::Damaged)?;
        let read: [u8; SUM as usize] = self.sum.finalize().into();
        if self.left == 0 && sum == read { Ok(()) } else { Err(Unkept::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read_and_a_turned_bit_is_found(
            numbers in proptest::collection::vec(any::<u32>(), 0..200), text in ".{0,20}",
            some in proptest::collection::btree_set(0usize..2_000, 0..600), bit in any::<usize>(), cut in any::<usize>(),
        ) {
            let mut set = Bits::none(2_000);
            some.iter().for_each(|at| set.set(*at, true));
            let mut bytes = Vec::new();
            let mut out = Out::new(&mut bytes);
            out.numbers(&numbers).unwrap();
            out.set(&set).unwrap();
            out.text(&text).unwrap();
            out.whole(-7).unwrap();
            prop_assert_eq!(out.end().unwrap(), bytes.len() as u64);
            let read = |bytes: &[u8]| {
                let mut from = In::new(bytes, bytes.len() as u64)?;
                let read = (from.numbers()?, from.set(2_000)?, from.text()?, from.whole()?);
                from.end().map(|()| read)
            };
            prop_assert_eq!(read(&bytes), Ok((numbers.clone(), set.clone(), text.clone(), -7)));
            let cut = cut % bytes.len();
            prop_assert_eq!(read(&bytes[..cut]), Err(Unkept::Damaged));
            let mut longer = bytes.clone();
            longer.push(0);
            prop_assert_eq!(read(&longer), Err(Unkept::Damaged));
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(read(&bytes), Err(Unkept::Damaged));
        }
    }
}
