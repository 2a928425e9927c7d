//! What cameras do beside malformed bodies, and what hostile peers do, each by its name.

use std::fmt;
use std::str::FromStr;

use super::dialect::SimDialect;

/// An oddity of an event, of the way it is sent, or of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Oddity {
    /// Sent twice, as after a lost answer.
    Repeated,
    /// The same plate again 640 ms later under another id.
    SamePlateTwice,
    /// The plate first, and the full message with the same id after it.
    EarlyThenFull,
    /// Marked as sent again after an outage, two hours old.
    Retransmitted,
    /// No pictures.
    NoPictures,
    /// The pictures by their addresses only.
    PicturesElsewhere,
    /// The vehicle has no plate.
    NoPlate,
    /// The plate could not be read.
    Unread,
    /// Stamp of the year 2034.
    Year2034,
    /// Stamp eight hours off, as with an inverted zone.
    ZoneInverted,
    /// A picture that is none.
    ForeignPicture,
    /// A picture that is no base64.
    BrokenBase64,
    /// A sign of life and nothing else.
    Heartbeat,
    /// An event of another kind.
    OtherEvent,
    /// The body ends in its middle, and its length says so.
    CutBody,
    /// A body of 17 MB.
    Oversize,
    /// Nested 10 000 levels deep.
    DepthBomb,
    /// XML with entities that grow.
    EntityBomb,
    /// A path that belongs to no camera.
    WrongToken,
    /// Numbers of uploads are missing.
    UploadGap,
    /// The key `UTC` holds local time.
    FalseUtc,
    /// An Authorization header with empty realm and nonce.
    EmptyDigest,
    /// Every scalar is a text.
    TextScalars,
    /// Optional scalars are empty texts.
    EmptyScalars,
    /// The list has a vendor's name.
    VendorList,
    /// The list stands at the top.
    TopLevelList,
    /// Uploaded inside a notification.
    Notification,
    /// 200 objects in one list.
    TwoHundred,
    /// The pictures in a request of their own, after the vehicle.
    ImagesApart,
    /// The pictures in a request of their own, before the vehicle.
    ImagesFirst,
    /// Faces instead of vehicles.
    Faces,
    /// Data without registration.
    Unregistered,
    /// Registration with a wrong password.
    WrongPassword,
    /// Registration with an answer that was used before.
    ReplayedNonce,
}

impl Oddity {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 34] = [
        ("repeated", Self::Repeated),
        ("same-plate-twice", Self::SamePlateTwice),
        ("early-then-full", Self::EarlyThenFull),
        ("retransmitted", Self::Retransmitted),
        ("no-pictures", Self::NoPictures),
        ("pictures-elsewhere", Self::PicturesElsewhere),
        ("no-plate", Self::NoPlate),
        ("unread", Self::Unread),
        ("year-2034", Self::Year2034),
        ("zone-inverted", Self::ZoneInverted),
        ("foreign-picture", Self::ForeignPicture),
        ("broken-base64", Self::BrokenBase64),
        ("heartbeat", Self::Heartbeat),
        ("other-event", Self::OtherEvent),
        ("cut-body", Self::CutBody),
        ("oversize", Self::Oversize),
        ("depth-bomb", Self::DepthBomb),
        ("entity-bomb", Self::EntityBomb),
        ("wrong-token", Self::WrongToken),
        ("upload-gap", Self::UploadGap),
        ("false-utc", Self::FalseUtc),
        ("empty-digest", Self::EmptyDigest),
        ("text-scalars", Self::TextScalars),
        ("empty-scalars", Self::EmptyScalars),
        ("vendor-list", Self::VendorList),
        ("top-level-list", Self::TopLevelList),
        ("notification", Self::Notification),
        ("two-hundred", Self::TwoHundred),
        ("images-apart", Self::ImagesApart),
        ("images-first", Self::ImagesFirst),
        ("faces", Self::Faces),
        ("unregistered", Self::Unregistered),
        ("wrong-password", Self::WrongPassword),
        ("replayed-nonce", Self::ReplayedNonce),
    ];

    /// Whether a camera of this dialect can do so.
    pub fn fits(self, dialect: SimDialect) -> bool {
        use SimDialect::{Dahua, Gat1400, Isapi, IsapiPull, Neutral};
        match self {
            Self::EarlyThenFull | Self::Retransmitted => !matches!(dialect, Dahua | Gat1400),
            Self::ForeignPicture => true,
            Self::PicturesElsewhere => !matches!(dialect, Dahua | Neutral),
            Self::BrokenBase64 => matches!(dialect, Dahua | Gat1400 | Neutral),
            Self::OtherEvent => dialect != Neutral && dialect != Gat1400,
            Self::EntityBomb => matches!(dialect, Isapi | IsapiPull),
            // the ends of a stream have names of their own
            Self::CutBody | Self::Oversize => dialect != IsapiPull,
            Self::WrongToken => !matches!(dialect, Gat1400 | IsapiPull),
            Self::WrongPassword => matches!(dialect, Gat1400 | IsapiPull),
            Self::UploadGap | Self::FalseUtc | Self::EmptyDigest => dialect == Dahua,
            Self::TextScalars
            | Self::EmptyScalars
            | Self::VendorList
            | Self::TopLevelList
            | Self::Notification
            | Self::TwoHundred
            | Self::ImagesApart
            | Self::ImagesFirst
            | Self::Faces
            | Self::Unregistered
            | Self::ReplayedNonce => dialect == Gat1400,
            _ => true,
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, oddity)| oddity == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for Oddity {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, oddity)| *oddity).ok_or_else(|| format!("no quirk is called {text:?}"))
    }
}
