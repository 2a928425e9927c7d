//! Records that the daemon writes about itself: where they come from, and how they are named.

use crate::clock::Timestamp;
use crate::pipeline::record::{
    Alarm, Audit, Body, Evicted, Eviction, Provenance, RECORD_VERSION, Record, Site,
};

/// Where this daemon stands and what it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The site.
    pub site: Site,
    /// Software and parameters.
    pub provenance: Provenance,
}

impl Origin {
    /// Of the same place and software as `record`.
    pub fn of(record: &Record) -> Self {
        Self { site: record.site.clone(), provenance: record.provenance.clone() }
    }

    /// An alarm; `subject` tells it from others of the same name and is part of its id.
    pub fn alarm(&self, subject: &str, at: Timestamp, name: &str, text: String) -> Record {
        let body = Body::Alarm(Alarm { name: name.to_owned(), lane: None, text });
        self.record(format!("{subject}-{name}"), at, body)
    }

    /// An audit record; `subject` tells it from others of the same event and is part of its id.
    pub fn audit(&self, subject: &str, at: Timestamp, audit: Audit) -> Record {
        let id = format!("{subject}-{}", audit.event);
        self.record(id, at, Body::Audit(audit))
    }

    /// A record of what had to go.
    pub fn eviction(&self, at: Timestamp, eviction: Eviction) -> Record {
        let span = eviction.spans.first().zip(eviction.spans.last());
        let (first, last) = span.map_or((0, 0), |(first, last)| (first.first, last.last));
        let what = match eviction.what {
            Evicted::Records => "records",
            Evicted::Unsent => "unsent",
            Evicted::Pictures => "pictures",
            Evicted::Unclaimed => "unclaimed",
        };
        let id = format!("{}-{first}-{last}-{}-{what}-evicted", self.site.id, at.0);
        self.record(id, at, Body::Eviction(eviction))
    }

    /// A record of another kind under this id.
    pub fn record(&self, id: String, at: Timestamp, body: Body) -> Record {
        Record {
            version: RECORD_VERSION,
            id,
            site: self.site.clone(),
            occurred_at: at,
            body,
            provenance: self.provenance.clone(),
        }
    }
}
