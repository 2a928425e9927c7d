//! Links, cameras, store and uplink: a line each, the bad ones marked.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::site::Site;
use crate::command::value::{Part, bytes};
use crate::language::proper;

/// Lines of the health.
pub(super) const LINES: u16 = 4;

/// The lines.
pub(super) fn lines(site: &Site) -> Vec<Line<'static>> {
    let state = site.state();
    if site.is_at_port() {
        return without_daemon(state);
    }
    vec![scales(state), cameras(state), store(state), uplink(state)]
}

/// What only a daemon does, nobody does.
fn without_daemon(state: Part<'_>) -> Vec<Line<'static>> {
    let nobody = |title: &str, text: &str| line(title, vec![(true, text.to_owned())]);
    vec![
        scales(state),
        nobody("CAMERAS", "not listened to while the daemon is down"),
        nobody("STORE", "nothing is kept; the controllers hold their vehicles for the daemon"),
        nobody("UPLINK", "nothing is sent while the daemon is down"),
    ]
}

fn line(title: &str, mut parts: Vec<(bool, String)>) -> Line<'static> {
    // what is bad is never beyond the edge
    parts.sort_by_key(|(good, _)| *good);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut spans = vec![Span::styled(format!("{title:<8}"), bold)];
    for (place, (good, text)) in parts.into_iter().enumerate() {
        if place > 0 {
            spans.push(Span::raw(" · "));
        }
        let style = if good { Style::new() } else { Style::new().fg(Color::Red) };
        spans.push(Span::styled(if good { text } else { format!("! {text}") }, style));
    }
    Line::from(spans)
}

fn scales(state: Part<'_>) -> Line<'static> {
    let mut parts = Vec::new();
    for scale in state.parts("/scales") {
        let name = proper(scale.text("/name"));
        if !scale.is("/state", "working") {
            parts.push((false, format!("{name} {}", scale.text("/state"))));
            continue;
        }
        for controller in scale.parts("/controllers") {
            let text = format!(
                "{name} controller {} {}, last frame {}, bad bytes {}",
                controller.text("/address"),
                controller.text("/state"),
                controller.ago("/last_frame_at"),
                scale.sum("/drops"),
            );
            parts.push((!controller.is("/state", "silent"), text));
        }
    }
    line("SCALE", parts)
}

fn cameras(state: Part<'_>) -> Line<'static> {
    let each = state.entries("/camera_door/cameras").map(|(name, camera)| {
        let seen = camera.ago("/last_seen");
        (camera.is_there("/last_seen"), format!("{} {seen}", proper(name)))
    });
    line("CAMERAS", each.collect())
}

fn store(state: Part<'_>) -> Line<'static> {
    let store = state.part("/store");
    let good = !store.yes("/failed") && !store.is_there("/full");
    let text = format!(
        "sequence {}, waiting in the inbox {}, pictures {}",
        store.text("/head/seq"),
        store.count("/inbox/entries"),
        bytes(state.count("/pictures/bytes")),
    );
    line("STORE", vec![(good, text)])
}

fn uplink(state: Part<'_>) -> Line<'static> {
    let uplink = state.part("/uplink");
    let waiting = |lane: &str| state.count(&format!("/store/{lane}/entries"));
    let text = format!(
        "{} for {}, to send {} first, {} others, {} pictures",
        uplink.text("/state"),
        uplink.age("/since"),
        waiting("outbox_first"),
        waiting("outbox_second"),
        waiting("outbox_pictures"),
    );
    line("UPLINK", vec![(uplink.is("/state", "connected"), text)])
}
