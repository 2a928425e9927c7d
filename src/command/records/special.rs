//! Records that are no weighed vehicle, as pages: a label and what it says, one below the other.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use super::page::line;
use crate::command::table::table;
use crate::command::value::bytes;
use crate::command::words::{said, words};
use crate::language::proper;
use crate::pipeline::evasion::EvasionSign;
use crate::pipeline::plate::{Plate, PlateColour};
use crate::pipeline::record::{
    Alarm, Audit, Body, Calibrated, CameraGap, Eviction, Gap, Joint, Supplement,
};
use crate::units::{Kilograms, Lane};

pub(super) fn write(body: &Body, out: &mut dyn Write) -> io::Result<()> {
    match body {
        Body::Passage(_) => Ok(()),
        Body::Supplement(supplement) => self::supplement(supplement, out),
        Body::Joint(joint) => self::joint(joint, out),
        Body::Gap(gap) => self::gap(gap, out),
        Body::CameraGap(gap) => camera_gap(gap, out),
        Body::Alarm(alarm) => self::alarm(alarm, out),
        Body::Audit(audit) => self::audit(audit, out),
        Body::Calibration(calibrated) => calibration(calibrated, out),
        Body::Reconciliation(figures) => super::figures::write(figures, out),
        Body::Eviction(eviction) => self::eviction(eviction, out),
    }
}

fn supplement(supplement: &Supplement, out: &mut dyn Write) -> io::Result<()> {
    let read = &supplement.plate_read;
    line(out, "KIND", "camera event without a vehicle of its own")?;
    line(out, "WHY", words(&supplement.reason))?;
    if let Some(id) = &supplement.refers_to {
        line(out, "OF", format!("record {}", proper(id)))?;
    }
    line(out, "CAMERA", format!("{}  {}", proper(&read.camera), words(&read.role)))?;
    if let Some(lane) = read.lane {
        line(out, "LANE", lane.0)?;
    }
    line(out, "PLATE", plate(&read.plate))?;
    if let Some(stamp) = read.stamp {
        line(out, "STAMP", stamp.at)?;
    }
    line(out, "CAME", read.received_at)?;
    if let Some(late) = &read.late {
        line(out, "LATE", words(late))?;
    }
    evasion(&supplement.evasion, out)
}

/// A plate with how it was seen.
fn plate(plate: &Plate) -> String {
    let text = plate.text.as_ref().map_or_else(|| "-".to_owned(), proper);
    let colour = match plate.colour {
        PlateColour::Unknown => String::new(),
        colour => format!("  {}", words(&colour)),
    };
    format!("{text}  {}{colour}", words(&plate.state))
}

fn joint(joint: &Joint, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "both halves of a vehicle astride two lanes")?;
    for (id, Lane(lane)) in joint.halves.iter().zip(&joint.lanes) {
        line(out, "HALF", [format!("lane {lane}"), proper(id)].join("  "))?;
    }
    line(out, "PLATE", joint.plate.as_ref().map_or_else(|| "-".to_owned(), proper))?;
    line(out, "GROSS", mass(joint.gross_kg))?;
    evasion(&joint.evasion, out)?;
    let mut axles = table(["AXLE", "LOAD", "HALVES", "SPACING"]);
    for (number, axle) in joint.axles.iter().enumerate() {
        let halves: Vec<String> = axle.halves_kg.iter().map(|half| mass(*half)).collect();
        let spacing = axle.spacing_mm.map_or_else(|| "-".to_owned(), |mm| mm.to_string());
        axles.add_row([(number + 1).to_string(), mass(axle.load_kg), halves.join(" + "), spacing]);
    }
    writeln!(out, "\n{axles}")
}

fn mass(mass: Option<Kilograms>) -> String {
    mass.map_or_else(|| "not measured".to_owned(), |mass| mass.to_string())
}

fn gap(gap: &Gap, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "events of a controller that cannot be had any more")?;
    line(out, "FROM", format!("controller {}, boot {}", gap.controller, gap.boot_id))?;
    match (gap.first_sequence, gap.last_sequence) {
        (first, Some(last)) => line(out, "EVENTS", format!("{first} to {last}"))?,
        (first, None) => line(out, "EVENTS", format!("{first} and any after it"))?,
    }
    line(out, "WHY", said(&gap.reason))
}

fn camera_gap(gap: &CameraGap, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "a time in which nothing could come from a camera")?;
    line(out, "CAMERA", proper(&gap.camera))?;
    let from = gap.from.map_or_else(|| "the start of the daemon".to_owned(), |at| at.to_string());
    line(out, "FROM", from)?;
    line(out, "TO", gap.to)?;
    line(out, "WHY", said(&gap.reason))
}

fn alarm(alarm: &Alarm, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "something that a person must act on")?;
    line(out, "ALARM", said(&alarm.name))?;
    if let Some(lane) = alarm.lane {
        line(out, "LANE", lane.0)?;
    }
    line(out, "TEXT", &alarm.text)
}

fn audit(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "something that was done to the site")?;
    line(out, "WHAT", said(&audit.event))?;
    line(out, "SOURCE", &audit.source)?;
    for (label, value) in [("BEFORE", &audit.before), ("AFTER", &audit.after)] {
        if !value.is_empty() {
            line(out, label, proper(value))?;
        }
    }
    Ok(())
}

fn calibration(calibrated: &Calibrated, out: &mut dyn Write) -> io::Result<()> {
    let calibration = &calibrated.calibration;
    line(out, "KIND", format!("calibration {}", calibrated.count))?;
    line(out, "BY", proper(&calibration.performed_by))?;
    let reference = &calibration.reference;
    let vehicle = reference.plate.as_ref().map_or_else(|| "-".to_owned(), proper);
    let mass = format!("{} axles, {}", reference.axles, reference.gross_kg);
    line(out, "VEHICLE", format!("{vehicle}  {mass}"))?;
    for lane in &calibration.lanes {
        let factor = lane.factor_permyriad.0;
        let factor = format!("factor {}.{:04}", factor / 10_000, factor % 10_000);
        let (number, runs) = (lane.lane.0, lane.runs.len());
        let runs = format!("{runs} runs");
        line(out, "LANE", [number.to_string(), factor, runs].join("  "))?;
    }
    Ok(())
}

fn eviction(eviction: &Eviction, out: &mut dyn Write) -> io::Result<()> {
    line(out, "KIND", "what had to go to make room")?;
    line(out, "WHAT", format!("{}  {}", words(&eviction.what), eviction.count()))?;
    line(out, "WHY", words(&eviction.reason))?;
    line(out, "FREED", bytes(eviction.bytes))?;
    if eviction.lanes.is_empty() {
        return Ok(());
    }
    let mut lanes = table(["LANE", "COUNT", "FIRST SEQ", "LAST SEQ"]);
    for lane in &eviction.lanes {
        let name = lane.lane.map_or_else(|| "-".to_owned(), |lane| lane.0.to_string());
        let figures = [lane.count, lane.first, lane.last].map(|figure| figure.to_string());
        let [count, first, last] = figures;
        lanes.add_row([name, count, first, last]);
    }
    writeln!(out, "\n{lanes}")
}

fn evasion(signs: &[EvasionSign], out: &mut dyn Write) -> io::Result<()> {
    signs.iter().try_for_each(|sign| {
        line(out, "EVASION", format!("{}: {}", words(&sign.kind), sign.reasons.join("; ")))
    })
}
