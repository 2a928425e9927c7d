//! The live table of `wimd demo` and `wimd monitor`: one line a record, for people.

use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

use crate::command::figures::time_of_day;
use crate::pipeline::assess::Verdict;
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::pairing::PairingOutcome;
use crate::pipeline::passage::Axle;
use crate::pipeline::record::{PassageRecord, Record};
use crate::units::Kilograms;

/// Widths of the columns; negative is flush right.
const COLUMNS: [(&str, i16); 8] = [
    ("time", 8),
    ("lane", -4),
    ("plate", 10),
    ("axles", 21),
    ("gross kg", -9),
    ("limit kg", -9),
    ("over %", -7),
    ("verdict", 0),
];

/// Distance for one dash of the axle picture, millimetres; our choice, so that a long
/// combination still fits its column.
const MILLIMETRES_PER_DASH: u32 = 1_800;

/// Axles closer than this are drawn as one group (grouping threshold, scales.md section 5).
const GROUP_MILLIMETRES: u32 = 2_000;

/// The line of column names.
pub(in crate::command) fn heading() -> String {
    let bold = Style::new().bold();
    format!("{bold}{}{bold:#}", line(COLUMNS.map(|(name, _)| name.to_owned())))
}

/// One record as a line.
pub(in crate::command) fn row(record: &Record, passage: &PassageRecord) -> String {
    let assessment = &passage.assessment;
    let text = line([
        time_of_day(&record.occurred_at.to_string()).to_owned(),
        passage.passage.lane.0.to_string(),
        plate(passage),
        axle_picture(&passage.passage.axles),
        mass(assessment.gross_kg),
        mass(assessment.limit_kg),
        assessment.rate_permyriad.map_or_else(|| "-".into(), |rate| rate.percent()),
        remarks(passage),
    ]);
    let style = style(passage);
    format!("{style}{text}{style:#}")
}

/// Axles as seen from the side, the front at the left: `o--oo---ooo`.
pub(in crate::command) fn axle_picture(axles: &[Axle]) -> String {
    let mut picture = String::new();
    for (position, axle) in axles.iter().enumerate() {
        match axle.spacing_mm {
            _ if position == 0 => {}
            None => picture.push('?'),
            Some(spacing) if spacing.0 <= GROUP_MILLIMETRES => {}
            Some(spacing) => {
                let dashes = (spacing.0 / MILLIMETRES_PER_DASH).clamp(1, 6);
                picture.extend((0..dashes).map(|_| '-'));
            }
        }
        picture.push('o');
    }
    picture
}

/// Thousands parted by a thin gap: `58 000`.
pub(in crate::command) fn mass(mass: Option<Kilograms>) -> String {
    let Some(Kilograms(kilograms)) = mass else {
        return "-".into();
    };
    if kilograms < 1_000 {
        return kilograms.to_string();
    }
    format!("{} {:03}", kilograms / 1_000, kilograms % 1_000)
}

fn plate(passage: &PassageRecord) -> String {
    match (&passage.pairing.plate, passage.pairing.outcome) {
        (Some(plate), _) => plate.clone(),
        (None, PairingOutcome::Paired) => "no plate".into(),
        (None, PairingOutcome::Ambiguous) => "ambiguous".into(),
        (None, PairingOutcome::Unpaired) => "-".into(),
    }
}

fn remarks(passage: &PassageRecord) -> String {
    let mut text = String::from(match passage.assessment.verdict {
        Verdict::Compliant => "ok",
        Verdict::Overload => "OVERLOAD",
        Verdict::Uncertain => "uncertain",
        Verdict::NotAssessable => "not assessable",
    });
    for sign in &passage.evasion {
        let _ = write!(text, " · {}", evasion_name(sign.kind));
    }
    if passage.assessment.gross_kg >= Some(Kilograms(crate::sim::archetype::HUNDRED_TONNES)) {
        text.push_str(" · 百吨王");
    }
    text
}

fn evasion_name(kind: EvasionKind) -> &'static str {
    match kind {
        EvasionKind::Straddling => "straddling 跨道",
        EvasionKind::WrongWay => "wrong way 逆行",
        EvasionKind::Tailgating => "nose to tail 首尾相连",
        EvasionKind::CoveredPlate => "plate covered 遮挡",
        EvasionKind::AbsentPlate => "no plate 无牌",
        EvasionKind::SolidLine => "solid line 压线",
        EvasionKind::SpeedGames => "speed games",
        EvasionKind::SDriving => "S-driving S 形",
        EvasionKind::LiftedAxle => "lifted axle 液压顶",
        EvasionKind::EmergencyLane => "emergency lane 应急车道",
    }
}

fn style(passage: &PassageRecord) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match passage.assessment.verdict {
        Verdict::Overload => colour(AnsiColor::Red).bold(),
        _ if !passage.evasion.is_empty() => colour(AnsiColor::Yellow),
        Verdict::Uncertain | Verdict::NotAssessable => colour(AnsiColor::Yellow),
        Verdict::Compliant => Style::new(),
    }
}

fn line(cells: [String; 8]) -> String {
    let mut text = String::new();
    for (cell, (_, width)) in cells.iter().zip(COLUMNS) {
        let wide = usize::from(width.unsigned_abs());
        let fill = " ".repeat(wide.saturating_sub(cell.width()));
        match width {
            1.. => text.extend([cell, &fill[..], "  "]),
            0 => text.push_str(cell),
            _ => text.extend([&fill[..], cell, "  "]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::pipeline::passage::Tyres;
    use crate::units::Millimetres;

    fn axle(spacing: Option<u32>) -> Axle {
        Axle {
            at: Timestamp(0),
            load_kg: None,
            left_kg: None,
            right_kg: None,
            spacing_mm: spacing.map(Millimetres),
            speed_dkmh: None,
            tyres: Tyres::Unknown,
        }
    }

    #[test]
    fn a_six_axle_articulated_vehicle_is_drawn_as_its_groups() {
        let axles: Vec<Axle> =
            [None, Some(3_300), Some(1_350), Some(6_500), Some(1_310), Some(1_310)]
                .map(axle)
                .to_vec();
        assert_eq!(axle_picture(&axles), "o-oo---ooo");
    }

    #[test]
    fn a_spacing_that_was_not_measured_is_drawn_as_a_question() {
        assert_eq!(axle_picture(&[axle(None), axle(None)]), "o?o");
    }

    #[test]
    fn masses_read_in_thousands() {
        let texts = [None, Some(Kilograms(7)), Some(Kilograms(103_005))].map(mass);
        assert_eq!(texts, ["-".to_owned(), "7".to_owned(), "103 005".to_owned()]);
    }

    #[test]
    fn columns_keep_their_width_with_chinese_plates() {
        let cells =
            |plate: &str| ["12:00:00", "1", plate, "o--o", "1", "2", "3", "ok"].map(str::to_owned);
        assert_eq!(line(cells("赣H12345")).width(), line(cells("GH1234AB")).width());
    }
}
