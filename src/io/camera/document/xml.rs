//! XML to a tree, by events; attributes, comments and instructions are of no interest.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{DocumentError, Growth, Node};

pub(super) fn parse(text: &str) -> Result<Node, DocumentError> {
    let mut reader = Reader::from_str(text);
    let mut growth = Growth::default();
    let mut open: Vec<Node> = Vec::new();
    loop {
        let event = reader.read_event();
        let broken = || DocumentError::BrokenXml(reader.error_position());
        match event.map_err(|_| broken())? {
            Event::Start(tag) => {
                growth.node(open.len() + 1)?;
                open.push(named(tag.local_name().as_ref()));
            }
            Event::Empty(tag) => {
                growth.node(open.len() + 1)?;
                let node = named(tag.local_name().as_ref());
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Ok(node),
                }
            }
            Event::End(_) => {
                let mut node = open.pop().ok_or_else(broken)?;
                node.text = node.text.trim().to_owned();
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Ok(node),
                }
            }
            Event::Text(piece) => append(&mut open, &piece.xml10_content()),
            Event::CData(piece) => append(&mut open, &piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = resolve(&reference).ok_or_else(broken)?;
                append(&mut open, letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(DocumentError::DocumentType),
            Event::Eof => return Err(broken()),
            _ => {}
        }
    }
}

fn named(name: &str) -> Node {
    Node { name: name.to_owned(), ..Node::default() }
}

/// Text outside of the root is of no interest.
fn append(open: &mut [Node], piece: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(piece);
    }
}

/// A character reference or one of the five entities of XML.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return Some(letter);
    }
    let name: &str = reference;
    quick_xml::escape::resolve_xml_entity(name)?.chars().next()
}
