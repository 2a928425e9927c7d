//! Inputs that wait for the pipeline, and how far the doors had come when they brought them.

use std::collections::HashMap;

use crate::io::intake::{KnownScale, LinkCursor};
use crate::pipeline::{Arrival, InputId};

use super::Store;
use super::codec::{self, CodecError};
use super::error::StoreError;
use super::trees::{TreeName, Trees, key_number};

const CURSOR_PREFIX: &[u8] = b"cursor/";

pub(super) fn cursor_key(controller: &str) -> Vec<u8> {
    [CURSOR_PREFIX, controller.as_bytes()].concat()
}

impl Store {
    /// Every input that waits for the pipeline, in the order of arrival. What cannot be decoded
    /// is set aside and counted.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn pending(&self) -> Result<Vec<(InputId, Arrival)>, StoreError> {
        let found = pending(&self.shared.trees()?)?;
        self.set_aside(TreeName::Inbox, found.undecodable);
        Ok(found.entries)
    }

    /// Inputs that the store itself has made durable since it was asked last: alarms about a disk
    /// that had failed. They are among [`Store::pending`] until they are sealed.
    pub fn own_inputs(&self) -> Vec<(InputId, Arrival)> {
        self.shared.take_own_inputs()
    }
}

/// What was read from a tree, and the keys of what could not be decoded.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) entries: T,
    pub(super) undecodable: Vec<sled::IVec>,
}

/// Every input that waits, in the order of arrival.
pub(super) fn pending(trees: &Trees) -> Result<Found<Vec<(InputId, Arrival)>>, StoreError> {
    let mut found = Found { entries: Vec::new(), undecodable: Vec::new() };
    for entry in trees.get(TreeName::Inbox).iter() {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Inbox))?;
        match (key_number(&key), codec::decode(&value)) {
            (Some(id), Ok(arrival)) => found.entries.push((InputId(id), arrival)),
            _ => found.undecodable.push(key),
        }
    }
    Ok(found)
}

/// A cursor, also in its forms of before it told of sensors, of the scale and of repeated boot ids. No
/// form is another: each older one ends where the next one goes on.
fn cursor(stored: &[u8]) -> Result<LinkCursor, CodecError> {
    let third = || codec::decode(stored);
    let second = || {
        let (boot_id, acknowledged, vehicles, sensors) = codec::decode(stored)?;
        Ok((boot_id, acknowledged, vehicles, sensors, KnownScale::Never))
    };
    let first = || {
        let (boot_id, acknowledged, vehicles) = codec::decode(stored)?;
        Ok((boot_id, acknowledged, vehicles, Vec::new(), KnownScale::Never))
    };
    codec::decode(stored).or_else(|_| {
        let older = third().or_else(|_: CodecError| second()).or_else(|_: CodecError| first());
        let (boot_id, acknowledged, stored_vehicles, bad_sensors, scale) = older?;
        Ok(LinkCursor { boot_id, acknowledged, stored_vehicles, bad_sensors, scale, repeats: 0 })
    })
}

/// The cursor of every controller.
pub(super) fn cursors(trees: &Trees) -> Result<Found<HashMap<String, LinkCursor>>, StoreError> {
    let mut found = Found { entries: HashMap::new(), undecodable: Vec::new() };
    for entry in trees.get(TreeName::Meta).scan_prefix(CURSOR_PREFIX) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Meta))?;
        let name = std::str::from_utf8(&key[CURSOR_PREFIX.len()..]);
        match (name, cursor(&value)) {
            (Ok(name), Ok(cursor)) => {
                found.entries.insert(name.to_owned(), cursor);
            }
            _ => found.undecodable.push(key),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::intake::ChangeCounts;
    use crate::pipeline::passage::ScaleIdentity;

    fn cursor_with(bad_sensors: Vec<[u8; 4]>, scale: KnownScale) -> LinkCursor {
        let stored_vehicles = vec![3, 4];
        let (boot_id, acknowledged, repeats) = (1, 70_000, 0);
        LinkCursor { boot_id, acknowledged, stored_vehicles, bad_sensors, scale, repeats }
    }

    #[test]
    fn a_cursor_that_was_stored_before_it_told_of_sensors_scale_or_repeats_is_still_read() {
        let first = [1, 1, 0xFC, 0x70, 0x11, 1, 0, 2, 3, 4];
        assert_eq!(cursor(&first).expect("read"), cursor_with(vec![], KnownScale::Never));
        let second = [&first[..], &[1, 1, 1, 2, 3]].concat();
        assert_eq!(
            cursor(&second).expect("read"),
            cursor_with(vec![[1, 1, 2, 3]], KnownScale::Never)
        );
        let third = [&second[..], &[3, 1, 3, 0]].concat();
        let scale = KnownScale::Changed(ChangeCounts { calibration: Some(3), configuration: None });
        assert_eq!(cursor(&third).expect("read"), cursor_with(vec![[1, 1, 2, 3]], scale));
        for whole in [first.to_vec(), second, third] {
            assert!(cursor(&whole[..whole.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_stored() {
        for bad_sensors in [vec![], vec![[1, 1, 2, 3]]] {
            for scale in [KnownScale::Never, KnownScale::Present(ScaleIdentity::default())] {
                let whole = cursor_with(bad_sensors.clone(), scale);
                let stored = codec::encode(&whole).expect("encoded");
                assert_eq!(cursor(&stored).expect("read"), whole);
            }
        }
    }
}
