//! One row: every value in its range, and no key that its kind does not have.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use std::ops::Range;
use toml::Spanned;

use super::{citation, kilograms, period};
use crate::config::limits::Problems;
use crate::config::limits::raw::RawRow;
use crate::pipeline::limits::{AxleRow, GrossRow, MAX_AXLES, Period, Split, VehicleKind};
use crate::units::Millimetres;

/// A distance outside of these is a slip of the pen: no spacing is longer than a vehicle.
const DISTANCE_MM: std::ops::RangeInclusive<i64> = 1..=20_000;

/// Reads one row.
pub(super) struct Reader<'a, 'b, 'c> {
    row: &'a RawRow,
    offset: usize,
    problems: &'b mut Problems<'c>,
}

impl<'a, 'b, 'c> Reader<'a, 'b, 'c> {
    pub(super) fn new(row: &'a RawRow, offset: usize, problems: &'b mut Problems<'c>) -> Self {
        Self { row, offset, problems }
    }

    /// A gross row; `None` when its vehicle is unknown.
    pub(super) fn gross(&mut self) -> Option<GrossRow> {
        let row = self.row;
        self.refuse(
            "axle_group",
            [
                ("tyres", span(row.tyres.as_ref())),
                ("tyre_width_min_mm", span(row.tyre_width_min_mm.as_ref())),
                ("driven", span(row.driven.as_ref())),
                ("spacing_min_mm", span(row.spacing_min_mm.as_ref())),
                ("spacing_max_mm", span(row.spacing_max_mm.as_ref())),
            ],
        );
        let axles = self.axles();
        let splits = self.splits(axles);
        let vehicle: VehicleKind = self.vehicle()?;
        if row.axles.is_none() && vehicle.is_whole_vehicle() {
            self.add(self.offset, "axles: missing");
        }
        Some(GrossRow {
            id: row.id.get_ref().as_str().into(),
            axles,
            or_more: row.or_more.as_ref().is_some_and(|more| *more.get_ref()),
            splits,
            vehicle,
            suspension: row.suspension,
            drive: row.drive.as_ref().map(|value| *value.get_ref()),
            trailer_spacing_min: self
                .distance("trailer_spacing_min_mm", row.trailer_spacing_min_mm.as_ref()),
            limit: self.limit(),
            article: citation("article", (&row.article, row.article_zh.as_ref()), self.problems),
            effective: self.period(),
            confidence: row.confidence,
        })
    }

    /// An axle-group row; `None` when its bearer or axle count is unknown.
    pub(super) fn axle(&mut self) -> Option<AxleRow> {
        let row = self.row;
        let split = row.split.as_ref().and_then(|splits| splits.first());
        self.refuse(
            "gross",
            [
                ("or_more", span(row.or_more.as_ref())),
                ("split", span(split)),
                ("drive", span(row.drive.as_ref())),
                ("trailer_spacing_min_mm", span(row.trailer_spacing_min_mm.as_ref())),
            ],
        );
        let bearer = self.vehicle();
        let axles = self.axles();
        if row.axles.is_none() {
            self.add(self.offset, "axles: missing");
        }
        let spacing_min = self.distance("spacing_min_mm", row.spacing_min_mm.as_ref());
        let spacing_max = self.distance("spacing_max_mm", row.spacing_max_mm.as_ref());
        if let (Some(least), Some(most), Some(value)) =
            (spacing_min, spacing_max, &row.spacing_max_mm)
            && most < least
        {
            self.add(value.span().start, "spacing_max_mm: is below spacing_min_mm");
        }
        Some(AxleRow {
            id: row.id.get_ref().as_str().into(),
            axles: axles?,
            bearer: bearer?,
            tyres: row.tyres.as_ref().map(|value| *value.get_ref()),
            tyre_width_min: self.distance("tyre_width_min_mm", row.tyre_width_min_mm.as_ref()),
            driven: row.driven.as_ref().map(|value| *value.get_ref()),
            suspension: row.suspension,
            spacing_min,
            spacing_max,
            limit: self.limit(),
            article: citation("article", (&row.article, row.article_zh.as_ref()), self.problems),
            effective: self.period(),
            confidence: row.confidence,
        })
    }

    fn add(&mut self, offset: usize, what: &str) {
        let id = self.row.id.get_ref();
        self.problems.add(offset, format!("{id}: {what}"));
    }

    /// The vehicle or bearer, by its name in the table.
    fn vehicle<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let value = &self.row.vehicle;
        let name: StrDeserializer<'a, Error> = value.get_ref().as_str().into_deserializer();
        match T::deserialize(name) {
            Ok(known) => Some(known),
            Err(mistake) => {
                self.add(value.span().start, &format!("vehicle: {mistake}"));
                None
            }
        }
    }

    fn axles(&mut self) -> Option<u8> {
        let value = self.row.axles.as_ref()?;
        let axles = u8::try_from(*value.get_ref())
            .ok()
            .filter(|axles| (1..=MAX_AXLES).contains(&usize::from(*axles)));
        if axles.is_none() {
            let what = format!("axles: {} is not from 1 to {MAX_AXLES}", value.get_ref());
            self.add(value.span().start, &what);
        }
        axles
    }

    fn splits(&mut self, axles: Option<u8>) -> Vec<Split> {
        let mut splits = Vec::new();
        for value in self.row.split.iter().flatten() {
            match value.get_ref().parse::<Split>() {
                Ok(split) if axles.is_none_or(|axles| split.axles() == usize::from(axles)) => {
                    splits.push(split);
                }
                Ok(split) => {
                    let what = format!("split: {split} has {} axles", split.axles());
                    self.add(value.span().start, &what);
                }
                Err(mistake) => self.add(value.span().start, &format!("split: {mistake}")),
            }
        }
        splits
    }

    fn distance(&mut self, key: &str, value: Option<&Spanned<i64>>) -> Option<Millimetres> {
        let value = value?;
        let millimetres = *value.get_ref();
        if !DISTANCE_MM.contains(&millimetres) {
            let (least, most) = DISTANCE_MM.into_inner();
            let what = format!("{key}: {millimetres} is not from {least} to {most}");
            self.add(value.span().start, &what);
        }
        u32::try_from(millimetres).ok().map(Millimetres)
    }

    fn limit(&mut self) -> crate::units::Kilograms {
        let key = format!("{}: limit_kg", self.row.id.get_ref());
        kilograms(&key, &self.row.limit_kg, self.problems)
    }

    fn period(&mut self) -> Period {
        let row = self.row;
        period(row.effective_from.as_ref(), row.effective_to.as_ref(), self.problems)
    }

    /// Refuses keys that only rows of the other kind have.
    fn refuse<const N: usize>(&mut self, kind: &str, keys: [(&str, Option<Range<usize>>); N]) {
        for (key, span) in keys {
            if let Some(span) = span {
                self.add(span.start, &format!("{key}: is for {kind} rows only"));
            }
        }
    }
}

fn span<T>(value: Option<&Spanned<T>>) -> Option<Range<usize>> {
    value.map(Spanned::span)
}
