//! A lane with its last vehicle: drawn to scale, figures, bar of the rate, verdict, match.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::clock::Timestamp;
use crate::command::demo::table::{axle_picture, mass};
use crate::command::figures::time_of_day;
use crate::command::picture;
use crate::command::value::{Part, name};
use crate::pipeline::assess::{Assessment, Verdict};
use crate::pipeline::passage::Passage;
use crate::pipeline::record::{Body, PassageRecord, Record};

/// Lines of a lane: title, vehicle with loads on up to two lines, figures, verdict.
pub(super) const LINES: u16 = 7;
/// Lines of them for the vehicle.
const PICTURE_LINES: usize = 4;

/// The lines of one lane.
pub(super) fn lines(number: u8, last: Option<&Record>, state: Part<'_>) -> Vec<Line<'static>> {
    let vehicle = last.and_then(|record| match &record.body {
        Body::Passage(passage) => Some((record.occurred_at, &**passage)),
        _ => None,
    });
    let Some((at, record)) = vehicle else {
        let title = format!("LANE {number}  no vehicle yet");
        return vec![Line::styled(title, Style::new().add_modifier(Modifier::BOLD))];
    };
    let mut lines = vec![title(number, at, record, state)];
    let drawn = picture::draw(&record.passage.axles);
    let drawn = drawn.unwrap_or_else(|| vec![axle_picture(&record.passage.axles)]);
    lines.extend(drawn.into_iter().take(PICTURE_LINES).map(Line::from));
    lines.resize(1 + PICTURE_LINES, Line::default());
    lines.push(figures(&record.assessment));
    lines.push(verdict(record));
    lines
}

/// The colour of a vehicle, as in the records that are printed.
fn style(record: &PassageRecord) -> Style {
    match record.assessment.verdict {
        Verdict::Overload => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        _ if !record.evasion.is_empty() => Style::new().fg(Color::Yellow),
        Verdict::Uncertain | Verdict::NotAssessable => Style::new().fg(Color::Yellow),
        Verdict::Compliant => Style::new(),
    }
}

/// A vehicle as one line of at most 78 columns, unless it has many signs of evasion.
pub(super) fn short(record: &Record, passage: &PassageRecord) -> Line<'static> {
    let time = record.occurred_at.to_string();
    let plate = passage.pairing.plate.as_deref().unwrap_or("-");
    let fill = " ".repeat(10_usize.saturating_sub(plate.width()));
    let assessment = &passage.assessment;
    let rate = assessment.rate_permyriad.map_or_else(|| "-".to_owned(), |rate| rate.percent());
    let signs: String = signs(passage).map(|sign| format!(" · {sign}")).collect();
    let text = format!(
        "{}  {:>2}  {plate}{fill}  {:>8} kg  {rate:>7} %  {}{signs}",
        time_of_day(&time),
        passage.passage.lane.0,
        mass(assessment.gross_kg),
        word(assessment.verdict),
    );
    Line::styled(text, style(passage))
}

/// Alarms and signs of evasion.
fn signs(record: &PassageRecord) -> impl Iterator<Item = String> {
    let alarms = record.assessment.alarms.iter().map(name);
    let evasion = record.evasion.iter().map(|sign| name(&sign.kind));
    alarms.chain(evasion).map(|sign| sign.replace('_', " "))
}

fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Compliant => "ok".to_owned(),
        verdict => name(&verdict).to_uppercase().replace('_', " "),
    }
}

fn title(number: u8, passed: Timestamp, record: &PassageRecord, state: Part<'_>) -> Line<'static> {
    let Passage { speed_dkmh, length_mm, axles, .. } = &record.passage;
    let plate = record.pairing.plate.as_deref().unwrap_or("no plate");
    let speed = speed_dkmh.map_or_else(|| "- km/h".to_owned(), |v| format!("{} km/h", v.0 / 10));
    let length = length_mm
        .map_or_else(|| "- m".to_owned(), |l| format!("{}.{} m", l.0 / 1_000, l.0 % 1_000 / 100));
    let ago = state.at().map(|at| (at - passed).0.max(0) / 1_000_000);
    let ago = ago.map_or_else(String::new, |seconds| format!("{seconds} s ago"));
    let bold = Style::new().add_modifier(Modifier::BOLD);
    Line::from(vec![
        Span::styled(format!("LANE {number}  {plate}"), bold),
        Span::raw(format!("  {} axles  {length}  {speed}  {ago}", axles.len())),
    ])
}

fn figures(assessment: &Assessment) -> Line<'static> {
    let rate = assessment.rate_permyriad;
    let over = rate.map_or_else(|| "-".to_owned(), |rate| rate.percent());
    Line::from(format!(
        "gross {} kg  limit {} kg  over {over} %  {}",
        mass(assessment.gross_kg),
        mass(assessment.judged_limit_kg),
        picture::bar(rate.map_or(0, |rate| rate.0), 20),
    ))
}

/// The verdict, why it is not enforceable, and how surely the plate is this vehicle's.
fn verdict(record: &PassageRecord) -> Line<'static> {
    let word = word(record.assessment.verdict);
    let margins = record.pairing.roles.iter().filter_map(|role| role.chosen.as_ref()?.margin);
    let outcome = name(&record.pairing.outcome);
    let plate = match margins.min() {
        Some(margin) => {
            format!("  plate {outcome} margin {}.{}", margin / 1_000, margin % 1_000 / 100)
        }
        None => format!("  plate {outcome}"),
    };
    let mut spans = vec![Span::styled(word, style(record)), Span::raw(plate)];
    let over = record.assessment.verdict != Verdict::Compliant;
    let reason = record.unenforceable.first().filter(|_| over);
    if record.enforceable {
        spans.push(Span::raw("  enforceable"));
    } else if let Some(reason) = reason {
        let more = record.unenforceable.len() - 1;
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        spans.push(Span::raw(format!("  not enforceable: {}{more}", name(reason))));
    }
    let yellow = Style::new().fg(Color::Yellow);
    spans.extend(signs(record).map(|sign| Span::styled(format!("  {sign}"), yellow)));
    Line::from(spans)
}
