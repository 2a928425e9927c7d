//! The screen beside its golden texts. `WIMD_BLESS=1 cargo test --lib monitor` writes them anew.

mod traffic;

use std::fs;
use std::path::{Path, PathBuf};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::screen::{View, draw};
use super::site::Site;
use crate::language::Translator;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/monitor").join(name)
}

/// A site of two lanes at work.
fn site_at_work() -> Site {
    let state = fs::read(fixture("state.json")).expect("in the tree");
    let mut site = Site::seen(serde_json::from_slice(&state).expect("JSON"));
    for record in traffic::records(site.state().at().expect("an instant")) {
        site.note(record);
    }
    site
}

fn drawn(site: &Site, view: &View, (columns, lines): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a terminal");
    terminal.draw(|frame| draw(frame, site, view)).expect("drawn").buffer.clone()
}

/// The letters on the screen; the second column of a Chinese one has none of its own.
fn text(buffer: &Buffer) -> String {
    let columns = usize::from(buffer.area.width);
    let mut text = String::new();
    for line in buffer.content.chunks(columns) {
        let mut letters = String::new();
        let mut covered = 0;
        for cell in line {
            if covered == 0 {
                letters.push_str(cell.symbol());
                covered = unicode_width::UnicodeWidthStr::width(cell.symbol());
            }
            covered = covered.saturating_sub(1);
        }
        text.push_str(letters.trim_end());
        text.push('\n');
    }
    text
}

fn expect_golden(name: &str, site: &Site, view: &View, size: (u16, u16)) {
    let shown = text(&drawn(site, view, size));
    let path = fixture(name);
    if std::env::var_os("WIMD_BLESS").is_some() {
        fs::write(&path, &shown).expect("writable");
    }
    assert_eq!(shown, fs::read_to_string(&path).expect("in the tree"), "{name}");
}

#[test]
fn a_small_terminal_shows_two_lanes_the_last_records_and_the_health() {
    expect_golden("80x24.txt", &site_at_work(), &View::default(), (80, 24));
}

#[test]
fn a_large_terminal_shows_more_records() {
    expect_golden("160x48.txt", &site_at_work(), &View::default(), (160, 48));
}

#[test]
fn the_keys_are_explained_on_top() {
    let view = View { help: true, ..View::default() };
    expect_golden("80x24-help.txt", &site_at_work(), &view, (80, 24));
}

#[test]
fn the_same_screen_is_there_in_chinese() {
    let chinese = || View { translator: Some(Translator::default()), ..View::default() };
    expect_golden("80x24-zh.txt", &site_at_work(), &chinese(), (80, 24));
    expect_golden("160x48-zh.txt", &site_at_work(), &chinese(), (160, 48));
    let help = View { help: true, ..chinese() };
    expect_golden("80x24-help-zh.txt", &site_at_work(), &help, (80, 24));
}

#[test]
fn a_daemon_that_went_away_is_told_at_the_top_and_what_was_known_stays() {
    let site = site_at_work().troubled("no daemon listens on /run/wimd/status.sock");
    let view = View { paused: true, ..View::default() };
    expect_golden("80x24-gone.txt", &site, &view, (80, 24));
}

/// The same site as its port alone tells it.
fn site_at_its_port() -> Site {
    let state = fs::read(fixture("state.json")).expect("in the tree");
    let mut state: serde_json::Value = serde_json::from_slice(&state).expect("JSON");
    let whole = state.as_object_mut().expect("an object");
    whole.retain(|part, _| {
        ["at", "site", "provenance", "system_clock", "scales", "pipeline"].contains(&part.as_str())
    });
    whole["system_clock"]["synchronised"] = true.into();
    let mut site = Site::seen_at_port(state);
    for record in traffic::records(site.state().at().expect("an instant")) {
        site.note(record);
    }
    site
}

#[test]
fn without_a_daemon_the_screen_says_what_is_not_done() {
    expect_golden("80x24-port.txt", &site_at_its_port(), &View::default(), (80, 24));
    let chinese = View { translator: Some(Translator::default()), ..View::default() };
    expect_golden("80x24-port-zh.txt", &site_at_its_port(), &chinese, (80, 24));
}

#[test]
fn a_line_that_goes_on_beyond_the_edge_shows_that_it_does() {
    for translator in [None, Some(Translator::default())] {
        let view = View { translator, ..View::default() };
        let wide = text(&drawn(&site_at_work(), &view, (300, 24)));
        for columns in [30, 60, 80] {
            let narrow = text(&drawn(&site_at_work(), &view, (columns, 24)));
            for (narrow, wide) in narrow.lines().zip(wide.lines()) {
                let cut = narrow.strip_suffix('…');
                let whole = cut.is_none() && narrow == wide;
                assert!(whole || cut.is_some_and(|cut| wide.starts_with(cut)), "{narrow}|{wide}");
            }
        }
    }
}

#[test]
fn without_colour_every_letter_is_the_same_and_none_has_one() {
    let site = site_at_work();
    let with = drawn(&site, &View::default(), (80, 24));
    let without = drawn(&site, &View { colour: false, ..View::default() }, (80, 24));
    assert_eq!(text(&with), text(&without));
    let coloured = |buffer: &Buffer| {
        buffer.content.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert_eq!((coloured(&with), coloured(&without)), (true, false));
}

#[test]
fn no_size_of_terminal_is_too_small() {
    let site = site_at_work();
    for columns in [1, 7, 40, 80] {
        for lines in [1, 2, 5, 9, 12, 24] {
            for first_lane in [0, 1, 9] {
                let view = View { first_lane, help: lines % 2 == 0, ..View::default() };
                let _ = drawn(&site, &view, (columns, lines));
            }
        }
    }
}

#[test]
fn a_site_without_vehicles_says_so_for_each_lane() {
    let state = fs::read(fixture("state.json")).expect("in the tree");
    let site = Site::seen(serde_json::from_slice(&state).expect("JSON"));
    let shown = text(&drawn(&site, &View::default(), (80, 24)));
    let lanes: Vec<&str> = shown.lines().filter(|line| line.starts_with("LANE")).collect();
    assert_eq!(lanes, ["LANE 1  no vehicle yet", "LANE 2  no vehicle yet"]);
}
