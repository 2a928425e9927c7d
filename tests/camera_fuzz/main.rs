//! Strangers' bytes: the committed seeds of each target, mutated. Nothing panics, whatever comes out
//! is bounded, and every refusal is counted once.
//!
//! `cargo test --test camera_fuzz` plays a short round; for ten minutes of each target:
//! `WIMD_FUZZ_SECONDS=600 cargo test --test camera_fuzz -- --nocapture`.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

#[path = "../camera_support/mod.rs"]
mod camera_support;
mod corpus;
mod door;
mod mutation;

use corpus::{Property, play, seeds};
use door::{Door, Target};
use mutation::Recipe;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use wimd::io::camera::document::{MAX_DEPTH, MAX_NODES, Node, decode, parse};
use wimd::io::camera::multipart::{Bounds, Event, MultipartError, Reader};
use wimd::io::camera::plate_text::{normalise, plate_format};
use wimd::pipeline::plate::PlateState;

/// Through the door, as a camera would: the seeds as they are, then mutated.
fn at_the_door(target: Target) {
    let seeds = seeds(target.name);
    let door = Door::open(target);
    for (name, body) in &seeds {
        let status = door.post(body, 0);
        let wanted = if name.starts_with("refused-") { 400 } else { 200 };
        assert_eq!(status, wanted, "{}: {name}: {:?}", target.name, door.last_refusal());
    }
    drop(door);
    let bodies: Vec<Vec<u8>> = seeds.into_iter().map(|(_, body)| body).collect();
    play(target.name, &bodies, || Door::open(target));
}

#[test]
fn multipart() {
    at_the_door(Target {
        name: "multipart",
        camera: "front-1",
        path: "/camera/front-1-token/anpr",
        content_types: &["multipart/form-data; boundary=b", "multipart/mixed", ""],
    });
}

#[test]
fn isapi_xml() {
    at_the_door(Target {
        name: "isapi-xml",
        camera: "front-1",
        path: "/camera/front-1-token/anpr",
        content_types: &["text/xml", "application/xml; charset=\"UTF-8\"", "text/xml; charset=gbk"],
    });
}

#[test]
fn viid_json() {
    at_the_door(Target {
        name: "viid-json",
        camera: "gat-1",
        path: "/camera/gat-1-token/VIID/MotorVehicles",
        content_types: &["application/VIID+JSON;charset=UTF-8"],
    });
}

#[test]
fn dahua_json() {
    at_the_door(Target {
        name: "dahua-json",
        camera: "dahua-1",
        path: "/camera/dahua-1-token/NotificationInfo/TollgateInfo",
        content_types: &["application/json"],
    });
}

#[test]
fn neutral_json() {
    at_the_door(Target {
        name: "neutral-json",
        camera: "bridge-1",
        path: "/camera/bridge-1-token",
        content_types: &["application/json"],
    });
}

/// The readers that must not depend on how a body is cut into chunks.
struct Chunks;

impl Property for Chunks {
    fn holds(&self, body: &[u8], recipe: &Recipe) -> Result<(), TestCaseError> {
        for boundary in [Some("b"), None] {
            let whole = parts(body, boundary, body.len().max(1));
            prop_assert_eq!(&parts(body, boundary, recipe.chunk), &whole);
            let content: usize = whole.iter().flatten().map(Vec::len).sum();
            prop_assert!(content <= body.len());
            prop_assert!(whole.map_or(0, |parts| parts.len()) <= Bounds::default().parts);
        }
        Ok(())
    }

    fn told(&self) -> String {
        "whole and in chunks the same".to_owned()
    }
}

/// The contents of the parts.
fn parts(
    body: &[u8],
    boundary: Option<&str>,
    chunk: usize,
) -> Result<Vec<Vec<u8>>, MultipartError> {
    let mut reader = Reader::new(boundary, Bounds::default())?;
    let (mut parts, mut chunks) = (Vec::new(), body.chunks(chunk));
    loop {
        while let Some(event) = reader.pull()? {
            match event {
                Event::Part(_) => parts.push(Vec::new()),
                Event::Data(data) => parts.last_mut().unwrap().extend_from_slice(data),
                Event::PartEnd(_) => {}
                Event::End => return Ok(parts),
            }
        }
        match chunks.next() {
            Some(bytes) => reader.push(bytes),
            None => reader.end(),
        }
    }
}

#[test]
fn multipart_in_chunks() {
    let bodies: Vec<Vec<u8>> = seeds("multipart").into_iter().map(|(_, body)| body).collect();
    play("multipart", &bodies, || Chunks);
}

/// The tree of any text is bounded.
struct Trees;

impl Property for Trees {
    fn holds(&self, body: &[u8], _: &Recipe) -> Result<(), TestCaseError> {
        for charset in [None, Some("gbk"), Some("utf-16le")] {
            if let Ok(root) = parse(&decode(body, charset)) {
                let (nodes, depth) = size(&root);
                prop_assert!(nodes <= MAX_NODES && depth <= MAX_DEPTH, "{nodes} {depth}");
            }
        }
        Ok(())
    }

    fn told(&self) -> String {
        "every tree is bounded".to_owned()
    }
}

/// Nodes and levels.
fn size(node: &Node) -> (usize, usize) {
    let below = node.children.iter().map(size);
    let (nodes, depth) = below.fold((0, 0), |all, one| (all.0 + one.0, all.1.max(one.1)));
    (nodes + 1, depth + 1)
}

#[test]
fn trees() {
    let targets = ["isapi-xml", "viid-json", "dahua-json"].map(seeds);
    let bodies: Vec<Vec<u8>> = targets.into_iter().flatten().map(|(_, body)| body).collect();
    play("trees", &bodies, || Trees);
}

/// A plate's text is short, of plain characters, and stays what it is when it is read again.
struct Plates;

impl Property for Plates {
    fn holds(&self, raw: &[u8], _: &Recipe) -> Result<(), TestCaseError> {
        let plate = normalise(&String::from_utf8_lossy(raw));
        let told = matches!(plate.state, PlateState::Read | PlateState::Partial);
        prop_assert_eq!(plate.text.is_some(), told);
        let Some(text) = plate.text else {
            return Ok(());
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || ('\u{4e00}'..='\u{9fff}').contains(&c);
        prop_assert!(text.chars().all(|c| plain(c) || c == '-') && text.chars().count() <= 12);
        prop_assert_eq!(text.contains('-'), plate.state == PlateState::Partial);
        let again = normalise(&text);
        if again.prefix.is_none() {
            prop_assert_eq!(again.text.as_ref(), Some(&text));
        }
        let _ = plate_format(&text);
        Ok(())
    }

    fn told(&self) -> String {
        "every text is bounded and stays what it is".to_owned()
    }
}

#[test]
fn plate_text() {
    let files = seeds("plate-text").into_iter();
    let lines = files.flat_map(|(_, text)| {
        String::from_utf8(text)
            .unwrap()
            .lines()
            .map(|line| line.as_bytes().to_vec())
            .collect::<Vec<_>>()
    });
    play("plate-text", &lines.collect::<Vec<_>>(), || Plates);
}
