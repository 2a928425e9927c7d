//! What the uplink tells about itself, as `status` shows it: plain counts and names.

use std::collections::BTreeMap;

use rumqttc::v5::mqttbytes::v5::PubAckReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::request::{Kind, Reason};
use crate::clock::Timestamp;
use crate::io::store::AsideReason;

/// Where the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not started.
    #[default]
    Idle,
    /// A connection is being made.
    Connecting,
    /// The broker has accepted us.
    Connected,
    /// Waiting before the next try.
    Pausing,
    /// Ended in order.
    Stopped,
}

/// Why a connection failed or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The configuration or one of its files cannot be used.
    Configuration,
    /// No TCP connection.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The broker's certificate is not valid for us.
    Certificate,
    /// TLS failed otherwise; the broker may have refused our certificate.
    Tls,
    /// The broker refused us: user, password or client id.
    Refused,
    /// The connection ended.
    Lost,
    /// The broker ended it with a reason.
    Disconnected,
    /// The peer broke the protocol.
    Protocol,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// What kind.
    pub kind: FailureKind,
    /// One sentence.
    pub text: String,
}

/// Why an acknowledgement was no success, by the reason of MQTT 5, 3.4.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// 0x10: nobody subscribes, so the broker threw it away.
    NoMatchingSubscribers,
    /// 0x80.
    UnspecifiedError,
    /// 0x83.
    ImplementationSpecificError,
    /// 0x87: the broker's rules forbid us this topic.
    NotAuthorized,
    /// 0x90.
    TopicNameInvalid,
    /// 0x91.
    PacketIdentifierInUse,
    /// 0x97.
    QuotaExceeded,
    /// 0x99.
    PayloadFormatInvalid,
}

impl RefusalReason {
    /// `None` for a success.
    pub(super) fn of(reason: PubAckReason) -> Option<Self> {
        match reason {
            PubAckReason::Success => None,
            PubAckReason::NoMatchingSubscribers => Some(Self::NoMatchingSubscribers),
            PubAckReason::UnspecifiedError => Some(Self::UnspecifiedError),
            PubAckReason::ImplementationSpecificError => Some(Self::ImplementationSpecificError),
            PubAckReason::NotAuthorized => Some(Self::NotAuthorized),
            PubAckReason::TopicNameInvalid => Some(Self::TopicNameInvalid),
            PubAckReason::PacketIdentifierInUse => Some(Self::PacketIdentifierInUse),
            PubAckReason::QuotaExceeded => Some(Self::QuotaExceeded),
            PubAckReason::PayloadFormatInvalid => Some(Self::PayloadFormatInvalid),
        }
    }

    /// Whether the same bytes are refused again, whatever the broker's rules become.
    pub(super) fn lasts(self) -> bool {
        matches!(self, Self::TopicNameInvalid | Self::PayloadFormatInvalid)
    }
}

/// One refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: RefusalReason,
}

/// Acknowledgements that were no success, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusalCounts {
    /// 0x10: nobody subscribes, so the broker threw it away.
    pub no_matching_subscribers: u64,
    /// 0x80.
    pub unspecified_error: u64,
    /// 0x83.
    pub implementation_specific_error: u64,
    /// 0x87: the broker's rules forbid us this topic.
    pub not_authorized: u64,
    /// 0x90.
    pub topic_name_invalid: u64,
    /// 0x91.
    pub packet_identifier_in_use: u64,
    /// 0x97.
    pub quota_exceeded: u64,
    /// 0x99.
    pub payload_format_invalid: u64,
}

impl RefusalCounts {
    /// Counts one.
    pub(super) fn count(&mut self, reason: RefusalReason) {
        *match reason {
            RefusalReason::NoMatchingSubscribers => &mut self.no_matching_subscribers,
            RefusalReason::UnspecifiedError => &mut self.unspecified_error,
            RefusalReason::ImplementationSpecificError => &mut self.implementation_specific_error,
            RefusalReason::NotAuthorized => &mut self.not_authorized,
            RefusalReason::TopicNameInvalid => &mut self.topic_name_invalid,
            RefusalReason::PacketIdentifierInUse => &mut self.packet_identifier_in_use,
            RefusalReason::QuotaExceeded => &mut self.quota_exceeded,
            RefusalReason::PayloadFormatInvalid => &mut self.payload_format_invalid,
        } += 1;
    }
}

/// Entries that cannot be published and stay in the outbox; counted at each connection anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsideCounts {
    /// Larger than the broker's Maximum Packet Size or our own bound of a picture.
    pub oversize: u64,
    /// The picture's file is gone.
    pub picture_missing: u64,
    /// The picture's bytes do not have its digest.
    pub picture_damaged: u64,
    /// The ledger does not have the record.
    pub record_missing: u64,
    /// The ledger has the record, but it cannot be read.
    pub record_unreadable: u64,
    /// The broker answered that topic or payload are not valid.
    pub rejected: u64,
}

impl AsideCounts {
    /// Counts one.
    pub(super) fn count(&mut self, reason: AsideReason) {
        *match reason {
            AsideReason::Oversize => &mut self.oversize,
            AsideReason::PictureMissing => &mut self.picture_missing,
            AsideReason::PictureDamaged => &mut self.picture_damaged,
            AsideReason::RecordMissing => &mut self.record_missing,
            AsideReason::RecordUnreadable => &mut self.record_unreadable,
            AsideReason::Rejected => &mut self.rejected,
        } += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.oversize
            + self.picture_missing
            + self.picture_damaged
            + self.record_missing
            + self.record_unreadable
            + self.rejected
    }
}

/// What came on the receipt topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptCounts {
    /// Taken.
    pub accepted: u64,
    /// Not the documented JSON, empty, too long or backwards.
    pub malformed: u64,
    /// About sequences that this ledger never had.
    pub beyond_ledger: u64,
    /// Entries settled by a receipt.
    pub settled: u64,
}

/// What came on the request topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestCounts {
    /// Messages, refused ones included.
    pub received: u64,
    /// Carried out, by what was asked for.
    pub carried_out: BTreeMap<Kind, u64>,
    /// Refused, by reason.
    pub refused: BTreeMap<Reason, u64>,
    /// Left over from before the subscription: passed over, because nobody waits for the answer.
    pub retained: u64,
    /// Answers handed to the client; one may stand for several refusals.
    pub answers: u64,
    /// Answers dropped because too many waited for the line.
    pub answers_dropped: u64,
    /// Requests of which the store took no audit record.
    pub unaudited: u64,
}

/// What is in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backlog {
    /// Violations, evasions and alarms.
    pub first: u64,
    /// Other records.
    pub second: u64,
    /// Pictures.
    pub pictures: u64,
    /// When the oldest of their records was sealed; `None` when nothing waits.
    pub oldest: Option<Timestamp>,
}

/// A snapshot of the uplink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UplinkStatus {
    /// Where the connection stands.
    pub state: LinkState,
    /// Since when it is connected; else since when it is not, whatever was tried since.
    pub since: Timestamp,
    /// The broker's address.
    pub broker: String,
    /// Connections that the broker accepted.
    pub connects: u64,
    /// Connections that failed or ended unasked.
    pub failures: u64,
    /// The last of them; kept while connected, so that a flapping line shows.
    pub last_failure: Option<Failure>,
    /// Entries handed to the client, repetitions included.
    pub published: u64,
    /// Those of them that the broker acknowledged with success.
    pub acknowledged: u64,
    /// Acknowledged without success, the retained state and answers included.
    pub refused: RefusalCounts,
    /// The last of them.
    #[serde(default)]
    pub last_refusal: Option<Refusal>,
    /// Entries removed from the outbox.
    pub removed: u64,
    /// Removals that the store could not write; those entries are sent again.
    pub removal_failures: u64,
    /// Reads of the outbox that the store could not answer.
    pub read_failures: u64,
    /// Receipts.
    pub receipts: ReceiptCounts,
    /// Requests of the platform.
    #[serde(default)]
    pub requests: RequestCounts,
    /// Entries that could not be published and were set aside in the store since the start.
    pub aside: AsideCounts,
    /// What is in the outbox now: measured for each look at the daemon ([`super::backlog`]), and
    /// empty where the uplink shows itself alone.
    pub backlog: Backlog,
    /// Entries not acknowledged yet.
    pub in_flight: u64,
    /// Entries that the broker refused and that wait for their next try.
    pub awaiting_retry: u64,
    /// Entries that await the platform's receipt.
    pub awaiting_receipt: u64,
    /// Since when some do and no receipt has confirmed any; `None` while none does.
    #[serde(default)]
    pub unreceipted_since: Option<Timestamp>,
    /// Messages on other topics than we asked for.
    pub unexpected_messages: u64,
    /// States of the site told without its health, which the broker's packet size has no room for.
    #[serde(default)]
    pub states_without_health: u64,
}
