//! The zip package of a workbook, looked through before anything is inflated, and its parts as bounded streams. It
//! trusts no size that a file declares: what comes out of a part is counted while it comes. It reads with a table of
//! contents of its own, so that there is one reading of a package and not two that could disagree.

use flate2::{Crc, read::DeflateDecoder};
use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Read, Seek, SeekFrom, Take},
};

/// Something that can be read from any place.
pub(crate) trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}

/// Most parts of a package. A workbook of ten sheets has about 30.
const MAX_PARTS: u16 = 2_000;
/// Most bytes of the table of contents.
const MAX_DIRECTORY: u32 = 1024 * 1024;
/// Most bytes of a package; a full sheet of 20 columns has about 100 MB.
const MAX_PACKAGE: u64 = 512 * 1024 * 1024;

/// Why a package is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It could harm the reader.
    Hostile(String),
    /// It is broken.
    Damaged(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Hostile(what) | Refusal::Damaged(what) => f.write_str(what),
        }
    }
}
impl std::error::Error for Refusal {}

impl Refusal {
    /// As an error of a stream, from which `From<io::Error>` takes it out again.
    fn io(self) -> io::Error {
        io::Error::other(self)
    }
}

/// Why a part could not be read.
#[derive(Debug)]
pub(crate) enum PartError {
    Refused(Refusal),
    Io(io::Error),
}

impl From<io::Error> for PartError {
    fn from(error: io::Error) -> Self {
        if let Some(refusal) = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
            return PartError::Refused(refusal.clone());
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                PartError::Refused(Refusal::Damaged(error.to_string()))
            }
            _ => PartError::Io(error),
        }
    }
}

impl From<Refusal> for PartError {
    fn from(refusal: Refusal) -> Self {
        PartError::Refused(refusal)
    }
}

pub(crate) fn hostile(what: impl Into<String>) -> Refusal {
    Refusal::Hostile(what.into())
}
pub(crate) fn damaged(what: impl Into<String>) -> Refusal {
    Refusal::Damaged(what.into())
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    deflated: bool,
    packed: u64,
    size: u64,
    crc: u32,
    offset: u64,
}

/// How much may come out of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    /// Bytes.
    pub size: u64,
    /// Times the bytes that went in, once more than 4 MiB came out. Real sheets and string tables stay far below.
    pub ratio: u64,
}

/// A package.
pub(crate) struct Package {
    input: Box<dyn Input>,
    entries: Vec<Entry>,
}

impl Package {
    pub fn open(mut input: Box<dyn Input>) -> Result<Package, PartError> {
        let entries = directory(&mut input)?;
        Ok(Package { input, entries })
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// A part as a stream that borrows the package.
    pub fn part(&mut self, name: &str, cap: Cap) -> Result<Part<&mut Box<dyn Input>>, PartError> {
        let entry = self.seek_to(name)?;
        Ok(Part::new(&mut self.input, &entry, cap))
    }

    /// A part as a stream that keeps the package.
    pub fn into_part(mut self, name: &str, cap: Cap) -> Result<Part<Box<dyn Input>>, PartError> {
        let entry = self.seek_to(name)?;
        Ok(Part::new(self.input, &entry, cap))
    }

    fn seek_to(&mut self, name: &str) -> Result<Entry, PartError> {
        let entry = self.entries.iter().find(|entry| entry.name == name).cloned();
        let entry = entry.ok_or_else(|| damaged(format!("the part {name} is missing")))?;
        self.input.seek(SeekFrom::Start(entry.offset))?;
        let mut head = [0u8; 30];
        self.input.read_exact(&mut head)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(damaged("a part does not stand where the table of contents says").into());
        }
        let skip = u64::from(u16_at(&head, 26)) + u64::from(u16_at(&head, 28));
        self.input.seek(SeekFrom::Start(entry.offset.saturating_add(30 + skip)))?;
        Ok(entry)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The table of contents (PKWARE APPNOTE 4.3.12, 4.3.16), with every entry that a workbook has no use for refused.
fn directory(input: &mut (impl Read + Seek)) -> Result<Vec<Entry>, PartError> {
    let length = input.seek(SeekFrom::End(0))?;
    if length > MAX_PACKAGE {
        return Err(hostile("the file is larger than 512 MiB").into());
    }
    if length < 22 {
        return Err(damaged("the file is cut off").into());
    }
    let mut end = [0u8; 22];
    input.seek(SeekFrom::Start(length - 22))?;
    input.read_exact(&mut end)?;
    if !end.starts_with(b"PK\x05\x06") || u16_at(&end, 20) != 0 {
        return Err(
            damaged("the table of contents is not at the end: the file is cut off, or something follows it").into()
        );
    }
    let (count, size, start) = (u16_at(&end, 10), u32_at(&end, 12), u32_at(&end, 16));
    if count > MAX_PARTS || size > MAX_DIRECTORY {
        return Err(hostile(format!("it has more than {MAX_PARTS} parts")).into());
    }
    if u64::from(start) + u64::from(size) > length - 22 {
        return Err(damaged("the table of contents lies outside the file").into());
    }
    let mut bytes = vec![0u8; size as usize];
    input.seek(SeekFrom::Start(u64::from(start)))?;
    input.read_exact(&mut bytes)?;

    let mut entries = Vec::new();
    let mut names = BTreeSet::new();
    let mut rest = &bytes[..];
    for _ in 0..count {
        let (head, tail) = rest.split_at_checked(46).ok_or_else(|| damaged("the table of contents is cut off"))?;
        if !head.starts_with(b"PK\x01\x02") {
            return Err(damaged("the table of contents is broken").into());
        }
        let (name_length, extra, comment) = (u16_at(head, 28), u16_at(head, 30), u16_at(head, 32));
        let (name, tail) =
            tail.split_at_checked(usize::from(name_length)).ok_or_else(|| damaged("a name is cut off"))?;
        let skip = usize::from(extra) + usize::from(comment);
        rest = tail.get(skip..).ok_or_else(|| damaged("the table of contents is cut off"))?;
        let name = String::from_utf8_lossy(name).into_owned();
        check_name(&name)?;
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(hostile(format!("it has two parts of the name {name}")).into());
        }
        if u16_at(head, 8) & 1 != 0 {
            return Err(damaged(format!("{name} is encrypted; save it without a password")).into());
        }
        let method = u16_at(head, 10);
        if !matches!(method, 0 | 8) {
            return Err(damaged(format!("{name} is packed in a way that workbooks are not (method {method})")).into());
        }
        let mut entry = Entry {
            name,
            deflated: method == 8,
            crc: u32_at(head, 16),
            packed: u64::from(u32_at(head, 20)),
            size: u64::from(u32_at(head, 24)),
            offset: u64::from(u32_at(head, 42)),
        };
        wide_sizes(&mut entry, &tail[..usize::from(extra)]);
        entries.push(entry);
    }
    Ok(entries)
}

/// Sizes that some writers keep in the zip64 extension although they are small (APPNOTE 4.5.3).
fn wide_sizes(entry: &mut Entry, mut extra: &[u8]) {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((data, rest)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
        if u16_at(head, 0) == 1 {
            let mut values = data.chunks_exact(8).map(|b| u64::from(u32_at(b, 0)) | u64::from(u32_at(b, 4)) << 32);
            for field in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
                if *field == u64::from(u32::MAX) {
                    *field = values.next().unwrap_or(*field);
                }
            }
        }
        extra = rest;
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let shown: String = name.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect();
    let slips = name.starts_with('/') || name.contains(['\\', ':', '\0']) || name.split('/').any(|step| step == "..");
    if slips {
        return Err(hostile(format!("a part has a name that leads out of the package: {shown}")));
    }
    let lower = name.to_ascii_lowercase();
    let packed = [".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".jar", ".7z", ".rar", ".gz", ".xz", ".tar"];
    if packed.iter().any(|ending| lower.ends_with(ending)) {
        return Err(hostile(format!("it has another package inside: {shown}")));
    }
    Ok(())
}

enum Source<R: Read> {
    Stored(Take<R>),
    Deflated(Box<DeflateDecoder<Take<R>>>),
}

/// A part of a package while it comes out.
pub(crate) struct Part<R: Read> {
    source: Source<R>,
    packed: u64,
    declared: u64,
    cap: Cap,
    out: u64,
    crc: Crc,
    wanted_crc: u32,
}

impl<R: Read> Part<R> {
    fn new(input: R, entry: &Entry, cap: Cap) -> Self {
        let input = input.take(entry.packed);
        let source = match entry.deflated {
            true => Source::Deflated(Box::new(DeflateDecoder::new(input))),
            false => Source::Stored(input),
        };
        let (packed, declared, wanted_crc) = (entry.packed, entry.size, entry.crc);
        Part { source, packed, declared, cap, out: 0, crc: Crc::new(), wanted_crc }
    }
}

impl<R: Read> Read for Part<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const GRACE: u64 = 4 * 1024 * 1024;
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.source {
            Source::Stored(input) => input.read(buffer)?,
            Source::Deflated(input) => input.read(buffer)?,
        };
        self.out += read as u64;
        self.crc.update(&buffer[..read]);
        if read == 0 {
            return match self.out == self.declared && self.crc.sum() == self.wanted_crc {
                true => Ok(0),
                false => Err(damaged("its check sum is wrong").io()),
            };
        }
        if self.out > self.declared {
            return Err(hostile("more comes out of it than it declares").io());
        }
        if self.out > self.cap.size {
            return Err(hostile(format!("more than {} MiB come out of it", self.cap.size / 1024 / 1024)).io());
        }
        if self.out > GRACE && self.out / self.cap.ratio > self.packed {
            return Err(hostile(format!("it is packed more than {}-fold, as no real data is", self.cap.ratio)).io());
        }
        Ok(read)
    }
}
