//! One record as a page: the vehicle drawn, the figures, the limits, how they came about, the
//! plates, the digests of the pictures, the proof.

use std::fmt;
use std::io::{self, Write};

use super::special;
use crate::command::assess::sentences;
use crate::command::figures::kmh;
use crate::command::ledger_source::Sealed;
use crate::command::picture;
use crate::command::table::table;
use crate::command::value::name;
use crate::command::words::words;
use crate::language::{Language, proper, row};
use crate::pipeline::assess::Assessment;
use crate::pipeline::passage::Passage;
use crate::pipeline::record::{Body, PassageRecord, Record};
use crate::units::{Kilograms, PerMyriad};

/// `is_as_sealed`: the proof is that of this record.
pub(super) fn write(
    (sealed, is_as_sealed): (&Sealed, bool),
    language: Language,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Record { id, site, occurred_at, body, provenance, .. } = &sealed.record;
    line(out, "RECORD", proper(id))?;
    line(out, "SITE", format!("{} {}", proper(&site.id), proper(&site.name)))?;
    line(out, "TIME", occurred_at)?;
    match body {
        Body::Passage(passage) => vehicle(passage, language, out)?,
        other => special::write(other, out)?,
    }
    pictures(&sealed.record, out)?;
    let (binary, parameters) =
        (short(&provenance.software_sha256), short(&provenance.parameters_sha256));
    let made_by = format!("wimd {}, binary {binary}, parameters {parameters}", provenance.software);
    writeln!(out)?;
    line(out, "MADE BY", made_by)?;
    let proof = &sealed.proof;
    if !is_as_sealed {
        line(out, "PROOF", "does not fit: this is not the record that was sealed")?;
        return line(out, "", format!("sequence {}, hash {}", proof.seq, proof.hash));
    }
    line(out, "PROOF", format!("sequence {}, key {}", proof.seq, proof.key))?;
    line(out, "", format!("hash {}", proof.hash))
}

/// A label of at most eight columns in every language, and what it says.
pub(super) fn line(out: &mut dyn Write, label: &str, said: impl fmt::Display) -> io::Result<()> {
    writeln!(out, "{label:<10}{said}")
}

fn vehicle(record: &PassageRecord, language: Language, out: &mut dyn Write) -> io::Result<()> {
    let PassageRecord { passage, assessment, pairing, .. } = record;
    line(out, "LANE", passage.lane.0)?;
    let plate = pairing.plate.as_ref().map_or_else(|| "-".to_owned(), proper);
    line(out, "PLATE", format!("{plate}  {}", words(&pairing.outcome)))?;
    let enforceable = if record.enforceable { "enforceable" } else { "not enforceable" };
    let verdict = words(&assessment.verdict).to_uppercase();
    line(out, "VERDICT", format!("{verdict}, {enforceable}"))?;
    for reason in &record.unenforceable {
        line(out, "", format!("- {}", words(reason)))?;
    }
    if let Some(lines) = picture::draw(&passage.axles) {
        writeln!(out)?;
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    axles(passage, out)?;
    figures(assessment, out)?;
    for sign in &record.evasion {
        line(out, "EVASION", format!("{}: {}", words(&sign.kind), sign.reasons.join("; ")))?;
    }
    if !passage.flags.is_empty() {
        for flag in &passage.flags {
            line(out, "FLAG", words(flag))?;
        }
    }
    writeln!(out, "\nHOW THE FIGURES CAME ABOUT")?;
    for (number, sentence) in sentences(assessment, language).iter().enumerate() {
        writeln!(out, "{:>3}. {sentence}", number + 1)?;
    }
    roles(record, out)
}

fn axles(passage: &Passage, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(["AXLE", "LOAD", "LEFT", "RIGHT", "SPACING", "SPEED", "TYRES"]);
    let kg = |mass: Option<Kilograms>| mass.map_or_else(|| "-".to_owned(), |mass| mass.to_string());
    for (number, axle) in passage.axles.iter().enumerate() {
        let speed = axle.speed_dkmh.map(kmh);
        table.add_row([
            (number + 1).to_string(),
            kg(axle.load_kg),
            kg(axle.left_kg),
            kg(axle.right_kg),
            axle.spacing_mm.map_or_else(|| "-".to_owned(), |spacing| spacing.to_string()),
            speed.unwrap_or_else(|| "-".to_owned()),
            name(&axle.tyres),
        ]);
    }
    writeln!(out, "\n{}\n", table)
}

fn figures(assessment: &Assessment, out: &mut dyn Write) -> io::Result<()> {
    let kg = |mass: Option<Kilograms>| mass.map_or_else(|| "-".to_owned(), |mass| mass.to_string());
    let gross = match (assessment.gross_kg, assessment.corrected_gross_kg) {
        (None, _) => "not measured".to_owned(),
        (Some(gross), None) => format!("{gross} as measured"),
        (Some(gross), Some(corrected)) => {
            let profile = &assessment.tolerance_profile;
            format!("{gross} measured, {corrected} after deduction ({profile})")
        }
    };
    line(out, "GROSS", gross)?;
    let table = &assessment.table;
    let limit = match (assessment.limit_kg, &assessment.limit_id) {
        (None, _) => "none: the vehicle could not be judged".to_owned(),
        (Some(limit), None) => format!("{limit} ({table})"),
        (Some(limit), Some(row)) => format!("{limit} ({row} of {table})"),
    };
    line(out, "LIMIT", limit)?;
    if let Some(judged) = assessment.judged_limit_kg.filter(|it| assessment.limit_kg != Some(*it)) {
        line(out, "", format!("judged as {judged} ({})", assessment.tolerance_profile))?;
    }
    if let Some(PerMyriad(rate)) = assessment.rate_permyriad {
        let percent = PerMyriad(rate).percent();
        line(out, "OVER", format!("{} = {percent} %", kg(assessment.excess_kg)))?;
        line(out, "", picture::bar(rate, 40))?;
    }
    for alarm in &assessment.alarms {
        line(out, "ALARM", words(alarm))?;
    }
    Ok(())
}

fn roles(record: &PassageRecord, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nCAMERAS")?;
    for role in &record.pairing.roles {
        let read = role.chosen.as_ref().map(|chosen| &chosen.plate_read);
        let text = read.and_then(|read| read.plate.text.as_deref()).unwrap_or("-");
        let camera = read.map_or_else(|| "-".to_owned(), |read| proper(&read.camera));
        let (role, outcome) = (format!("  {}", name(&role.role)), name(&role.outcome));
        writeln!(out, "{}", row([&*role, &camera, text, &outcome]))?;
    }
    Ok(())
}

fn pictures(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let pictures = record.pictures();
    if pictures.is_empty() {
        writeln!(out)?;
        return line(out, "PICTURES", "none");
    }
    writeln!(out, "\nPICTURES")?;
    for picture in pictures {
        writeln!(
            out,
            "  {} {} bytes, SHA-256 {}",
            proper(&picture.name),
            picture.bytes,
            picture.sha256
        )?;
    }
    Ok(())
}

fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}
