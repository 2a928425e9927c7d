//! One record as a page: the vehicle drawn, the figures, the limits, how they came about, the
//! plates, the digests of the pictures, the proof.

use std::io::{self, Write};

use crate::command::assess::sentences;
use crate::command::figures::kmh;
use crate::command::ledger_source::Sealed;
use crate::command::picture;
use crate::command::table::table;
use crate::command::value::name;
use crate::language::{Language, proper, row};
use crate::pipeline::assess::Assessment;
use crate::pipeline::passage::Passage;
use crate::pipeline::record::{Body, PassageRecord, Record};
use crate::units::{Kilograms, PerMyriad};

pub(super) fn write(sealed: &Sealed, language: Language, out: &mut dyn Write) -> io::Result<()> {
    let Record { id, site, occurred_at, body, provenance, .. } = &sealed.record;
    writeln!(out, "RECORD   {id}")?;
    writeln!(out, "SITE     {} {}", proper(&site.id), proper(&site.name))?;
    writeln!(out, "TIME     {occurred_at}")?;
    match body {
        Body::Passage(passage) => vehicle(passage, language, out)?,
        other => {
            let text = serde_json::to_string_pretty(other).unwrap_or_default();
            writeln!(out, "{text}")?;
        }
    }
    pictures(&sealed.record, out)?;
    writeln!(
        out,
        "\nMADE BY  wimd {}, binary {}, parameters {}",
        provenance.software,
        short(&provenance.software_sha256),
        short(&provenance.parameters_sha256),
    )?;
    let proof = &sealed.proof;
    writeln!(out, "PROOF    sequence {}, key {}", proof.seq, proof.key)?;
    writeln!(out, "         hash {}", proof.hash)
}

fn vehicle(record: &PassageRecord, language: Language, out: &mut dyn Write) -> io::Result<()> {
    let PassageRecord { passage, assessment, pairing, .. } = record;
    writeln!(out, "LANE     {}", passage.lane.0)?;
    let plate = pairing.plate.as_deref().unwrap_or("-");
    writeln!(out, "PLATE    {plate}  {}", name(&pairing.outcome))?;
    let enforceable = if record.enforceable { "enforceable" } else { "not enforceable" };
    writeln!(out, "VERDICT  {}, {enforceable}", name(&assessment.verdict).to_uppercase())?;
    for reason in &record.unenforceable {
        writeln!(out, "         -  {}", name(reason))?;
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
        writeln!(out, "EVASION  {}: {}", name(&sign.kind), sign.reasons.join("; "))?;
    }
    if !passage.flags.is_empty() {
        let flags: Vec<String> = passage.flags.iter().map(name).collect();
        writeln!(out, "FLAGS    {}", flags.join(", "))?;
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
    writeln!(
        out,
        "GROSS    {} measured, {} after deduction ({})",
        kg(assessment.gross_kg),
        kg(assessment.corrected_gross_kg),
        assessment.tolerance_profile,
    )?;
    let row = assessment.limit_id.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    writeln!(out, "LIMIT    {} ({row} of {})", kg(assessment.judged_limit_kg), assessment.table)?;
    if let Some(PerMyriad(rate)) = assessment.rate_permyriad {
        let percent = PerMyriad(rate).percent();
        writeln!(out, "OVER     {} = {percent} %", kg(assessment.excess_kg))?;
        writeln!(out, "         {}", picture::bar(rate, 40))?;
    }
    for alarm in &assessment.alarms {
        writeln!(out, "ALARM    {}", name(alarm))?;
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
        return writeln!(out, "\nPICTURES none");
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
