//! A vehicle drawn to scale: wheels at their spacings, loads below, the bar of the rate.

use crate::pipeline::passage::{Axle, Tyres};

/// Columns from the first wheel to the last.
const WIDTH: usize = 60;

/// Columns before the first wheel.
const MARGIN: usize = 4;

/// The lines of the picture; `None` when an axle's place is not known.
pub(in crate::command) fn draw(axles: &[Axle]) -> Option<Vec<String>> {
    let places = places(axles)?;
    let last = *places.last()?;
    let mut wheels = vec![' '; last + MARGIN + 4];
    for (axle, place) in axles.iter().zip(&places) {
        let wheel = match axle.tyres {
            Tyres::Dual => ['(', '8', ')'],
            Tyres::Single | Tyres::Unknown => ['(', 'o', ')'],
        };
        for (offset, letter) in wheel.into_iter().enumerate() {
            wheels[place + MARGIN - 1 + offset] = letter;
        }
    }
    let body = format!("{}[{}]", " ".repeat(MARGIN - 2), "=".repeat(last + 3));
    let load = |axle: &Axle| match axle.load_kg {
        Some(load) => format!("{}.{}t", load.0 / 1_000, load.0 % 1_000 / 100),
        None => "?".to_owned(),
    };
    let loads: Vec<String> = axles.iter().map(load).collect();
    let wheels: String = wheels.into_iter().collect();
    let mut lines = vec![body, wheels.trim_end().to_owned()];
    lines.extend(written(&loads, &places));
    Some(lines)
}

/// Texts centred below their places, on as many lines as they need not to touch.
fn written(texts: &[String], places: &[usize]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (text, place) in texts.iter().zip(places) {
        let begin = (place + MARGIN).saturating_sub(text.chars().count() / 2);
        let free = lines.iter().position(|line| line.is_empty() || line.chars().count() < begin);
        let line = match free {
            Some(number) => &mut lines[number],
            None => {
                lines.push(String::new());
                let number = lines.len() - 1;
                &mut lines[number]
            }
        };
        let gap = begin.saturating_sub(line.chars().count());
        line.push_str(&" ".repeat(gap));
        line.push_str(text);
    }
    lines
}

/// Columns of the wheels, at least four apart so that each can be seen.
fn places(axles: &[Axle]) -> Option<Vec<usize>> {
    let mut millimetres = vec![0_usize];
    for axle in axles.iter().skip(1) {
        let spacing = usize::try_from(axle.spacing_mm?.0).ok()?;
        millimetres.push(millimetres.last()? + spacing);
    }
    if axles.is_empty() {
        return None;
    }
    let whole = (*millimetres.last()?).max(1);
    let mut places: Vec<usize> = Vec::new();
    for distance in millimetres {
        let least = places.last().map_or(0, |before| before + 4);
        places.push((distance * WIDTH / whole).max(least));
    }
    Some(places)
}

/// A bar of that many columns; full at 100 % over.
pub(in crate::command) fn bar(permyriad: u32, columns: usize) -> String {
    let share = usize::try_from(permyriad).map_or(columns, |rate| rate * columns / 10_000);
    let filled = share.min(columns);
    format!("[{}{}]", "#".repeat(filled), ".".repeat(columns - filled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::units::{Kilograms, Millimetres};

    fn axle(load: u32, spacing: Option<u32>, tyres: Tyres) -> Axle {
        Axle {
            at: Timestamp(0),
            load_kg: Some(Kilograms(load)),
            left_kg: None,
            right_kg: None,
            spacing_mm: spacing.map(Millimetres),
            speed_dkmh: None,
            tyres,
        }
    }

    #[test]
    fn wheels_stand_at_their_spacings_with_their_loads_below() {
        let axles = [
            axle(6_400, None, Tyres::Single),
            axle(11_850, Some(3_300), Tyres::Dual),
            axle(11_000, Some(6_700), Tyres::Unknown),
        ];
        let drawn = draw(&axles).expect("every place is known");
        let gap = |columns: usize| " ".repeat(columns);
        let expected = [
            format!("  [{}]", "=".repeat(63)),
            format!("   (o){}(8){}(o)", gap(16), gap(38)),
            format!("  6.4t{}11.8t{}11.0t", gap(15), gap(36)),
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_place_that_is_not_known_is_not_drawn() {
        assert_eq!(draw(&[axle(1, None, Tyres::Single), axle(1, None, Tyres::Single)]), None);
        assert_eq!(draw(&[]), None);
    }

    #[test]
    fn the_bar_is_full_at_a_hundred_per_cent() {
        assert_eq!(bar(0, 40), format!("[{}]", ".".repeat(40)));
        assert_eq!(bar(2_600, 20), format!("[{}{}]", "#".repeat(5), ".".repeat(15)));
        assert_eq!(bar(25_000, 40), format!("[{}]", "#".repeat(40)));
    }
}
