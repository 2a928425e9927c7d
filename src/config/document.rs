//! The parsed file before it has types: every value with its place, also when others are wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Turns byte offsets into line numbers.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Of this text.
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = breaks.map(|(at, _)| at + 1).collect();
        Self { starts }
    }

    /// Line of an offset, from 1.
    pub fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) + 1
    }
}

/// A table of the file, with the key that leads to it.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Full key, such as `camera[2]`; empty for the whole file.
    pub key: String,
    /// Where the table stands.
    pub span: Range<usize>,
    table: &'a DeTable<'a>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its full key.
    pub key: String,
    /// Where it stands.
    pub offset: usize,
}

impl<'a> Node<'a> {
    /// The whole file.
    pub fn root(table: &'a DeTable<'a>) -> Self {
        Self { key: String::new(), span: 0..0, table }
    }

    /// The value of a key.
    fn get(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let mut entries = self.table.iter();
        entries.find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
    }

    fn located<T>(
        &self,
        name: &str,
        read: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<Located<T>> {
        let spanned = self.get(name)?;
        Some(Located {
            value: read(spanned.get_ref())?,
            key: join(&self.key, name),
            offset: spanned.span().start,
        })
    }

    /// Where a key's value stands, and the full key, whatever the value is.
    pub fn place(&self, name: &str) -> Option<(usize, String)> {
        Some((self.get(name)?.span().start, join(&self.key, name)))
    }

    /// A text, if it is there and is one.
    pub fn text(&self, name: &str) -> Option<Located<&'a str>> {
        self.located(name, DeValue::as_str)
    }

    /// An integer, if it is there and is one.
    pub fn integer(&self, name: &str) -> Option<Located<i64>> {
        self.located(name, integer)
    }

    /// A boolean, if it is there and is one.
    pub fn boolean(&self, name: &str) -> Option<Located<bool>> {
        self.located(name, DeValue::as_bool)
    }

    /// The integers of an array.
    pub fn integers(&self, name: &str) -> Vec<Located<i64>> {
        let items = self.get(name).and_then(|value| value.get_ref().as_array());
        let items = items.into_iter().flatten().enumerate();
        items
            .filter_map(|(index, item)| {
                Some(Located {
                    value: integer(item.get_ref())?,
                    key: indexed(&join(&self.key, name), index),
                    offset: item.span().start,
                })
            })
            .collect()
    }

    /// A table, if it is there and is one.
    pub fn table(&self, name: &str) -> Option<Node<'a>> {
        let spanned = self.get(name)?;
        Some(Node {
            key: join(&self.key, name),
            span: spanned.span(),
            table: spanned.get_ref().as_table()?,
        })
    }

    /// The tables of an array.
    pub fn tables(&self, name: &str) -> Vec<Node<'a>> {
        let items = self.get(name).and_then(|value| value.get_ref().as_array());
        let items = items.into_iter().flatten().enumerate();
        items
            .filter_map(|(index, item)| {
                Some(Node {
                    key: indexed(&join(&self.key, name), index),
                    span: item.span(),
                    table: item.get_ref().as_table()?,
                })
            })
            .collect()
    }

    /// Every key with its value.
    pub fn entries(
        &self,
    ) -> impl Iterator<Item = (&'a Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>)> {
        self.table.iter()
    }
}

/// The number of an integer; `None` for other values and beyond 64 bits.
pub fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// `parent.name`
pub fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// `key[n]`, counted from 1.
pub fn indexed(key: &str, index: usize) -> String {
    format!("{key}[{}]", index + 1)
}
