//! Names of the topics of one site: `wim/v1/{site}/…`.
//!
//! In: the site's id, a channel, a record's id and a picture's name. Out: topics without
//! wildcards, empty levels or control characters, whatever a camera called its picture.

use crate::pipeline::record::Channel;

/// First levels of each topic; the number is the version of the tree.
pub const ROOT: &str = "wim/v1";

/// Longest picture name in a topic, in bytes; a camera's name is cut behind it. Our choice: far
/// below the 65 535 bytes of MQTT 5, 1.5.4, and enough for every name of reference cameras.
const MAX_NAME: usize = 96;

/// Leaf of the retained state.
pub const STATUS: &str = "status";
/// Leaf of the hourly and daily counts.
pub const RECONCILIATION: &str = "reconciliation";
/// Leaf of the platform's confirmations.
pub const RECEIPT: &str = "receipt";
/// Leaf of the platform's requests.
pub const REQUEST: &str = "request";
/// Leaf of our answers to them.
pub const RESPONSE: &str = "response";
/// Leaf of the empty message by which a technician tries the way to the broker.
pub const PROBE: &str = "probe";
/// First leaf of the pictures.
pub const EVIDENCE: &str = "evidence";

/// The topics of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    prefix: String,
}

impl Topics {
    /// Those of the site with this id.
    pub fn new(site: &str) -> Self {
        Self { prefix: format!("{ROOT}/{}", level(site)) }
    }

    /// Topic of a record on one of its channels.
    pub fn record(&self, channel: Channel) -> String {
        self.leaf(channel_name(channel))
    }

    /// Topic of a picture: `evidence/{record}/{name}`.
    pub fn picture(&self, record: &str, name: &str) -> String {
        format!("{}/{EVIDENCE}/{}/{}", self.prefix, level(record), level(name))
    }

    /// One of the constants of this module below the site.
    pub fn leaf(&self, leaf: &str) -> String {
        format!("{}/{leaf}", self.prefix)
    }
}

/// The channel's last topic level.
pub const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Violation => "violation",
        Channel::Evasion => "evasion",
        Channel::Alarm => "alarm",
        Channel::Passage => "passage",
        Channel::Reconciliation => RECONCILIATION,
    }
}

/// One topic level: separators, wildcards and control characters become `_`.
fn level(text: &str) -> String {
    let mut level: String = text
        .chars()
        .map(|c| match c {
            '/' | '+' | '#' | '$' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    if let Some((end, _)) = level.char_indices().find(|(at, c)| at + c.len_utf8() > MAX_NAME) {
        level.truncate(end);
    }
    if level.is_empty() {
        level.push('_');
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_pictures_stand_below_their_site() {
        let topics = Topics::new("g4-k1032");
        assert_eq!(topics.record(Channel::Violation), "wim/v1/g4-k1032/violation");
        assert_eq!(
            topics.picture("g4-1-00ab-7", "plate.jpg"),
            "wim/v1/g4-k1032/evidence/g4-1-00ab-7/plate.jpg"
        );
        assert_eq!(topics.leaf(RECEIPT), "wim/v1/g4-k1032/receipt");
    }

    #[test]
    fn a_camera_cannot_choose_another_topic_by_the_name_of_its_picture() {
        let topics = Topics::new("s");
        assert_eq!(topics.picture("r", "../+/#\u{0}.jpg"), "wim/v1/s/evidence/r/.._____.jpg");
        assert_eq!(topics.picture("r", ""), "wim/v1/s/evidence/r/_");
        let long = topics.picture("r", &"车".repeat(100));
        assert_eq!(long, format!("wim/v1/s/evidence/r/{}", "车".repeat(32)));
    }
}
