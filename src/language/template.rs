//! A phrase with places for values, such as `cannot open {path}`.

use super::quoted::borders;

/// A part of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Stands as it is.
    Text(&'a str),
    /// Stands for a value of this name; `{}` are named by their place, from 0.
    Value(&'a str),
}

/// A phrase, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template<'a> {
    /// In order; no two texts follow one another.
    pub pieces: Vec<Piece<'a>>,
}

impl<'a> Template<'a> {
    /// Takes a phrase apart at its braces; one without an end is text.
    pub fn new(phrase: &'a str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = phrase;
        while let Some(start) = rest.find('{') {
            let Some(length) = rest[start..].find('}') else {
                break;
            };
            if start > 0 {
                pieces.push(Piece::Text(&rest[..start]));
            }
            pieces.push(Piece::Value(&rest[start + 1..start + length]));
            rest = &rest[start + length + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Self { pieces }
    }

    /// Bytes that are not values: how much a match says.
    pub fn literal_len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 })
            .sum()
    }

    /// The names of its values, in order.
    pub fn values(&self) -> impl Iterator<Item = &'a str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(name) => Some(*name),
            Piece::Text(_) => None,
        })
    }

    /// The values, in order, when `text` is this phrase.
    pub fn read<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let mut values = Vec::new();
        read(&self.pieces, "", text, &mut values).then_some(values)
    }
}

/// Blanks between the columns of a table, which no value has.
const GAP: &str = "  ";

/// What parts two phrases. A value has them only in quotes, and at the end of a phrase that
/// announces another one, as in `error: {0}`.
const BORDERS: [&str; 2] = [": ", "; "];
const ANNOUNCING: [&str; 3] = [": ", "-> ", "! "];

fn is_value(text: &str) -> bool {
    let whole = !text.contains(GAP) && !text.ends_with(':');
    whole && BORDERS.into_iter().all(|border| borders(text, border).next().is_none())
}

/// Whether the text may be all that follows these last letters of a phrase.
fn is_last_value(text: &str, before: &str) -> bool {
    let announced = ANNOUNCING.iter().any(|end| before.ends_with(end));
    is_value(text) || announced && !text.contains(GAP)
}

fn read<'t>(pieces: &[Piece<'_>], before: &str, text: &'t str, values: &mut Vec<&'t str>) -> bool {
    let Some((first, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    match (first, rest.first()) {
        (Piece::Text(literal), _) => {
            text.strip_prefix(literal).is_some_and(|after| read(rest, literal, after, values))
        }
        (Piece::Value(_), None) => {
            values.push(text);
            is_last_value(text, before)
        }
        (Piece::Value(_), Some(Piece::Text(literal))) => {
            // the shortest value with which the rest fits too
            let mut ends = text.match_indices(literal).map(|(end, _)| end);
            ends.any(|end| ends_at(end, rest, text, values))
        }
        (Piece::Value(_), Some(Piece::Value(_))) => {
            // nothing tells where the first ends, so it takes a word
            let end = text.find(' ').unwrap_or(text.len());
            ends_at(end, rest, text, values)
        }
    }
}

/// Whether the value may end here, and the rest fits behind it.
fn ends_at<'t>(end: usize, rest: &[Piece<'_>], text: &'t str, values: &mut Vec<&'t str>) -> bool {
    values.push(&text[..end]);
    let fits = is_value(&text[..end]) && read(rest, "", &text[end..], values);
    if !fits {
        values.pop();
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_recognised_with_its_values() {
        let template = Template::new("scale {name}: controller {address} does not answer");
        let read = template.read("scale south: controller 1 does not answer");
        assert_eq!(read, Some(vec!["south", "1"]));
        assert_eq!(template.read("scale s: controller 1 answers"), None);
        assert_eq!(template.values().collect::<Vec<_>>(), ["name", "address"]);
    }

    #[test]
    fn a_value_may_be_empty_and_the_last_takes_the_rest() {
        assert_eq!(Template::new("up {0}").read("up "), Some(vec![""]));
        assert_eq!(Template::new("up {0}").read("up 3 h 4 min"), Some(vec!["3 h 4 min"]));
        assert_eq!(Template::new("{0}{1} records").read("7 records"), Some(vec!["7", ""]));
    }

    #[test]
    fn a_value_ends_where_another_phrase_or_another_column_begins() {
        let listens = Template::new("no daemon listens on {0}");
        assert_eq!(listens.read("no daemon listens on /run/s: No such file"), None);
        assert_eq!(Template::new("error: {0}").read("error: a: b"), Some(vec!["a: b"]));
        // only what stands last may be phrases itself
        let list = Template::new("{0}: {1} of {2} failed: {why}");
        assert_eq!(list.read("error: a.csv: 1 of 2 failed: b: c"), None);
        assert_eq!(list.read("a.csv: 1 of 2 failed: b: c"), Some(vec!["a.csv", "1", "2", "b: c"]));
        assert_eq!(Template::new("{0} is bad").read("\"a: b\" is bad"), Some(vec!["\"a: b\""]));
        assert_eq!(Template::new("{0} has {1} {2}").read("ok  port  nobody has it open"), None);
    }
}
