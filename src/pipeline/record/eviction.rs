//! What had to go to make room, told so that nobody takes it for lost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Lane;

/// What went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evicted {
    /// Records: they are not in the ledger any more.
    Records,
    /// Entries that waited for the platform: they are not sent by themselves any more, and are in
    /// the ledger.
    Unsent,
    /// Pictures of records, which stay.
    Pictures,
    /// Pictures that nothing named any more: their records had gone, or their events never came into
    /// one.
    Unclaimed,
}

/// Why something went.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvictionReason {
    /// It is older than it is to be kept, and the platform has it or need not.
    Age,
    /// A bound was reached.
    Room,
}

/// Records of one lane that are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct EvictedLane {
    /// Lane; `None` for records without one.
    pub lane: Option<Lane>,
    /// Number of what went.
    pub count: u64,
    /// First sequence concerned.
    pub first: u64,
    /// Last sequence concerned.
    pub last: u64,
}

/// Sequences without a gap, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First.
    pub first: u64,
    /// Last.
    pub last: u64,
}

impl Span {
    /// The same sequences in spans that are in order, none beside or over another.
    pub fn in_order(mut spans: Vec<Self>) -> Vec<Self> {
        spans.sort_unstable_by_key(|span| span.first);
        let mut merged: Vec<Self> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(before) if span.first <= before.last.saturating_add(1) => {
                    before.last = before.last.max(span.last);
                }
                _ => merged.push(span),
            }
        }
        merged
    }
}

/// What had to go to make room.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Eviction {
    /// What.
    pub what: Evicted,
    /// Why.
    pub reason: EvictionReason,
    /// How much of it by lane, in the order of the lanes.
    pub lanes: Vec<EvictedLane>,
    /// Exactly which records are concerned, in order; with those that an eviction among them had named and
    /// that lie behind the anchor, so that a later record names them still.
    pub spans: Vec<Span>,
    /// Bytes that came free.
    pub bytes: u64,
    /// Number of pictures that no record is concerned by, which have no lane and no sequence; `None`
    /// where others went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclaimed: Option<u64>,
}

impl Eviction {
    /// Of nothing yet.
    pub fn new(what: Evicted, reason: EvictionReason) -> Self {
        let (lanes, spans) = (Vec::new(), Vec::new());
        Self { what, reason, lanes, spans, bytes: 0, unclaimed: None }
    }

    /// Of so many pictures that nothing named, with so many bytes.
    pub fn of_unclaimed(reason: EvictionReason, pictures: u64, bytes: u64) -> Self {
        Self { unclaimed: Some(pictures), bytes, ..Self::new(Evicted::Unclaimed, reason) }
    }

    /// Notes that something of a record went.
    pub fn note(&mut self, seq: u64, lane: Option<Lane>, bytes: u64) {
        self.bytes += bytes;
        match self.spans.last_mut() {
            Some(span) if (span.last..=span.last + 1).contains(&seq) => span.last = seq,
            _ => self.spans.push(Span { first: seq, last: seq }),
        }
        let place = self.lanes.binary_search_by_key(&lane, |known| known.lane);
        match place {
            Ok(found) => {
                let known = &mut self.lanes[found];
                known.count += 1;
                known.first = known.first.min(seq);
                known.last = known.last.max(seq);
            }
            Err(place) => {
                let new = EvictedLane { lane, count: 1, first: seq, last: seq };
                self.lanes.insert(place, new);
            }
        }
    }

    /// With its spans in order and none beside or over another.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.spans = Span::in_order(self.spans);
        self
    }

    /// Number of what went, of all lanes and of none.
    pub fn count(&self) -> u64 {
        let of_lanes: u64 = self.lanes.iter().map(|lane| lane.count).sum();
        of_lanes + self.unclaimed.unwrap_or_default()
    }
}
