//! Entries that cannot be published: out of the way, kept in the store, told by an alarm.

use std::time::Instant;

use super::Connection;
use crate::io::store::{Aside, AsideReason, OutboxItem, OutboxKey};
use crate::io::uplink::payload;
use crate::pipeline::record::Channel;

/// Name of the alarm about an entry that is set aside.
const ALARM: &str = "outbox_entry_set_aside";

impl Connection<'_> {
    /// Sets an entry aside that was passed. When the store cannot, it is tried again later.
    pub(super) async fn set_aside(
        &mut self,
        key: OutboxKey,
        what: OutboxItem,
        reason: AsideReason,
        packet_bytes: u64,
    ) {
        let at = self.shared.clock.now();
        let name = match &what {
            OutboxItem::Record { seq, channel } => format!("record {seq} on {channel:?}"),
            OutboxItem::Picture { record_id, picture } => {
                format!("picture {} of {record_id}", picture.name)
            }
        };
        let text = format!("{name} cannot be published and is kept aside: {}", words(reason));
        tracing::error!(reason = ?reason, entry = name, "an outbox entry is set aside");
        let (site, lane) = (&self.shared.origin.site.id, key.lane as u8);
        let subject = format!("{site}-{}-{lane}-{}-{}", key.seq, key.item, at.0);
        // an alarm that the broker does not take would be told by the next, and that by the next
        let alarm = (!self.tells_of_an_aside(&what))
            .then(|| self.shared.origin.alarm(&subject, at, ALARM, text));
        let aside = Aside { what, reason, packet_bytes, at };
        match self.shared.store.outbox_set_aside(key, aside, alarm).await {
            Ok(()) => self.shared.status.send_modify(|status| status.aside.count(reason)),
            Err(error) => {
                tracing::error!(error = %error, "an outbox entry cannot be set aside");
                self.session.missed(key, key.lane as usize, Instant::now());
            }
        }
    }

    fn tells_of_an_aside(&self, what: &OutboxItem) -> bool {
        let OutboxItem::Record { seq, channel: Channel::Alarm } = what else {
            return false;
        };
        let sealed = self.shared.store.sealed(*seq);
        sealed.is_ok_and(|sealed| sealed.is_some_and(|sealed| sealed.id.ends_with(ALARM)))
    }

    /// The broker says that it will never take this entry.
    pub(super) async fn rejected(&mut self, key: OutboxKey) {
        if let Ok(Some(entry)) = self.shared.source.again(key) {
            self.set_aside(key, entry.what, AsideReason::Rejected, 0).await;
        }
    }

    /// Puts back what was too large for another broker, or for this one before, and is not now.
    pub(super) async fn release(&mut self) {
        let limit = self.session.maximum_packet() as u64;
        let Ok(asides) = self.shared.store.asides() else {
            return;
        };
        let fits = |aside: &Aside| {
            let too_large = matches!(&aside.what, OutboxItem::Picture { picture, .. }
                if picture.bytes > payload::MAX_PICTURE);
            aside.reason == AsideReason::Oversize && aside.packet_bytes <= limit && !too_large
        };
        let fitting = asides.into_iter().filter(|(_, aside)| fits(aside));
        let keys: Vec<OutboxKey> = fitting.map(|(key, _)| key).collect();
        if keys.is_empty() {
            return;
        }
        match self.shared.store.outbox_release(keys).await {
            Ok(count) => tracing::info!(count, "entries that were too large are sent after all"),
            Err(error) => tracing::error!(error = %error, "entries stay aside"),
        }
    }
}

fn words(reason: AsideReason) -> &'static str {
    match reason {
        AsideReason::Oversize => "it is larger than the broker takes",
        AsideReason::PictureMissing => "the picture's file is gone",
        AsideReason::PictureDamaged => "the picture's bytes do not have its digest",
        AsideReason::RecordMissing => "the ledger does not have the record",
        AsideReason::RecordUnreadable => "the record in the ledger cannot be read",
        AsideReason::Rejected => "the broker rejects its topic or payload",
    }
}
