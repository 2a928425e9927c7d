//! Axle groups from the front, such as `1+2+3`.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Most axles a vehicle may have here: a modular trailer of this length is the longest that the
/// camera and scale interfaces can carry (our choice; issue and protocol use the same number).
pub const MAX_AXLES: usize = 20;

/// The sizes of a vehicle's axle groups, front to rear; one group at least, no empty group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Split {
    sizes: [u8; MAX_AXLES],
    groups: u8,
}

impl Split {
    /// `axles` axles where bit `i` of `joined` says that axles `i` and `i + 1` (from 0) are in
    /// one group; `None` for no axle or more than [`MAX_AXLES`].
    pub fn from_joined(axles: usize, joined: u32) -> Option<Self> {
        if axles == 0 || axles > MAX_AXLES {
            return None;
        }
        let mut split = Self { sizes: [0; MAX_AXLES], groups: 1 };
        split.sizes[0] = 1;
        for gap in 0..axles - 1 {
            if joined & (1 << gap) == 0 {
                split.groups += 1;
            }
            split.sizes[usize::from(split.groups) - 1] += 1;
        }
        Some(split)
    }

    /// Group sizes, front to rear.
    pub fn sizes(&self) -> &[u8] {
        &self.sizes[..usize::from(self.groups)]
    }

    /// First axle, from 0, and number of axles of each group, front to rear.
    pub fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut behind = 0;
        self.sizes().iter().map(move |size| {
            let axles = usize::from(*size);
            behind += axles;
            (behind - axles, axles)
        })
    }

    /// All axles.
    pub fn axles(&self) -> usize {
        self.sizes().iter().map(|size| usize::from(*size)).sum()
    }

    /// The gaps between axles of one group, as in [`Split::from_joined`].
    pub fn joined(&self) -> u32 {
        let mut joined = 0;
        let mut axle = 0;
        for size in self.sizes() {
            let size = u32::from(*size);
            for gap in axle..axle + size - 1 {
                joined |= 1 << gap;
            }
            axle += size;
        }
        joined
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, size) in self.sizes().iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            fmt::Display::fmt(size, f)?;
        }
        Ok(())
    }
}

/// The text is no split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no split such as 1+2+3 of at most {MAX_AXLES} axles")]
pub struct NoSplit(pub String);

impl FromStr for Split {
    type Err = NoSplit;
    fn from_str(text: &str) -> Result<Self, NoSplit> {
        let refuse = || NoSplit(text.to_owned());
        let mut split = Self { sizes: [0; MAX_AXLES], groups: 0 };
        let mut axles = 0_usize;
        for part in text.split('+') {
            let size: u8 = part.parse().map_err(|_| refuse())?;
            axles += usize::from(size);
            if size == 0 || axles > MAX_AXLES {
                return Err(refuse());
            }
            split.sizes[usize::from(split.groups)] = size;
            split.groups += 1;
        }
        Ok(split)
    }
}

impl Serialize for Split {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Split {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Split".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "axle groups front to rear, such as 1+2+3",
            "pattern": "^[0-9]+(\\+[0-9]+)*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_gaps_say_the_same() {
        let split: Split = "1+2+3".parse().unwrap();
        assert_eq!(split.joined(), 0b1_1010);
        assert_eq!(Split::from_joined(6, 0b1_1010), Some(split));
        assert_eq!((split.to_string(), split.axles()), ("1+2+3".to_owned(), 6));
    }

    #[test]
    fn text_that_is_no_split_is_refused() {
        for text in ["", "+", "1+", "0+1", "1+x", "-1", "21", "10+11", "1 + 2"] {
            assert_eq!(text.parse::<Split>(), Err(NoSplit(text.to_owned())));
        }
    }
}
