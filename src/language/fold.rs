//! Lines no wider than the terminal: broken between words and below the column they began in, so
//! that no word is torn and a row stays one.

use std::os::fd::AsFd;

use super::cells::placed;
use super::letters::{Letter, letters, may_break, width};

/// Stands no nearer to the edge than this; narrower windows tear words.
const NARROWEST: usize = 20;

/// Columns of a terminal; `None` when it is none.
pub fn columns(of: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(of).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col).max(NARROWEST))
}

/// One line, without its end, as lines that are no wider than this.
pub(super) fn fold(line: &str, columns: usize) -> String {
    let letters = letters(line.trim_end_matches(' '));
    if is_command(line) || width(&letters) <= columns {
        return line.to_owned();
    }
    let (mut out, mut rest, mut room) = (String::new(), &letters[..], columns);
    let mut at = break_at(rest, room);
    let indent;
    (at, indent) = placed(rest, at, columns);
    while width(rest) > room {
        let (now, later) = rest.split_at(at);
        let end = now.iter().rposition(|letter| !letter.is_blank()).map_or(0, |last| last + 1);
        let start = later.iter().position(|letter| !letter.is_blank()).unwrap_or(later.len());
        out.extend(now[..end].iter().map(|letter| letter.text));
        // the blanks go, what colours them stays
        let blanks = now[end..].iter().chain(&later[..start]);
        out.extend(blanks.map(|blank| blank.text.trim_end_matches(' ')));
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        rest = &later[start..];
        room = columns - indent;
        at = break_at(rest, room);
    }
    out.extend(rest.iter().map(|letter| letter.text));
    out
}

/// Whether a line is a command, which is copied by whoever reads it and must stay one line.
fn is_command(line: &str) -> bool {
    line.strip_prefix("  ").is_some_and(|words| {
        let begins = words.starts_with("wimd ") || words.starts_with("sudo ");
        // what stands beside a command is no part of it
        begins && !words.trim_end().contains("  ")
    })
}

/// How many letters stand before the break: at least one.
fn break_at(letters: &[Letter<'_>], room: usize) -> usize {
    let mut used = 0;
    let fitting = letters.iter().take_while(|letter| {
        used += letter.width;
        used <= room || letter.is_blank()
    });
    let fitting = fitting.count();
    // leading blanks are no place to break at
    let first = letters.iter().position(|letter| !letter.is_blank()).unwrap_or(0) + 1;
    let may = |at: &usize| may_break(letters, *at);
    (first..=fitting).rev().find(may).unwrap_or(fitting).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_goes_on_below_its_last_column_and_no_word_is_torn() {
        let row = "ok    scale   line  good frames by 115200 bit/s 8N1 and nothing else came\n";
        let expected = "\
ok    scale   line  good frames by
                    115200 bit/s 8N1 and
                    nothing else came
";
        assert_eq!(folded(row, 40), expected);
    }

    fn folded(text: &str, columns: usize) -> String {
        text.split('\n').map(|line| fold(line, columns)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_cell_goes_on_below_itself_wherever_it_begins() {
        let row = "31   11-24 09:00:00  1     闽C3B1ZW  6      uncertain, enforceable, straddling";
        let expected = "\
31   11-24 09:00:00  1     闽C3B1ZW  6      uncertain, enforceable,
                                            straddling";
        assert_eq!(folded(row, 70), expected);
        // a word too long for it, and more text than fills few lines, have more room further left
        let long = "a    b    ------------------------  uncertain /dev/serial/by-id/usb-1a86_USB";
        let expected = "\
a    b    ------------------------
          uncertain /dev/serial/by-id/usb-1a86_USB";
        assert_eq!(folded(long, 50), expected);
    }

    #[test]
    fn a_figure_stays_together_with_its_thousands_and_its_unit() {
        for room in [20, 22, 24, 26, 28, 30] {
            for text in
                ["the gross mass is 79 771 kg, of 43 000 kg", "车货总质量为79 771 kg，有 43 辆"]
            {
                let folded = folded(text, room);
                for figure in text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at) {
                    let whole = ["79 771 kg", "43 000 kg", "43 辆"];
                    let begun = whole.iter().find(|whole| text[figure..].starts_with(**whole));
                    assert!(begun.is_none_or(|whole| folded.contains(whole)), "{folded}");
                }
            }
        }
        assert_eq!(folded("weighs exactly 10 00 kg", 20), "weighs exactly 10\n  00 kg");
    }

    #[test]
    fn a_numbered_sentence_goes_on_below_its_text() {
        let line = "  7. 30 876 kg is not more than 36 000 kg.";
        assert_eq!(folded(line, 30), "  7. 30 876 kg is not more\n     than 36 000 kg.");
    }

    #[test]
    fn a_cell_for_which_the_line_has_no_room_stands_below_it_as_near_to_its_column_as_it_can() {
        let row = "south   1        answering  2 s ago     /dev/serial/by-path/pci-0000";
        let expected = "\
south   1        answering  2 s ago
                      /dev/serial/by-path/pci-0000";
        assert_eq!(folded(row, 50), expected);
        let row = "UPLINK  connected for 7 s  published 3  refused 0  failures 5";
        let expected = "\
UPLINK  connected for 7 s  published 3
        refused 0  failures 5";
        assert_eq!(folded(row, 40), expected);
        let row = "UPLINK  connected for 7 s  published 3  failures 5";
        let expected = "\
UPLINK  connected for 7 s  published 3
                              failures 5";
        assert_eq!(folded(row, 40), expected);
    }

    #[test]
    fn what_fits_stays_as_it_is_and_a_command_is_never_broken() {
        for line in ["fits\n", "fits, with blanks            \n", ""] {
            assert_eq!(folded(line, 20), line);
        }
        for command in [
            "  wimd run --config /a/long/path/to/a/file\n",
            "  sudo -u wimd wimd run --config /a/long/path\n",
        ] {
            assert_eq!(folded(command, 20), command);
        }
        let remark = "  wimd run     what it does at all";
        assert_eq!(folded(remark, 30), "  wimd run     what it does at\n               all");
    }

    #[test]
    fn chinese_breaks_between_its_letters_and_no_line_begins_with_a_full_stop() {
        let text = "守护进程未运行：直接来自端口。不保存数据";
        assert_eq!(folded(text, 20), "守护进程未运行：直接\n  来自端口。不保存数\n  据");
        assert_eq!(folded("一二三四五六七八九十。一", 20), "一二三四五六七八九\n  十。一");
        assert_eq!(folded("二三四五六七八：store_new", 20), "二三四五六七八：\n  store_new");
        // a number and what it counts stay together
        assert_eq!(folded("note 3 of order 124号 asks", 20), "note 3 of order\n  124号 asks");
    }

    #[test]
    fn colours_have_no_width_and_are_kept() {
        let text = "\u{1b}[31m!\u{1b}[0m one two three four five";
        assert_eq!(folded(text, 20), "\u{1b}[31m!\u{1b}[0m one two three four\n  five");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_nothing_but_blanks_is_lost(
            text in "([a-z]{1,9}|[重量限值。，]{1,4}| |  |\u{1b}\\[1m){0,40}",
            columns in 20_usize..100,
        ) {
            let folded = folded(&text, columns);
            for line in folded.lines() {
                let seen = line.trim_end_matches(' ');
                prop_assert!(width(&letters(seen)) <= columns, "{line:?}");
            }
            let bare = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(bare(&folded), bare(&text));
        }
    }
}
