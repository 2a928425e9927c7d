//! Vehicles, knowledge and profiles of every kind, for properties of the law.

#![allow(dead_code, reason = "each test file uses its part")]

use proptest::collection::vec;
use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::assess::{
    Accuracy, AccuracyClass, Assessment, Facts, LaneLaw, Profile, Stage, Tolerance, ToleranceKind,
    assess_with,
};
use wimd::pipeline::grouping::CodeScheme;
use wimd::pipeline::limits::{Drive, Suspension};
use wimd::pipeline::passage::{Axle, DeviceGroups, Passage, PassageSource, Tyres};
use wimd::units::{Kilograms, Lane, Millimetres, PerMyriad};

/// Noon of 2026-11-23 in China.
pub(crate) const NOON: Timestamp = Timestamp(1_795_406_400_000_000);

#[derive(Clone, Debug)]
pub(crate) struct Wheelset {
    pub(crate) load: Option<u32>,
    pub(crate) spacing: Option<u32>,
    pub(crate) tyres: Tyres,
}

pub(crate) fn passage(axles: &[Wheelset]) -> Passage {
    let axle = |axle: &Wheelset| Axle {
        load_kg: axle.load.map(Kilograms),
        spacing_mm: axle.spacing.map(Millimetres),
        tyres: axle.tyres,
        ..Axle::unmeasured(NOON)
    };
    let source = PassageSource { controller: 1, boot_id: 1, vehicle: 1 };
    let axles = axles.iter().map(axle).collect();
    Passage { axles, ..Passage::unmeasured(source, Lane(1), NOON) }
}

pub(crate) fn tyres() -> impl Strategy<Value = Tyres> {
    prop_oneof![Just(Tyres::Single), Just(Tyres::Dual), Just(Tyres::Unknown)]
}

/// Spacings near every threshold of grouping and limits.
pub(crate) fn spacing() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![
        Just(None),
        prop_oneof![Just(999_u32), Just(1_299), Just(1_350), Just(1_400), Just(1_800)]
            .prop_map(Some),
        (1_990_u32..2_510).prop_map(Some),
        (2_600_u32..8_000).prop_map(Some),
    ]
}

/// A vehicle that can be judged.
pub(crate) fn sane() -> impl Strategy<Value = Vec<Wheelset>> {
    let axle = (1_u32..=39_000, spacing(), tyres()).prop_map(|(load, spacing, tyres)| Wheelset {
        load: Some(load),
        spacing,
        tyres,
    });
    vec(axle, 2..=20)
}

/// Anything that fits the types.
pub(crate) fn anything() -> impl Strategy<Value = Vec<Wheelset>> {
    let number = prop_oneof![any::<u32>(), Just(0), Just(u32::MAX)];
    let axle = (prop::option::of(number.clone()), prop::option::of(number), tyres())
        .prop_map(|(load, spacing, tyres)| Wheelset { load, spacing, tyres });
    vec(axle, 0..=25)
}

pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    let suspension = prop_oneof![Just(Suspension::Plain), Just(Suspension::Air)];
    let drive = prop_oneof![Just(Drive::Single), Just(Drive::Double)];
    (
        prop::option::of(suspension),
        prop::option::of(drive),
        prop::option::of(any::<bool>()),
        prop::option::of(prop_oneof![1_u32..60_000, any::<u32>()]),
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(suspension, drive, wide_tyres, registered, farm_vehicle, dump_truck)| {
            Facts {
                suspension,
                drive,
                wide_tyres,
                registered: registered.map(Kilograms),
                farm_vehicle,
                dump_truck,
            }
        })
}

/// Everything that can be known of a vehicle which can be judged.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) axles: Vec<Wheelset>,
    pub(crate) facts: Facts,
    pub(crate) length: Option<u32>,
    pub(crate) codes: Option<Vec<u8>>,
}

/// Things that [`Described::forget`] can forget.
pub(crate) const UNKNOWNS: usize = 10;

impl Described {
    /// Forgets one thing; of the axles it is axle `index`.
    pub(crate) fn forget(&mut self, what: usize, index: usize) {
        match what {
            0 => self.axles[index].spacing = None,
            1 => self.axles[index].tyres = Tyres::Unknown,
            2 => self.length = None,
            3 => self.codes = None,
            4 => self.facts.suspension = None,
            5 => self.facts.drive = None,
            6 => self.facts.wide_tyres = None,
            7 => self.facts.registered = None,
            8 => self.facts.farm_vehicle = None,
            _ => self.facts.dump_truck = None,
        }
    }

    pub(crate) fn assess(&self, profile: &Profile) -> Assessment {
        let mut passage = passage(&self.axles);
        passage.device_groups = self.codes.clone().map(|codes| DeviceGroups { codes });
        let spacings = self.axles.iter().skip(1).filter_map(|axle| axle.spacing);
        let wheelbase: u32 = spacings.sum();
        passage.length_mm = self.length.map(|length| Millimetres(length.max(wheelbase)));
        assess_with(&passage, &self.facts, profile)
    }
}

/// Vehicles of usual and of strange lengths, so that every maximum length decides something.
pub(crate) fn described() -> impl Strategy<Value = Described> {
    let length = prop::option::of(prop_oneof![
        3_000_u32..30_000,
        prop_oneof![Just(13_001_u32), Just(19_101), Just(21_001), Just(23_001)],
    ]);
    let codes = prop::option::of(vec(1_u8..=9, 1..=6));
    (sane(), facts(), length, codes).prop_map(|(axles, facts, length, codes)| Described {
        axles,
        facts,
        length,
        codes,
    })
}

pub(crate) fn tolerance() -> impl Strategy<Value = ToleranceKind> {
    prop_oneof![
        Just(ToleranceKind::None),
        any::<u32>().prop_map(|part| ToleranceKind::Deduct(PerMyriad(part))),
        (0_u32..2_000).prop_map(|part| ToleranceKind::Deduct(PerMyriad(part))),
        any::<u32>().prop_map(|factor| ToleranceKind::LimitFactor(PerMyriad(factor))),
        (10_000_u32..12_100).prop_map(|factor| ToleranceKind::LimitFactor(PerMyriad(factor))),
    ]
}

pub(crate) fn profile(tolerance: ToleranceKind, air: bool, interval: Option<u32>) -> Profile {
    let mut profile = standard_profile();
    profile.tolerance = Tolerance { id: "any".into(), kind: tolerance };
    if air {
        profile.unknown_suspension = Suspension::Air;
    }
    profile.apply_axle_sum = air;
    profile.lanes = vec![LaneLaw {
        accuracy: interval.map(|interval| Accuracy {
            class: AccuracyClass::C5,
            stage: Stage::InService,
            interval_kg: Some(Kilograms(interval)),
        }),
        codes: Some(CodeScheme::OneToNine),
        ..LaneLaw::default()
    }];
    profile
}
