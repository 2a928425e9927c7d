//! Puts a line into Chinese and keeps its columns where they are, as far as the words fit.

use unicode_width::UnicodeWidthStr;

use super::phrase::Translator;
use super::proper::Names;

/// A piece of a line in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<S> {
    /// How it looks.
    pub style: S,
    /// What it says.
    pub text: String,
}

/// Blanks that part two columns at least.
const GAP: &str = "  ";

/// What stands before the words of a heading or of a member of a list, and is none of them.
const MARKS: [&str; 4] = ["- ", "# ", "## ", "### "];

/// Where the line stands in English and in Chinese, in columns of the terminal.
#[derive(Default)]
struct Columns {
    english: usize,
    chinese: usize,
    /// Blanks in English that nothing has followed yet.
    gap: usize,
}

impl Translator {
    /// The runs of one line; names that are marked stay as they are, and lose their marks.
    pub fn line<S>(&self, runs: Vec<Run<S>>) -> Vec<Run<S>> {
        let mut columns = Columns::default();
        let mut names = Names::default();
        let of = |run: Run<S>| {
            let text = self.run(&names.take_out(&run.text), &mut columns);
            Run { style: run.style, text: names.put_back(&text) }
        };
        runs.into_iter().map(of).collect()
    }

    fn run(&self, text: &str, columns: &mut Columns) -> String {
        let words = text.trim_matches(' ');
        let before = text.len() - text.trim_start_matches(' ').len();
        columns.gap += before;
        if words.is_empty() {
            return String::new();
        }
        // a line may be one phrase although it has gaps; the row of a table is none
        let whole = words.contains(GAP).then(|| self.one_phrase(words)).flatten();
        let line = match whole {
            Some(chinese) => columns.put(words, &chinese),
            None => self.cells(words, columns),
        };
        columns.gap = text.len() - before - words.len();
        line
    }

    fn cells(&self, words: &str, columns: &mut Columns) -> String {
        let mut line = String::new();
        let mut rest = words;
        while !rest.is_empty() {
            let end = rest.find(GAP).unwrap_or(rest.len());
            let (cell, after) = rest.split_at(end);
            line.push_str(&columns.put(cell, &self.cell(cell)));
            rest = after.trim_start_matches(' ');
            columns.gap = after.len() - rest.len();
        }
        line
    }

    /// A cell, behind the sign that may stand before it; what is unknown stays.
    fn cell(&self, cell: &str) -> String {
        let mark = MARKS.into_iter().find(|mark| cell.starts_with(mark)).unwrap_or_default();
        let words = &cell[mark.len()..];
        format!("{mark}{}", self.phrase(words).as_deref().unwrap_or(words))
    }
}

impl Columns {
    /// Blanks up to where the English goes on, at least as many as part two columns, then this.
    fn put(&mut self, english: &str, chinese: &str) -> String {
        self.english += self.gap;
        let least = self.gap.min(GAP.len());
        let blanks = self.english.saturating_sub(self.chinese).max(least);
        self.gap = 0;
        self.english += english.width();
        self.chinese += blanks + chinese.width();
        format!("{}{chinese}", " ".repeat(blanks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let runs = vec![Run { style: (), text: text.to_owned() }];
        Translator::default().line(runs).into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn columns_stay_where_they_are() {
        assert_eq!(line("SCALE   PORT        STATE"), "称重设备  端口      状态");
        assert_eq!(line("south   /dev/ttyS0  working"), "south   /dev/ttyS0  工作中");
    }

    #[test]
    fn the_sign_of_a_heading_or_of_a_list_is_none_of_its_words() {
        assert_eq!(line("## Lane 1"), "## 车道 1");
        assert_eq!(line("- Gross mass, static: 40120 kg"), "- 静态总质量：40120 kg");
        assert_eq!(line("-  straddling"), "-  跨道行驶");
    }

    #[test]
    fn a_line_ends_with_its_last_word() {
        assert_eq!(line("everything works"), "一切正常");
    }
}
