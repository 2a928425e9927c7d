//! `[site]`: where this box stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::record::Site;

/// `[site]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Code of the site, part of each topic and record id: 1 to 64 letters, digits, `-`, `_`.
    #[schemars(extend("format" = "code"))]
    pub id: String,
    /// Name for people, such as road and stake mark. Default: empty.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub name: String,
}

impl SiteConfig {
    /// As it stands in each record.
    pub fn site(&self) -> Site {
        Site { id: self.id.as_str().into(), name: self.name.as_str().into() }
    }
}
