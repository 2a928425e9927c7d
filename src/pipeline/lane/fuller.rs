//! A camera tells more of an event after a vehicle was given it that is not sealed yet: its record
//! is to show the fuller one.

use super::LaneWindow;
use crate::pipeline::InputId;
use crate::pipeline::evasion::signs::is_beside_the_scale;
use crate::pipeline::pairing::slot::Slot;
use crate::pipeline::plate::PlateRead;

/// How an event that a camera tells once more stands to the vehicle that was given the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Standing {
    /// It can stand in the place of the first: it lets nothing go, and contradicts nothing by which the
    /// vehicle got that.
    Fuller,
    /// It says that it was another vehicle or another instant.
    Contradicting,
}

impl LaneWindow {
    /// The open vehicle that was given `taken` by that camera, and how this event stands to it; `None`
    /// also where it only tells less.
    pub(in crate::pipeline) fn standing(
        &self,
        sight: usize,
        taken: InputId,
        again: &PlateRead,
    ) -> Option<(usize, Standing)> {
        let (place, first) = self.given(sight, taken)?;
        let could_be_of = self.could_be_of(place, again);
        if could_be_of && again.tells_all_of(first) {
            return Some((place, Standing::Fuller));
        }
        let contradicts = !could_be_of || again.contradicts(first);
        contradicts.then_some((place, Standing::Contradicting))
    }

    /// The open vehicle that was given that event, and the event.
    fn given(&self, sight: usize, taken: InputId) -> Option<(usize, &PlateRead)> {
        let own = |slot: &Slot| slot.decided.as_ref().is_some_and(|d| d.input == Some(taken));
        let place = self.open.iter().position(|open| open.slots.get(sight).is_some_and(own))?;
        let decided = self.open[place].slots[sight].decided.as_ref()?;
        Some((place, &decided.pairing.chosen.as_ref()?.plate_read))
    }

    fn could_be_of(&self, place: usize, fuller: &PlateRead) -> bool {
        agree(Some(self.parameters.lane), fuller.lane)
            && agree(self.open[place].passage.trigger_id, fuller.trigger_id)
            && !is_beside_the_scale(fuller)
    }

    /// Gives the fuller event to that open vehicle. How it was paired stays; the first event waits for the
    /// record, too, so that a restart before that comes to the same.
    pub(in crate::pipeline) fn fill(
        &mut self,
        sight: usize,
        place: usize,
        (input, fuller): (InputId, PlateRead),
    ) {
        let Some(open) = self.open.get_mut(place) else { return };
        let slot = open.slots.get_mut(sight);
        let Some(decided) = slot.and_then(|slot| slot.decided.as_mut()) else {
            return;
        };
        open.superseded.extend(decided.input.replace(input));
        if let Some(chosen) = &mut decided.pairing.chosen {
            chosen.plate_read = fuller;
        }
    }

    /// Leaves open whose event it was that this vehicle was given. The other event goes out behind its
    /// record and waits for that, so that a restart before comes to the same.
    pub(in crate::pipeline) fn contradict(
        &mut self,
        sight: usize,
        place: usize,
        (input, other): (InputId, Box<PlateRead>),
    ) {
        let Some(open) = self.open.get_mut(place) else { return };
        if let Some(decided) = open.slots.get_mut(sight).and_then(|slot| slot.decided.as_mut()) {
            decided.leave_open("camera_contradicts_itself");
        }
        open.contradicting.push((input, other));
    }
}

/// Whether two figures are the same, as far as both are told.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}
