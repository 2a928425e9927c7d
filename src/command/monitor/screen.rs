//! The screen: state at the top, lanes, last records, health, keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::site::Site;
use super::{health, lane, translated};
use crate::command::figures::to_second;
use crate::command::troubles::troubles;
use crate::language::{Translator, proper};
use crate::pipeline::record::Body;

/// How the technician wants it.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Lanes above this one are scrolled out.
    pub(super) first_lane: usize,
    /// The picture stands still.
    pub(super) paused: bool,
    /// The keys are explained.
    pub(super) help: bool,
    /// Colours may be used.
    pub(super) colour: bool,
    /// Puts the screen into another language.
    pub(super) translator: Option<Translator>,
}

impl Default for View {
    fn default() -> Self {
        Self { first_lane: 0, paused: false, help: false, colour: true, translator: None }
    }
}

const KEYS: &str = "q quit   space pause   ↑ ↓ lanes   ? help";

const HELP: &str = "\
q, Esc      end                      space   stand still, go on
↑ ↓, k j    other lanes              ?       this page

bar         full at 100 % over the limit
margin      how much dearer the next best plate is; below 4.0 a
            plate is ambiguous, and nothing is enforced
(o) (8)     single or unknown tyres, twin tyres

What is wrong and what to do: wimd doctor, wimd status";

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, site: &Site, view: &View) {
    let area = frame.area();
    let wanted = site.lanes().count().max(1);
    let room = area.height.saturating_sub(2 + health::LINES + 1 + RECORDS);
    let fitting = usize::from(room / lane::LINES).clamp(1, wanted);
    let lanes = u16::try_from(fitting).unwrap_or(1) * lane::LINES;
    let rows = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(lanes),
        Constraint::Min(0),
        Constraint::Length(health::LINES),
        Constraint::Length(1),
    ]);
    let [head, middle, below, state, keys] = rows.areas(area);
    let translator = view.translator.as_ref();
    let spoken = |lines| Text::from(translated::lines(translator, lines, area.width));
    frame.render_widget(spoken(self::head(site, view)), head);
    let first = view.first_lane.min(wanted - fitting);
    for (place, (number, last)) in site.lanes().skip(first).take(fitting).enumerate() {
        let top = u16::try_from(place).unwrap_or(0) * lane::LINES;
        let area = Rect { y: middle.y + top, height: lane::LINES, ..middle };
        let area = area.intersection(middle);
        frame.render_widget(spoken(lane::lines(number, last, site.state())), area);
    }
    frame.render_widget(spoken(records(site, usize::from(below.height))), below);
    frame.render_widget(spoken(health::lines(site)), state);
    let dim = Style::new().add_modifier(Modifier::DIM);
    frame.render_widget(spoken(vec![Line::styled(KEYS, dim)]), keys);
    if view.help {
        help(frame, view);
    }
    if !view.colour {
        for cell in &mut frame.buffer_mut().content {
            (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
        }
    }
}

/// Least lines of records below the lanes.
const RECORDS: u16 = 3;

fn head(site: &Site, view: &View) -> Vec<Line<'static>> {
    let state = site.state();
    let at = state.text("/at");
    let flag = |set: bool, text| Span::raw(if set { text } else { "" });
    let title = Line::from(vec![
        Span::raw(format!("wimd {}", state.text("/provenance/software"))),
        // before the name of the site, which may be longer than the line
        flag(site.is_at_port(), "  NO DAEMON"),
        flag(view.paused, "  PAUSED"),
        Span::raw(format!("  {}", to_second(&at))),
        Span::raw(format!("  {}", proper(state.text("/site/id")))),
        Span::raw(format!(" {}", proper(state.text("/site/name")))),
    ]);
    let bad = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    let found = troubles(state);
    let second = match (site.trouble(), found.first()) {
        (Some(trouble), _) => Line::styled(format!("! {trouble}"), bad),
        (None, None) if site.is_at_port() => {
            let text = "seen at the port itself: nothing is kept and nothing acknowledged";
            Line::styled(text, Style::new().fg(Color::Yellow))
        }
        (None, None) => Line::styled("everything works", Style::new().fg(Color::Green)),
        (None, Some(worst)) if found.len() == 1 => Line::styled(format!("! {worst}"), bad),
        (None, Some(worst)) => Line::styled(format!("! {} things: {worst}", found.len()), bad),
    };
    vec![title.style(Style::new().add_modifier(Modifier::BOLD)), second]
}

/// The last records, as many as there is room for.
fn records(site: &Site, room: usize) -> Vec<Line<'static>> {
    let lines = site.recent().filter_map(|record| match &record.body {
        Body::Passage(passage) => Some(lane::short(record, passage)),
        _ => None,
    });
    lines.take(room).collect()
}

fn help(frame: &mut Frame<'_>, view: &View) {
    let area = frame.area();
    let [_, middle, _] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(12), Constraint::Fill(1)])
            .areas(area);
    let [_, middle, _] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(68), Constraint::Fill(1)])
            .areas(middle);
    frame.render_widget(Clear, middle);
    let room = middle.width.saturating_sub(2);
    let spoken = |lines| translated::lines(view.translator.as_ref(), lines, room);
    let mut title = spoken(vec![Line::from(" keys")]).remove(0);
    title.push_span(" ");
    let text = spoken(HELP.lines().map(Line::from).collect());
    frame.render_widget(Paragraph::new(text).block(Block::bordered().title(title)), middle);
}
