//! JSON to the same tree: a list becomes repeated children, numbers and truth values their text.

use serde_json::Value;

use super::{DocumentError, Growth, Node};

pub(super) fn parse(text: &str) -> Result<Node, DocumentError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        if error.is_syntax() && error.to_string().starts_with("recursion limit") {
            DocumentError::TooDeep
        } else {
            DocumentError::BrokenJson(error.line(), error.column())
        }
    })?;
    let mut root = Node::default();
    fill(&mut root, value, 1, &mut Growth::default())?;
    Ok(root)
}

fn fill(
    node: &mut Node,
    value: Value,
    depth: usize,
    growth: &mut Growth,
) -> Result<(), DocumentError> {
    growth.node(depth)?;
    match value {
        Value::Null => {}
        Value::Bool(truth) => node.text = truth.to_string(),
        Value::Number(number) => node.text = number.to_string(),
        Value::String(text) => text.trim().clone_into(&mut node.text),
        Value::Array(items) => {
            for item in items {
                add(node, String::new(), item, depth, growth)?;
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Array(items) => {
                        for item in items {
                            add(node, name.clone(), item, depth, growth)?;
                        }
                    }
                    other => add(node, name, other, depth, growth)?,
                }
            }
        }
    }
    Ok(())
}

fn add(
    parent: &mut Node,
    name: String,
    value: Value,
    depth: usize,
    growth: &mut Growth,
) -> Result<(), DocumentError> {
    let mut node = Node { name, ..Node::default() };
    fill(&mut node, value, depth + 1, growth)?;
    parent.children.push(node);
    Ok(())
}
