//! A camera's message as a small tree of names and texts, the same for XML and JSON.
//!
//! Bounded in size, depth and number of nodes; namespaces are dropped, nothing is fetched and no
//! entity beyond the five of XML is expanded.

mod json;
mod text;
mod xml;

use thiserror::Error;

pub use text::decode;

/// Longest text of a message in bytes (cameras.md section 10).
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;
/// Deepest nesting (cameras.md section 10).
pub const MAX_DEPTH: usize = 32;
/// Most nodes of one message; our choice: real messages have below 300.
pub const MAX_NODES: usize = 20_000;

/// Why a message cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// It is neither XML nor JSON.
    #[error("the message is neither XML nor JSON")]
    UnknownForm,
    /// It declares a document type, which no camera does.
    #[error("the message declares a document type")]
    DocumentType,
    /// Its nesting is too deep.
    #[error("the message is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It has too many nodes.
    #[error("the message has more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// It breaks the rules of XML, at this byte of the decoded text.
    #[error("the XML is broken at byte {0}")]
    BrokenXml(u64),
    /// It breaks the rules of JSON, at this line and column.
    #[error("the JSON is broken at line {0}, column {1}")]
    BrokenJson(usize, usize),
}

/// An element or a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Local name; empty for the items of a list and for the root of a JSON text.
    pub name: String,
    /// Own text, trimmed.
    pub text: String,
    /// What is inside, in order.
    pub children: Vec<Node>,
}

impl Node {
    /// The first child of that name, in any case of letters.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// Every child of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name.eq_ignore_ascii_case(name))
    }

    /// The text at the end of a path of names; `None` when absent or empty.
    pub fn at(&self, path: &[&str]) -> Option<&str> {
        let mut node = self;
        for name in path {
            node = node.child(name)?;
        }
        (!node.text.is_empty()).then_some(node.text.as_str())
    }

    /// Whether the text at a path says yes: `true` or `1`.
    pub fn is_true(&self, path: &[&str]) -> bool {
        matches!(self.at(path), Some("true" | "True" | "TRUE" | "1"))
    }
}

/// Reads a decoded text, XML or JSON by its first mark.
///
/// # Errors
/// A [`DocumentError`].
pub fn parse(text: &str) -> Result<Node, DocumentError> {
    let form = text.find(['<', '{', '[']);
    match form.map(|at| (at, text.as_bytes()[at])) {
        Some((at, b'<')) => xml::parse(&text[at..]),
        Some((at, _)) => json::parse(&text[at..]),
        None => Err(DocumentError::UnknownForm),
    }
}

/// Counts nodes and depth while a tree grows.
#[derive(Debug, Default)]
struct Growth {
    nodes: usize,
}

impl Growth {
    fn node(&mut self, depth: usize) -> Result<(), DocumentError> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            Err(DocumentError::TooDeep)
        } else if self.nodes > MAX_NODES {
            Err(DocumentError::TooManyNodes)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
