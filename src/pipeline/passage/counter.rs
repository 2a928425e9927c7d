//! Counters of the scale that it may not have. The store keeps them as on the wire, the highest
//! value for "not measured", so that what was stored before they were optional is still read.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NOT_MEASURED: u64 = u64::MAX;

pub(super) fn serialize<S: Serializer>(
    count: &Option<u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        count.serialize(serializer)
    } else {
        serializer.serialize_u64(count.unwrap_or(NOT_MEASURED))
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    if deserializer.is_human_readable() {
        return Option::deserialize(deserializer);
    }
    let count = u64::deserialize(deserializer)?;
    Ok((count != NOT_MEASURED).then_some(count))
}
