//! A camera tells more of an event after a vehicle was given it that is not sealed yet: its record
//! is to show the fuller one.

use super::LaneWindow;
use crate::pipeline::InputId;
use crate::pipeline::pairing::slot::Slot;
use crate::pipeline::plate::PlateRead;
use crate::pipeline::plate::held::SAME_VEHICLE;

impl LaneWindow {
    /// The open vehicle that was given `taken` by that camera, if this event can stand in its place:
    /// it contradicts nothing by which the vehicle got it, and lets no picture go.
    pub(in crate::pipeline) fn replaceable(
        &self,
        sight: usize,
        taken: InputId,
        fuller: &PlateRead,
    ) -> Option<usize> {
        let lane = self.parameters.lane;
        let own = |slot: &Slot| slot.decided.as_ref().is_some_and(|d| d.input == Some(taken));
        let place = self.open.iter().position(|open| open.slots.get(sight).is_some_and(own))?;
        let open = &self.open[place];
        let taken = &open.slots[sight].decided.as_ref()?.pairing.chosen.as_ref()?.plate_read;
        let same = agree(open.passage.trigger_id, fuller.trigger_id)
            && agree(Some(lane), fuller.lane)
            && is_of_the_same_instant(taken, fuller);
        let kept = |sha256: &str| fuller.pictures.iter().any(|picture| picture.sha256 == *sha256);
        (same && taken.pictures.iter().all(|picture| kept(&picture.sha256))).then_some(place)
    }

    /// Gives the fuller event to that open vehicle. How it was paired stays.
    pub(in crate::pipeline) fn fill(
        &mut self,
        sight: usize,
        place: usize,
        (input, fuller): (InputId, PlateRead),
    ) {
        let slot = self.open.get_mut(place).and_then(|open| open.slots.get_mut(sight));
        let Some(decided) = slot.and_then(|slot| slot.decided.as_mut()) else {
            return;
        };
        decided.input = Some(input);
        if let Some(chosen) = &mut decided.pairing.chosen {
            chosen.plate_read = fuller;
        }
    }
}

/// Whether two figures are the same, as far as both are told.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// A camera that gives an id twice, for two vehicles, stamps them apart.
fn is_of_the_same_instant(taken: &PlateRead, fuller: &PlateRead) -> bool {
    let stamps = taken.stamp.as_ref().zip(fuller.stamp.as_ref());
    stamps.is_none_or(|(one, other)| one.at.since(other.at).0.saturating_abs() <= SAME_VEHICLE.0)
}
