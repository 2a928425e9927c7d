//! JSON to the same tree: a list becomes repeated children, numbers and truth values their text.
//!
//! The tree grows while the text is read, so that a mebibyte of tiny values is refused at its
//! bound: read whole first, each byte of it would cost some hundred bytes of memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{DocumentError, Growth, Node};

pub(super) fn parse(text: &str) -> Result<Node, DocumentError> {
    let mut root = Node::default();
    let mut tree = Tree::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let filled = Fill { node: &mut root, depth: 1, tree: &mut tree }.deserialize(&mut reader);
    let whole = filled.and_then(|_| reader.end());
    match (tree.refused, whole) {
        (Some(refused), _) => Err(refused),
        (None, Err(error)) => Err(DocumentError::BrokenJson(error.line(), error.column())),
        (None, Ok(())) => Ok(root),
    }
}

/// What the whole tree has in common.
#[derive(Default)]
struct Tree {
    growth: Growth,
    /// Why reading was broken off, which the reader's own error cannot carry.
    refused: Option<DocumentError>,
}

/// Whether a value is a list, whose items take the name of their member.
#[derive(PartialEq, Eq)]
enum Shape {
    List,
    Other,
}

/// Reads one value into a node.
struct Fill<'a> {
    node: &'a mut Node,
    depth: usize,
    tree: &'a mut Tree,
}

impl Fill<'_> {
    fn text(self, text: &str) -> Shape {
        text.trim().clone_into(&mut self.node.text);
        Shape::Other
    }
}

impl<'de> DeserializeSeed<'de> for Fill<'_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Shape, D::Error> {
        if let Err(refused) = self.tree.growth.node(self.depth) {
            self.tree.refused = Some(refused.clone());
            return Err(D::Error::custom(refused));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Shape, E> {
        Ok(self.text(if truth { "true" } else { "false" }))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
        Ok(self.text(&number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
        Ok(self.text(&number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Shape, E> {
        let number = serde_json::Number::from_f64(number);
        Ok(self.text(&number.map(|number| number.to_string()).unwrap_or_default()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        loop {
            let mut node = Node::default();
            let item = Fill { node: &mut node, depth: self.depth + 1, tree: self.tree };
            if items.next_element_seed(item)?.is_none() {
                return Ok(Shape::List);
            }
            self.node.children.push(node);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape, A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let mut node = Node { name, ..Node::default() };
            let member = Fill { node: &mut node, depth: self.depth + 1, tree: self.tree };
            if members.next_value_seed(member)? == Shape::List {
                let items = node.children.into_iter();
                let named = items.map(|item| Node { name: node.name.clone(), ..item });
                self.node.children.extend(named);
            } else {
                self.node.children.push(node);
            }
        }
        Ok(Shape::Other)
    }
}
