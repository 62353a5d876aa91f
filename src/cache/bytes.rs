//! The cache file as bytes: numbers of any length, texts, and the checks that a damaged file fails.
//! Promise: no input, however damaged, leads to a panic or to more memory than its own length.

use crate::cache::tables::Tables;

/// What was read is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

pub(super) type Result<T> = std::result::Result<T, Damaged>;

/// Bytes being written. Things that many records share are written as numbers of the tables.
pub(super) struct Out<'t> {
    pub bytes: Vec<u8>,
    pub tables: &'t Tables,
}

/// Bytes being read.
pub(super) struct In<'b> {
    rest: &'b [u8],
    pub tables: &'b Tables,
}

impl<'t> Out<'t> {
    pub(super) fn new(tables: &'t Tables) -> Self {
        Out {
            bytes: Vec::new(),
            tables,
        }
    }

    /// Seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text);
    }
}

impl<'b> In<'b> {
    pub(super) fn new(bytes: &'b [u8], tables: &'b Tables) -> Self {
        In {
            rest: bytes,
            tables,
        }
    }

    /// What is left, to be read with these tables.
    pub(super) fn with<'t>(self, tables: &'t Tables) -> In<'t>
    where
        'b: 't,
    {
        In {
            rest: self.rest,
            tables,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    /// A number of things to come, each of at least one byte.
    pub(super) fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        (count <= self.rest.len()).then_some(count).ok_or(Damaged)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'b [u8]> {
        let (found, rest) = self.rest.split_at_checked(count).ok_or(Damaged)?;
        self.rest = rest;
        Ok(found)
    }

    pub(super) fn text(&mut self) -> Result<&'b str> {
        let count = self.count()?;
        std::str::from_utf8(self.bytes(count)?).map_err(|_| Damaged)
    }
}
