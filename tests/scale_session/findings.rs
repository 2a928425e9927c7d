//! What the store was given in the end.

use wimd::pipeline::Input;
use wimd::pipeline::passage::Passage;

use super::World;
use super::device::{AXLES, load};

impl World {
    pub(crate) fn passages(&self) -> Vec<&Passage> {
        self.arrivals
            .iter()
            .filter_map(|arrival| match &arrival.input {
                Input::Passage(passage) => Some(passage.as_ref()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn gaps(&self) -> Vec<(u8, u32, Option<u32>)> {
        self.arrivals
            .iter()
            .filter_map(|arrival| match &arrival.input {
                Input::Gap(gap) => Some((gap.controller, gap.first_sequence, gap.last_sequence)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn assert_everything_arrived_once_and_in_order(&self) {
        assert_eq!(self.gaps(), []);
        for device in self.devices.iter().filter(|device| !device.silent) {
            let source = format!("controller {}", device.address);
            let audits: Vec<String> = self
                .arrivals
                .iter()
                .filter_map(|arrival| match &arrival.input {
                    Input::Audit(audit) if audit.source == source => Some(audit.after.clone()),
                    _ => None,
                })
                .collect();
            let expected: Vec<String> = (0..device.audits).map(|n| n.to_string()).collect();
            assert_eq!(audits, expected);

            let mut vehicles: Vec<(u32, Vec<u32>, usize)> = self
                .passages()
                .iter()
                .filter(|passage| passage.source.controller == device.address)
                .map(|passage| {
                    let loads = passage.axles.iter().flat_map(|axle| axle.load_kg);
                    let loads = loads.map(|load| load.0).collect();
                    assert!(passage.scale.is_some(), "whose scale: {passage:?}");
                    (passage.source.vehicle, loads, passage.flags.len())
                })
                .collect();
            vehicles.sort();
            let expected: Vec<(u32, Vec<u32>, usize)> = (1..=device.vehicles)
                .map(|vehicle| (vehicle, (1..=AXLES).map(|n| load(vehicle, n)).collect(), 0))
                .collect();
            assert_eq!(vehicles, expected);
        }
    }

    /// Each vehicle with the calibrations of its scale until then, by its number.
    pub(crate) fn calibrations(&self) -> Vec<(u32, Option<u64>)> {
        let mut calibrations: Vec<_> = self
            .passages()
            .iter()
            .map(|passage| {
                let scale = passage.scale.as_ref();
                (passage.source.vehicle, scale.and_then(|scale| scale.calibration_count))
            })
            .collect();
        calibrations.sort_unstable();
        calibrations
    }
}
