//! The columns of a list: their names, and where they stand.

use csv::StringRecord;

use crate::command::assess::input::{Description, FieldError, Fields};
use crate::command::refusal::note;

/// Their names.
pub(super) const COLUMNS: Fields = Fields {
    loads: "loads_kg",
    spacings: "spacings_mm",
    left: "left_kg",
    right: "right_kg",
    tyres: "tyres",
    length: "length_mm",
    speed: "speed_kmh",
    date: "date",
    suspension: "suspension",
    drive: "drive",
    registered: "registered_kg",
    wide_tyres: "wide_tyres",
    farm_vehicle: "farm_vehicle",
    dump_truck: "dump_truck",
    sides: "left_kg/right_kg",
    table: "loads_kg",
};

/// Where the columns stand.
pub(super) struct Places {
    pub(super) id: Option<usize>,
    loads: usize,
    rest: [Option<usize>; 13],
}

impl Places {
    pub(super) fn of(headers: &StringRecord) -> Result<Self, FieldError> {
        let place = |name: &str| headers.iter().position(|header| header.trim() == name);
        let loads = place(COLUMNS.loads)
            .ok_or_else(|| FieldError::new(COLUMNS.loads, "the list has no such column"))?;
        let rest = [
            COLUMNS.spacings,
            COLUMNS.left,
            COLUMNS.right,
            COLUMNS.tyres,
            COLUMNS.length,
            COLUMNS.speed,
            COLUMNS.date,
            COLUMNS.suspension,
            COLUMNS.drive,
            COLUMNS.registered,
            COLUMNS.wide_tyres,
            COLUMNS.farm_vehicle,
            COLUMNS.dump_truck,
        ];
        let known =
            |header: &str| ["id", COLUMNS.loads].contains(&header) || rest.contains(&header);
        for header in headers.iter().map(str::trim).filter(|header| !known(header)) {
            note(&format!("the column {header} is none that is known, and is passed over"));
        }
        Ok(Self { id: place("id"), loads, rest: rest.map(place) })
    }

    pub(super) fn description<'a>(&self, record: &'a StringRecord) -> Description<'a> {
        let text = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or("");
        let [measured @ .., wide_tyres, farm_vehicle, dump_truck] = self.rest.map(text);
        let [spacings, left, right, tyres, length, speed, date, suspension, drive, registered] =
            measured;
        Description {
            loads: text(Some(self.loads)),
            spacings,
            left,
            right,
            tyres,
            length,
            speed,
            date,
            suspension,
            drive,
            registered,
            wide_tyres,
            farm_vehicle,
            dump_truck,
        }
    }
}
