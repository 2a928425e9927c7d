//! Pictures from their pieces, as the README tells a platform to put them together.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};

/// Pictures that have begun to arrive, by topic and digest.
#[derive(Debug, Default)]
pub(super) struct Pictures(HashMap<(String, String), Begun>);

#[derive(Debug, Default)]
struct Begun {
    bytes: Vec<u8>,
    /// First byte and the byte behind the last of what is there.
    there: BTreeMap<usize, usize>,
}

/// What a piece made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// More is missing.
    Nothing,
    /// The whole picture, with its digest.
    Whole(Vec<u8>),
    /// No piece, or a whole picture whose digest is another one.
    Wrong,
}

impl Pictures {
    /// Takes in a piece with its user properties.
    pub(super) fn take(
        &mut self,
        topic: &str,
        properties: &[(String, String)],
        payload: &[u8],
    ) -> Made {
        let property = |name: &str| {
            let found = properties.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        let figure = |name| property(name).and_then(|value| value.parse::<usize>().ok());
        let (Some(digest), Some(total), Some(offset), Some(length)) =
            (property("sha256"), figure("total"), figure("offset"), figure("length"))
        else {
            return Made::Wrong;
        };
        let end = offset.saturating_add(length);
        if length != payload.len() || end > total {
            return Made::Wrong;
        }
        let name = (topic.to_owned(), digest.to_owned());
        let begun = self.0.entry(name.clone()).or_default();
        begun.bytes.resize(total, 0);
        begun.bytes[offset..end].copy_from_slice(payload);
        let behind = begun.there.entry(offset).or_insert(end);
        *behind = end.max(*behind);
        if !begun.is_whole() {
            return Made::Nothing;
        }
        let whole = self.0.remove(&name).unwrap_or_default().bytes;
        match hex::encode(Sha256::digest(&whole)) == digest {
            true => Made::Whole(whole),
            false => Made::Wrong,
        }
    }
}

impl Begun {
    fn is_whole(&self) -> bool {
        let mut covered = 0;
        for (first, behind) in &self.there {
            if *first > covered {
                return false;
            }
            covered = covered.max(*behind);
        }
        covered == self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(pictures: &mut Pictures, offset: usize, bytes: &[u8], digest: &str) -> Made {
        let figures = [("total", 6), ("offset", offset), ("length", bytes.len())];
        let mut properties: Vec<(String, String)> =
            figures.map(|(name, figure)| (name.to_owned(), figure.to_string())).to_vec();
        properties.push(("sha256".to_owned(), digest.to_owned()));
        pictures.take("t", &properties, bytes)
    }

    #[test]
    fn pieces_in_any_order_and_more_than_once_make_the_picture() {
        let digest = hex::encode(Sha256::digest(b"abcdef"));
        let mut pictures = Pictures::default();
        assert_eq!(take(&mut pictures, 3, b"def", &digest), Made::Nothing);
        assert_eq!(take(&mut pictures, 3, b"d", &digest), Made::Nothing);
        assert_eq!(take(&mut pictures, 0, b"abcd", &digest), Made::Whole(b"abcdef".to_vec()));
        assert_eq!(take(&mut pictures, 0, b"abc", &digest), Made::Nothing, "a new beginning");
    }

    #[test]
    fn other_bytes_are_no_picture() {
        let digest = hex::encode(Sha256::digest(b"abcdef"));
        let mut pictures = Pictures::default();
        assert_eq!(take(&mut pictures, 0, b"abcxyz", &digest), Made::Wrong);
        assert_eq!(take(&mut pictures, 4, b"efg", &digest), Made::Wrong);
    }
}
