//! The XML of a workbook as a bounded stream of events. It refuses a document type (nothing in a workbook needs one, and
//! entities come with it), depth beyond any real workbook, and tags or texts that do not end.

use crate::package::{Part, PartError, damaged, hostile};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use std::io::{self, BufRead, BufReader, Read};

/// Longest tag or piece of text. A cell has at most 32,767 characters.
const MAX_PIECE: usize = 1024 * 1024;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// A stream that ends with an error when one piece does not end.
struct Bounded<R: Read> {
    inner: BufReader<Part<R>>,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(hostile("a tag or a text in it is longer than 1 MiB")));
        }
        self.inner.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

pub(crate) struct Xml<R: Read> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: Read> Xml<R> {
    pub fn new(part: Part<R>) -> Self {
        let mut reader = Reader::from_reader(Bounded { inner: BufReader::with_capacity(64 * 1024, part), left: 0 });
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next event. An empty element comes as its start and its end.
    pub fn next(&mut self) -> Result<Event<'_>, PartError> {
        self.buffer.clear();
        self.reader.get_mut().left = MAX_PIECE;
        let event = self.reader.read_event_into(&mut self.buffer).map_err(xml_error)?;
        match event {
            Event::DocType(_) => return Err(hostile("it declares a document type, which can hide entities").into()),
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(hostile("its elements are nested too deep").into());
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(damaged("it ends in the middle").into()),
            _ => {}
        }
        Ok(event)
    }

    /// Reads what is left, so that the check sum of the part is looked at.
    pub fn drain(&mut self) -> Result<(), PartError> {
        io::copy(&mut self.reader.get_mut().inner, &mut io::sink())?;
        Ok(())
    }
}

fn xml_error(error: quick_xml::Error) -> PartError {
    match error {
        quick_xml::Error::Io(error) => {
            let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<crate::package::Refusal>());
            match refusal {
                Some(refusal) => refusal.clone().into(),
                None => io::Error::new(error.kind(), error.to_string()).into(),
            }
        }
        other => damaged(format!("its XML is broken: {other}")).into(),
    }
}

/// Text of an event as UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, PartError> {
    std::str::from_utf8(bytes).map_err(|_| damaged("it is not in UTF-8").into())
}

/// The character that a reference stands for: one of the five of XML, or a number.
pub(crate) fn character(reference: &BytesRef<'_>) -> Result<char, PartError> {
    let wrong = || damaged("it holds a reference that stands for nothing");
    if let Some(c) = reference.resolve_char_ref().map_err(|_| wrong())? {
        return Ok(c);
    }
    match &**reference {
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"amp" => Ok('&'),
        b"quot" => Ok('"'),
        b"apos" => Ok('\''),
        _ => Err(wrong().into()),
    }
}

/// The value of an attribute, by its name without prefix, with references resolved.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Result<Option<String>, PartError> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged("a tag in it is broken"))?;
        if attribute.key.local_name().as_ref() == name {
            let text = utf8(&attribute.value)?;
            let text = quick_xml::escape::unescape(text).map_err(|_| damaged("an attribute in it is broken"))?;
            return Ok(Some(text.into_owned()));
        }
    }
    Ok(None)
}
