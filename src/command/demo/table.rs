//! The live table of `wimd demo` and `wimd monitor`: one line a record, for people. None is wider
//! than a terminal of 80 columns.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::command::figures::time_of_day;
use crate::command::value::name;
use crate::pipeline::assess::Verdict;
use crate::pipeline::pairing::PairingOutcome;
use crate::pipeline::passage::Axle;
use crate::pipeline::record::{PassageRecord, Record};
use crate::units::Kilograms;

/// Widths of the columns; negative is flush right. The widest plate is 赣FVJ22挂; masses are in kg.
const COLUMNS: [(&str, i16); 8] = [
    ("time", 8),
    ("lane", -4),
    ("plate", 9),
    ("axles", AXLES_WIDTH),
    ("gross", -7),
    ("limit", -6),
    ("over %", -6),
    ("verdict", 0),
];

/// Columns of the axle picture.
const AXLES_WIDTH: i16 = 9;

/// Columns that the others leave for the verdict and the signs.
const REMARKS_WIDTH: usize = 17;

const NOT_JUDGED: &str = "not judged";

/// Distance for one dash of the axle picture, millimetres; our choice, so that a long
/// combination still fits its column.
const MILLIMETRES_PER_DASH: u32 = 2_600;

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

/// Axles as seen from the side, the front at the left: `o-oo--ooo`; without room for it how many
/// they are.
pub(in crate::command) fn axle_picture(axles: &[Axle]) -> String {
    let fits = |picture: &String| picture.len() <= usize::from(AXLES_WIDTH.unsigned_abs());
    let pictures = [6, 1].map(|longest| drawn(axles, longest));
    pictures.into_iter().find(fits).unwrap_or_else(|| format!("{} axles", axles.len()))
}

/// With at most so many dashes between two axles.
fn drawn(axles: &[Axle], longest: u32) -> String {
    let mut picture = String::new();
    for (position, axle) in axles.iter().enumerate() {
        match axle.spacing_mm {
            _ if position == 0 => {}
            None => picture.push('?'),
            Some(spacing) if spacing.0 <= GROUP_MILLIMETRES => {}
            Some(spacing) => {
                let dashes = (spacing.0 / MILLIMETRES_PER_DASH).clamp(1, longest);
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

/// The verdict and the signs of evasion, as far as there is room, and how many more there are.
fn remarks(passage: &PassageRecord) -> String {
    let verdict = match passage.assessment.verdict {
        Verdict::Compliant => "ok",
        Verdict::Overload => "OVERLOAD",
        Verdict::Uncertain => "uncertain",
        Verdict::NotAssessable => NOT_JUDGED,
    };
    let hundred = Kilograms(crate::sim::archetype::HUNDRED_TONNES);
    let hundred = passage.assessment.gross_kg >= Some(hundred);
    let hundred = hundred.then(|| "百吨王".to_owned());
    let evasion = passage.evasion.iter().map(|sign| name(&sign.kind).replace('_', " "));
    let signs: Vec<String> = hundred.into_iter().chain(evasion).collect();
    // the rate says that there is none, too
    let shorter = if verdict == NOT_JUDGED { "-" } else { verdict };
    (0..=signs.len())
        .rev()
        .flat_map(|shown| [verdict, shorter].map(|verdict| with_signs(verdict, &signs, shown)))
        .find(|text| text.width() <= REMARKS_WIDTH)
        .unwrap_or_else(|| verdict.to_owned())
}

/// So many of the signs behind the verdict.
fn with_signs(verdict: &str, signs: &[String], shown: usize) -> String {
    let mut text = verdict.to_owned();
    for sign in &signs[..shown] {
        text.extend([" · ", sign]);
    }
    match signs.len() - shown {
        0 => text,
        more => format!("{text} · +{more}"),
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
        assert_eq!(axle_picture(&axles), "o-oo--ooo");
    }

    #[test]
    fn a_picture_never_leaves_its_column() {
        let far = |count: usize| vec![axle(Some(12_000)); count];
        assert_eq!(axle_picture(&far(3)), "o-o-o");
        assert_eq!(axle_picture(&far(6)), "6 axles");
        assert_eq!(axle_picture(&vec![axle(Some(1_300)); 12]), "12 axles");
    }

    #[test]
    fn the_widest_row_has_eighty_columns_and_tells_how_many_signs_it_leaves_out() {
        let columns = COLUMNS.map(|(_, width)| usize::from(width.unsigned_abs()));
        let before: usize = columns.iter().filter(|width| **width > 0).map(|width| width + 2).sum();
        assert_eq!(before + REMARKS_WIDTH, 80);
        let signs = ["百吨王", "straddling", "wrong way"].map(str::to_owned);
        let told = [0, 1, 2, 3].map(|shown| with_signs("OVERLOAD", &signs, shown));
        let expected = [
            "OVERLOAD · +3",
            "OVERLOAD · 百吨王 · +2",
            "OVERLOAD · 百吨王 · straddling · +1",
            "OVERLOAD · 百吨王 · straddling · wrong way",
        ];
        assert_eq!(told, expected);
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
