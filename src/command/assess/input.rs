//! A vehicle as a person describes it, to the passage that the pipeline judges.

mod fault;
mod field;

pub(super) use fault::fault;
pub use field::FieldError;

use super::AssessArgs;
use crate::clock::{Clock, Timestamp};
use crate::pipeline::assess::Facts;
use crate::pipeline::limits::{Day, MAX_AXLES};
use crate::pipeline::passage::{Axle, Passage, PassageSource};
use crate::units::{Kilograms, Lane, Millimetres};
use field::{
    List, answer, at_axle, drive, maybe_number, number, optional, speed, suspension, tyres,
};

/// A described vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vehicle {
    /// Its measurement.
    pub passage: Passage,
    /// What else is known of it.
    pub facts: Facts,
}

/// Names under which a description gives its fields: arguments, or columns of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) loads: &'static str,
    pub(super) spacings: &'static str,
    pub(super) left: &'static str,
    pub(super) right: &'static str,
    pub(super) tyres: &'static str,
    pub(super) length: &'static str,
    pub(super) speed: &'static str,
    pub(super) date: &'static str,
    pub(super) suspension: &'static str,
    pub(super) drive: &'static str,
    pub(super) registered: &'static str,
    pub(super) wide_tyres: &'static str,
    pub(super) farm_vehicle: &'static str,
    pub(super) dump_truck: &'static str,
    /// Both sides of an axle.
    pub(super) sides: &'static str,
    /// What chooses the table.
    pub(super) table: &'static str,
}

pub(super) const ARGUMENTS: Fields = Fields {
    loads: "--loads",
    spacings: "--spacings",
    left: "--left",
    right: "--right",
    tyres: "--tyres",
    length: "--length",
    speed: "--speed",
    date: "--date",
    suspension: "--suspension",
    drive: "--drive",
    registered: "--registered",
    wide_tyres: "--wide-tyres",
    farm_vehicle: "--farm-vehicle",
    dump_truck: "--dump-truck",
    sides: "--left/--right",
    table: "--regime",
};

/// The description, field by field; an empty text is a field that is not given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Description<'a> {
    pub(super) loads: &'a str,
    pub(super) spacings: &'a str,
    pub(super) left: &'a str,
    pub(super) right: &'a str,
    pub(super) tyres: &'a str,
    pub(super) length: &'a str,
    pub(super) speed: &'a str,
    pub(super) date: &'a str,
    pub(super) suspension: &'a str,
    pub(super) drive: &'a str,
    pub(super) registered: &'a str,
    pub(super) wide_tyres: &'a str,
    pub(super) farm_vehicle: &'a str,
    pub(super) dump_truck: &'a str,
}

impl Vehicle {
    pub(super) fn from_args(args: &AssessArgs) -> Result<Self, FieldError> {
        let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
        let (loads, spacings) = (text(&args.loads), text(&args.spacings));
        let (left, right, tyres) = (text(&args.left), text(&args.right), text(&args.tyres));
        let (length, speed, date) = (text(&args.length), text(&args.speed), text(&args.date));
        let (suspension, drive) = (text(&args.suspension), text(&args.drive));
        let registered = text(&args.registered);
        let (wide_tyres, dump_truck) = (text(&args.wide_tyres), text(&args.dump_truck));
        let farm_vehicle = text(&args.farm_vehicle);
        let description = Description {
            loads: &loads,
            spacings: &spacings,
            left: &left,
            right: &right,
            tyres: &tyres,
            length: &length,
            speed: &speed,
            date: &date,
            suspension: &suspension,
            drive: &drive,
            registered: &registered,
            wide_tyres: &wide_tyres,
            farm_vehicle: &farm_vehicle,
            dump_truck: &dump_truck,
        };
        let mut vehicle = Self::blank(Clock::system().now());
        vehicle.describe(&description, &ARGUMENTS, ',')?;
        Ok(vehicle)
    }

    /// A vehicle without axles that passes at `at`.
    pub(super) fn blank(at: Timestamp) -> Self {
        let source = PassageSource { controller: 0, boot_id: 0, vehicle: 0 };
        Self { passage: Passage::unmeasured(source, Lane(1), at), facts: Facts::default() }
    }

    /// Replaces everything that is described; the axles' memory is used again.
    pub(super) fn describe(
        &mut self,
        of: &Description<'_>,
        fields: &Fields,
        separator: char,
    ) -> Result<(), FieldError> {
        if let Some(day) = optional(of.date, fields.date, |text| text.parse::<Day>().ok())? {
            let noon = day.noon();
            self.passage.began_at = noon.unwrap_or(self.passage.began_at);
        }
        self.axles(of, fields, separator)?;
        let passage = &mut self.passage;
        passage.length_mm = optional(of.length, fields.length, number)?.map(Millimetres);
        passage.speed_dkmh = optional(of.speed, fields.speed, speed)?;
        self.facts.suspension = optional(of.suspension, fields.suspension, suspension)?.flatten();
        self.facts.drive = optional(of.drive, fields.drive, drive)?.flatten();
        self.facts.registered = optional(of.registered, fields.registered, number)?.map(Kilograms);
        self.facts.wide_tyres = optional(of.wide_tyres, fields.wide_tyres, answer)?.flatten();
        self.facts.farm_vehicle = optional(of.farm_vehicle, fields.farm_vehicle, answer)?.flatten();
        self.facts.dump_truck = optional(of.dump_truck, fields.dump_truck, answer)?.flatten();
        Ok(())
    }

    fn axles(
        &mut self,
        of: &Description<'_>,
        fields: &Fields,
        separator: char,
    ) -> Result<(), FieldError> {
        let at = self.passage.began_at;
        let axles = &mut self.passage.axles;
        axles.clear();
        if of.loads.is_empty() {
            return Err(FieldError::new(fields.loads, "missing"));
        }
        for (index, text) in of.loads.split(separator).enumerate() {
            if index == MAX_AXLES {
                let what = format!("more than {MAX_AXLES} axles");
                return Err(FieldError::new(fields.loads, what));
            }
            axles.push(Axle {
                load_kg: at_axle(fields.loads, index, text, maybe_number)?.map(Kilograms),
                ..Axle::unmeasured(at)
            });
        }
        if axles.len() < 2 {
            return Err(FieldError::new(fields.loads, "a vehicle has at least two axles"));
        }
        let count = axles.len();
        let list = List { separator, count };
        list.each(fields.spacings, of.spacings, 1, |index, text| {
            let spacing = at_axle(fields.spacings, index, text, maybe_number)?;
            axles[index].spacing_mm = spacing.map(Millimetres);
            Ok(())
        })?;
        list.each(fields.left, of.left, 0, |index, text| {
            axles[index].left_kg = at_axle(fields.left, index, text, maybe_number)?.map(Kilograms);
            Ok(())
        })?;
        list.each(fields.right, of.right, 0, |index, text| {
            let load = at_axle(fields.right, index, text, maybe_number)?;
            axles[index].right_kg = load.map(Kilograms);
            Ok(())
        })?;
        list.each(fields.tyres, of.tyres, 0, |index, text| {
            axles[index].tyres = at_axle(fields.tyres, index, text, tyres)?;
            Ok(())
        })
    }
}
