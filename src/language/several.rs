//! A text of several phrases, one behind the other: where it comes apart so that least of it stays
//! English.

use super::phrase::Said;
use super::quoted::borders;

/// Where a text of several phrases comes apart, and what stands there in Chinese.
const BETWEEN: [(&str, &str); 5] =
    [(": ", "："), ("; ", "；"), (" · ", " · "), (" -> ", " → "), ("\t", "\t")];

/// Most pieces that are tried in every way; a text of more is none of ours.
const MOST: usize = 12;

/// The pieces between borders.
pub(super) struct Several<'t> {
    text: &'t str,
    /// Where each piece begins and ends, in bytes.
    pieces: Vec<(usize, usize)>,
    /// The Chinese of the border behind each piece but the last.
    between: Vec<&'static str>,
}

/// The best way to say the text up to some piece.
struct Way {
    /// Where the last part of it begins.
    from: usize,
    last: Said,
    known: bool,
    /// Letters that stay English, and parts.
    price: (usize, usize),
}

impl<'t> Several<'t> {
    /// `None` when the text has no border.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let of = |(english, chinese): (&'static str, &'static str)| {
            borders(text, english).map(move |at| (at, english.len(), chinese))
        };
        let mut found: Vec<_> = BETWEEN.into_iter().flat_map(of).collect();
        found.sort_unstable();
        if found.is_empty() || found.len() >= MOST {
            return None;
        }
        let ends = found.iter().map(|(at, _, _)| *at).chain([text.len()]);
        let starts = [0].into_iter().chain(found.iter().map(|(at, length, _)| at + length));
        let between = found.iter().map(|(_, _, chinese)| *chinese).collect();
        Some(Self { text, pieces: starts.zip(ends).collect(), between })
    }

    /// All of it, with each part as `known` says it; `None` when no part is known.
    pub(super) fn said(&self, known: impl Fn(&str) -> Option<Said>) -> Option<Said> {
        let mut ways: Vec<Way> = Vec::new();
        for to in 1..=self.pieces.len() {
            let way = |from: usize| self.way(from, to, &ways, &known);
            ways.extend((0..to).filter_map(way).min_by_key(|way| way.price));
        }
        let mut parts = Vec::new();
        let mut to = self.pieces.len();
        while let Some(way) = to.checked_sub(1).and_then(|last| ways.get(last)) {
            parts.push((way, to));
            to = way.from;
        }
        parts.reverse();
        parts.iter().any(|(way, _)| way.known).then(|| self.joined(&parts))
    }

    /// The last part from one piece to another, behind the best way to it. A part that is not
    /// known is one piece.
    fn way(
        &self,
        from: usize,
        to: usize,
        ways: &[Way],
        known: impl Fn(&str) -> Option<Said>,
    ) -> Option<Way> {
        let text = &self.text[self.pieces[from].0..self.pieces[to - 1].1];
        let is_key = self.is_behind_a_line(from) && !text.contains(' ');
        let said = if is_key { None } else { known(text.trim_start()) };
        if said.is_none() && to - from > 1 {
            return None;
        }
        let known = said.is_some();
        let last = said.unwrap_or_else(|| Said::english(text));
        let before = from.checked_sub(1).and_then(|last| ways.get(last));
        let (left, parts) = before.map_or((0, 0), |way| way.price);
        let price = (left + last.left, parts + 1);
        Some(Way { from, last, known, price })
    }

    /// Whether a piece stands behind the line of a file, as in `wimd.toml:12: lane: missing`, where
    /// keys do.
    fn is_behind_a_line(&self, piece: usize) -> bool {
        let before = piece.checked_sub(1).and_then(|before| self.pieces.get(before));
        let line = before.and_then(|(from, to)| self.text[*from..*to].rsplit_once(':'));
        line.is_some_and(|(_, line)| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The parts, each with the piece behind it: a border beside a known one is Chinese.
    fn joined(&self, parts: &[(&Way, usize)]) -> Said {
        let mut said = Said { chinese: String::new(), left: 0 };
        for (place, (way, to)) in parts.iter().enumerate() {
            said.chinese.push_str(&way.last.chinese);
            said.left += way.last.left;
            let Some((next, _)) = parts.get(place + 1) else { break };
            let chinese = (way.known || next.known) && !self.is_behind_a_line(*to);
            let border = if chinese {
                self.between[to - 1]
            } else {
                &self.text[self.pieces[to - 1].1..self.pieces[*to].0]
            };
            said.chinese.push_str(border);
        }
        said
    }
}
