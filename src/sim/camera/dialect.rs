//! The dialects that a simulated camera speaks: an event in, the body of its request out.

use std::fmt;
use std::str::FromStr;

use super::body::{Quirk, SimBody, isapi_body};
use super::message::Variant;
use super::oddity::Oddity;
use super::{SimPlateEvent, json};

/// A dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SimDialect {
    /// Hikvision listening, XML.
    Isapi,
    /// Hikvision listening, JSON.
    IsapiJson,
    /// Hikvision's stream, which is pulled.
    IsapiPull,
    /// Dahua ITSAPI push.
    Dahua,
    /// GA/T 1400.
    Gat1400,
    /// Our own JSON.
    Neutral,
}

impl SimDialect {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("isapi", Self::Isapi),
        ("isapi-json", Self::IsapiJson),
        ("isapi-pull", Self::IsapiPull),
        ("dahua", Self::Dahua),
        ("gat1400", Self::Gat1400),
        ("neutral", Self::Neutral),
    ];

    /// What the camera adds to the path that is configured in it.
    pub fn path(self, below: &str) -> String {
        match self {
            Self::Isapi | Self::IsapiJson | Self::IsapiPull | Self::Neutral => below.to_owned(),
            Self::Dahua => format!("{below}/NotificationInfo/TollgateInfo"),
            Self::Gat1400 => format!("{below}/VIID/MotorVehicles"),
        }
    }

    /// Whether its bodies are multipart, so that the quirks of multipart bodies are possible.
    pub fn is_multipart(self) -> bool {
        matches!(self, Self::Isapi | Self::IsapiJson | Self::IsapiPull)
    }

    /// The body of an event.
    pub fn body(
        self,
        event: &SimPlateEvent,
        number: u32,
        quirks: &[Quirk],
        oddities: &[Oddity],
    ) -> SimBody {
        let text = match self {
            Self::Isapi | Self::IsapiPull => {
                return isapi_body(event, Variant::Traffic, quirks);
            }
            Self::IsapiJson => return isapi_body(event, Variant::Json, quirks),
            Self::Dahua => json::dahua(event, number, oddities),
            Self::Gat1400 => json::gat1400(event, number, oddities),
            Self::Neutral => json::neutral(event, oddities.contains(&Oddity::BrokenBase64)),
        };
        let content_type = match self {
            Self::Gat1400 => "application/VIID+JSON;charset=UTF-8",
            _ => "application/json",
        };
        SimBody { content_type: content_type.to_owned(), bytes: text.to_string().into() }
    }
}

impl fmt::Display for SimDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, dialect)| dialect == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for SimDialect {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, dialect)| *dialect).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            format!("no dialect is called {text:?}; there are {names}")
        })
    }
}
