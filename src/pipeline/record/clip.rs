//! Where a recorder keeps the film of a passage: a reference by URL and span of time, never the film.
//!
//! In: the configured template and the passage. Out: the reference that stands in the record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::pipeline::passage::Passage;
use crate::units::{Lane, Micros};

/// China time minus UTC.
const CHINA: Micros = Micros::from_secs(8 * 3_600);

/// A recorder that films lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipSource {
    /// Its name in the configuration.
    pub recorder: String,
    /// Lanes that it films.
    pub lanes: Vec<Lane>,
    /// URL with [`PLACES`] for the ends of the span.
    pub template: String,
    /// Time before the first axle.
    pub before: Micros,
    /// Time behind the last axle.
    pub after: Micros,
}

/// A film of the passage, which the recorder keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ClipReference {
    /// The recorder's name in our configuration.
    pub recorder: String,
    /// Where the film can be had.
    pub url: String,
    /// Its first instant.
    pub from: Timestamp,
    /// Its last instant.
    pub to: Timestamp,
}

/// How an instant is written.
pub type Written = fn(Timestamp) -> String;

/// What a template may hold, for `start` and `end` each: the name in braces, and how the instant is
/// written there.
pub const PLACES: [(&str, Written); 4] = [
    ("utc", |at| format!("{}Z", compact(at + Micros(-CHINA.0)))),
    ("local", compact),
    ("underscored", underscored),
    ("epoch", |at| at.0.div_euclid(1_000_000).to_string()),
];

impl ClipSource {
    /// The reference for a passage; `None` when it does not film the lane.
    pub(super) fn clip(&self, passage: &Passage) -> Option<ClipReference> {
        if !self.lanes.contains(&passage.lane) {
            return None;
        }
        let from = passage.began_at + Micros(-self.before.0);
        let to = passage.ended_at + self.after;
        let mut url = self.template.clone();
        for (name, written) in PLACES {
            url = url.replace(&format!("{{start_{name}}}"), &written(from));
            url = url.replace(&format!("{{end_{name}}}"), &written(to));
        }
        Some(ClipReference { recorder: self.recorder.clone(), url, from, to })
    }
}

/// `20261123T120000` in China time.
fn compact(at: Timestamp) -> String {
    digits(at, ["", "T", ""])
}

/// `2026_11_23_12_00_00` in China time.
fn underscored(at: Timestamp) -> String {
    digits(at, ["_", "_", "_"])
}

/// The date and the time of day with these marks between days, before the hour, between minutes.
fn digits(at: Timestamp, [days, hour, minutes]: [&str; 3]) -> String {
    let text = at.to_string();
    let seconds = text.get(..19).unwrap_or_default();
    seconds.replace('-', days).replace('T', hour).replace(':', minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::passage::PassageSource;

    fn source(template: &str) -> ClipSource {
        ClipSource {
            recorder: "nvr".into(),
            lanes: vec![Lane(1)],
            template: template.into(),
            before: Micros::from_secs(5),
            after: Micros::from_secs(5),
        }
    }

    fn passage(lane: u8) -> Passage {
        let at: Timestamp = "2026-11-23T12:00:05+08:00".parse().expect("an instant");
        let source = PassageSource { controller: 1, boot_id: 1, vehicle: 1 };
        Passage::unmeasured(source, Lane(lane), at)
    }

    #[test]
    fn the_span_is_written_as_recorders_want_it() {
        for (template, url) in [
            (
                "rtsp://n/1?s={start_utc}&e={end_utc}",
                "rtsp://n/1?s=20261123T040000Z&e=20261123T040010Z",
            ),
            ("rtsp://n/1?s={start_local}", "rtsp://n/1?s=20261123T120000"),
            ("rtsp://n/1?s={end_underscored}", "rtsp://n/1?s=2026_11_23_12_00_10"),
            ("http://n/{start_epoch}", "http://n/1795406400"),
        ] {
            let clip = source(template).clip(&passage(1)).expect("it films the lane");
            assert_eq!((&*clip.url, clip.to.since(clip.from)), (url, Micros::from_secs(10)));
        }
    }

    #[test]
    fn a_lane_that_is_not_filmed_has_no_clip() {
        assert_eq!(source("rtsp://n/{start_utc}{end_utc}").clip(&passage(2)), None);
    }
}
