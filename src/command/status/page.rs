//! The page: what is wrong first, then each part with its last sign of life.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::command::figures::to_second;
use crate::command::table::{Table, table};
use crate::command::troubles::troubles;
use crate::command::value::{Part, bytes};
use crate::language::proper;
use crate::units::PartsPerMillion;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();

pub(super) fn write(snapshot: &Value, out: &mut dyn Write) -> io::Result<()> {
    let whole = Part::whole(snapshot);
    head(whole, out)?;
    let troubles = troubles(whole);
    if troubles.is_empty() {
        writeln!(out, "{GOOD}everything works{GOOD:#}")?;
    }
    for trouble in troubles {
        writeln!(out, "{BAD}!{BAD:#} {trouble}")?;
    }
    let tables = [scales(whole), lanes(whole), cameras(whole), sights(whole)];
    for table in tables.into_iter().filter(|table| table.row_count() > 0) {
        writeln!(out, "\n{table}")?;
    }
    writeln!(out)?;
    store(whole, out)?;
    uplink(whole, out)
}

fn head(whole: Part<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "wimd {}  {}  up {}  site {} {}",
        whole.text("/provenance/software"),
        to_second(&whole.text("/at")),
        whole.age("/started_at"),
        proper(whole.text("/site/id")),
        proper(whole.text("/site/name")),
    )
}

fn scales(whole: Part<'_>) -> Table {
    let mut table =
        table(["SCALE", "ADDRESS", "STATE", "LAST FRAME", "VEHICLES", "BAD BYTES", "PORT"]);
    for scale in whole.parts("/scales") {
        for controller in scale.parts("/controllers") {
            // while the port works, how its controller is; else how the port is
            let of = if scale.is("/state", "working") { controller } else { scale };
            table.add_row([
                proper(scale.text("/name")),
                controller.text("/address"),
                of.text("/state"),
                controller.ago("/last_frame_at"),
                controller.text("/vehicles/passages"),
                scale.sum("/drops").to_string(),
                proper(scale.text("/port")),
            ]);
        }
    }
    table
}

fn lanes(whole: Part<'_>) -> Table {
    let mut table =
        table(["LANE", "LAST VEHICLE", "OPEN", "PAIRED", "AMBIGUOUS", "UNPAIRED", "DRIFT"]);
    for lane in whole.parts("/pipeline/pipeline/lanes") {
        table.add_row([
            lane.text("/lane"),
            lane.ago("/last_passage"),
            lane.text("/open"),
            lane.text("/paired"),
            lane.text("/ambiguous"),
            lane.text("/unpaired"),
            drift(lane),
        ]);
    }
    table
}

/// The state of the drift watch, with what it sees once it has learnt.
fn drift(lane: Part<'_>) -> String {
    let state = lane.text("/drift/state");
    let seen = lane.number("/drift/steering_kg/deviation_ppm");
    match seen.map(|ppm| PartsPerMillion(ppm).percent()) {
        Some(percent) => format!("{state} {percent} %"),
        None => state,
    }
}

fn cameras(whole: Part<'_>) -> Table {
    let mut table =
        table(["CAMERA", "STREAM", "LAST SEEN", "LAST EVENT", "EVENTS", "PICTURES", "REFUSED"]);
    for (name, camera) in whole.entries("/camera_door/cameras") {
        table.add_row([
            proper(name),
            if camera.is_there("/pull") { camera.text("/pull/state") } else { "pushes".to_owned() },
            camera.ago("/last_seen"),
            camera.ago("/last_event"),
            camera.text("/events"),
            camera.text("/pictures"),
            camera.sum("/refusals").to_string(),
        ]);
    }
    table
}

fn sights(whole: Part<'_>) -> Table {
    let mut table =
        table(["SIGHT", "LANE", "ROLE", "CLOCK LEARNT", "CLOCK OFFSET", "DRIFT", "DELAY"]);
    for lane in whole.parts("/pipeline/pipeline/lanes") {
        for sight in lane.parts("/cameras") {
            table.add_row([
                proper(sight.text("/camera")),
                lane.text("/lane"),
                sight.text("/role"),
                if sight.yes("/learnt") { "yes" } else { "no" }.to_owned(),
                sight.millis("/offset_us"),
                sight.ppm("/drift_ppb"),
                sight.millis("/latency_us"),
            ]);
        }
    }
    table
}

fn store(whole: Part<'_>, out: &mut dyn Write) -> io::Result<()> {
    let store = whole.part("/store");
    let usage = |name: &str| {
        let entries = store.text(&format!("/{name}/entries"));
        let size = bytes(store.count(&format!("/{name}/bytes")));
        format!("{entries} ({size})")
    };
    writeln!(
        out,
        "STORE   sequence {}  inbox {}  ledger {}  pictures {} ({})",
        store.text("/head/seq"),
        usage("inbox"),
        usage("ledger"),
        whole.text("/pictures/files"),
        bytes(whole.count("/pictures/bytes")),
    )?;
    writeln!(
        out,
        "OUTBOX  to send first {}  other records {}  pictures {}",
        usage("outbox_first"),
        usage("outbox_second"),
        usage("outbox_pictures"),
    )
}

fn uplink(whole: Part<'_>, out: &mut dyn Write) -> io::Result<()> {
    let uplink = whole.part("/uplink");
    writeln!(
        out,
        "UPLINK  {} {} for {}  published {}  acknowledged {}  refused {}  failures {}",
        proper(uplink.text("/broker")),
        uplink.text("/state"),
        uplink.age("/since"),
        uplink.text("/published"),
        uplink.text("/acknowledged"),
        uplink.sum("/refused"),
        uplink.text("/failures"),
    )
}
