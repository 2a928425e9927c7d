//! A document, or a place in one, as it is cited in each language.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Name;

/// How something is cited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Citation {
    /// In English.
    pub en: Name,
    /// In Chinese, as a case file cites it.
    pub zh: Name,
}

impl Citation {
    /// The same words in both languages unless there are Chinese ones.
    pub fn new(text: &str, chinese: Option<&str>) -> Self {
        let en = Name::from(text);
        Self { zh: chinese.map_or_else(|| en.clone(), Name::from), en }
    }
}
