//! Whether a vehicle is a car or a lorry, as far as its axles and its length tell.

use super::Passage;

/// Longest car and shortest lorry, millimetres: GA 802 calls a vehicle from 6 m on a large one, cars
/// and vans stay below 5.5 m; what lies between is neither.
const LONGEST_CAR: u32 = 5_500;
const SHORTEST_LORRY: u32 = 6_500;
/// Axle distance of the longest car.
const LONGEST_WHEELBASE: u32 = 3_300;
/// Heaviest car, kilograms: light goods vehicles end at 4.5 t.
const HEAVIEST_CAR: u32 = 4_500;

/// How large a vehicle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Size {
    /// A car or van.
    Small,
    /// A lorry, with or without trailer, or a coach.
    Large,
}

impl Passage {
    /// What it is by its axles, length and mass; `None` when they leave it open.
    pub(in crate::pipeline) fn size(&self) -> Option<Size> {
        let length = self.length_mm.map(|length| length.0);
        if self.axles.len() > 2 || length.is_some_and(|length| length >= SHORTEST_LORRY) {
            return Some(Size::Large);
        }
        let [_, last] = &*self.axles else {
            return None;
        };
        let short = length.is_none_or(|length| length <= LONGEST_CAR)
            && last.spacing_mm.is_some_and(|spacing| spacing.0 <= LONGEST_WHEELBASE);
        let light = self.gross().is_some_and(|gross| gross.0 <= HEAVIEST_CAR);
        (short && light).then_some(Size::Small)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::pipeline::passage::{Axle, PassageSource};
    use crate::units::{Kilograms, Lane, Millimetres};

    fn size(spacings: &[u32], gross: u32, length: Option<u32>) -> Option<Size> {
        let source = PassageSource { controller: 1, boot_id: 1, vehicle: 1 };
        let mut passage = Passage::unmeasured(source, Lane(1), Timestamp(0));
        let axles = std::iter::once(None).chain(spacings.iter().copied().map(Some));
        let load = gross / u32::try_from(spacings.len() + 1).expect("few axles");
        passage.axles = axles
            .map(|spacing| Axle {
                load_kg: Some(Kilograms(load)),
                spacing_mm: spacing.map(Millimetres),
                ..Axle::unmeasured(Timestamp(0))
            })
            .collect();
        passage.length_mm = length.map(Millimetres);
        passage.size()
    }

    #[test]
    fn cars_are_small_and_lorries_large_and_what_lies_between_is_neither() {
        assert_eq!(size(&[2_700], 1_500, Some(4_500)), Some(Size::Small));
        assert_eq!(size(&[2_700], 1_500, None), Some(Size::Small));
        assert_eq!(size(&[5_000], 9_000, Some(8_500)), Some(Size::Large));
        assert_eq!(size(&[3_300, 1_350], 12_000, None), Some(Size::Large));
        assert_eq!(size(&[3_300], 7_000, Some(5_900)), None);
        assert_eq!(size(&[3_300], 7_000, None), None);
        assert_eq!(size(&[], 700, None), None);
    }
}
