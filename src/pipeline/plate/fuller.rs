//! Whether a camera that tells an event once more repeats all that it told first.

use super::{Plate, PlateRead, PlateState};
use crate::pipeline::passage::Direction;
use crate::units::Micros;

/// Stamps of one event differ by less: whole seconds at first, exactly afterwards. A vehicle close behind
/// is further away. Our choice.
const SAME_INSTANT: Micros = Micros::from_secs(1);

impl PlateRead {
    /// Whether nothing of the first event is lost or contradicted where this one stands in its place.
    pub(in crate::pipeline) fn tells_all_of(&self, first: &Self) -> bool {
        let further = |plate: &Plate| self.further_plates.iter().any(|own| own.text == plate.text);
        let shown = |sha256: &str| self.pictures.iter().any(|own| own.sha256 == sha256);
        tells_plate(&self.plate, &first.plate)
            && repeats(&self.lane, &first.lane)
            && repeats(&self.offence_code, &first.offence_code)
            && repeats(&self.trigger_id, &first.trigger_id)
            && (first.direction == Direction::Unknown || self.direction == first.direction)
            && self.is_of_the_instant_of(first)
            && first.further_plates.iter().all(further)
            && first.pictures.iter().all(|picture| shown(&picture.sha256))
    }

    /// Whether both tell a plate and these are not of one vehicle, or both an instant and these are not
    /// one.
    pub(in crate::pipeline) fn contradicts(&self, first: &Self) -> bool {
        let texts = self.plate.text.as_deref().zip(first.plate.text.as_deref());
        texts.is_some_and(|(own, first)| !completes(own, first) && !completes(first, own))
            || (self.stamp.is_some() && !self.is_of_the_instant_of(first))
    }

    fn is_of_the_instant_of(&self, first: &Self) -> bool {
        let Some(stamp) = &first.stamp else { return true };
        self.stamp
            .as_ref()
            .is_some_and(|own| own.at.since(stamp.at).0.saturating_abs() < SAME_INSTANT.0)
    }
}

/// Whether a figure is told again, if it was told.
fn repeats<T: PartialEq>(again: &Option<T>, first: &Option<T>) -> bool {
    first.is_none() || again == first
}

/// A plate may be read after all, and a character more; what was read stays, and so does a cover.
fn tells_plate(again: &Plate, first: &Plate) -> bool {
    match first.state {
        PlateState::Unread => true,
        PlateState::Absent => again.state == PlateState::Absent || again.text.is_some(),
        PlateState::Covered => again.state == PlateState::Covered,
        PlateState::Partial | PlateState::Read => {
            let (again, first) = (again.text.as_deref(), first.text.as_deref());
            again.zip(first).is_some_and(|(again, first)| completes(again, first))
        }
    }
}

/// `-` stands for a character that could not be read.
fn completes(again: &str, first: &str) -> bool {
    again.chars().count() == first.chars().count()
        && again.chars().zip(first.chars()).all(|(again, first)| first == '-' || again == first)
}
