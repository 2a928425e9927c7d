//! A real door with every dialect, and what must be true of each body that is posted to it.

use std::cell::{Cell, RefCell};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wimd::io::camera::status::CameraStatus;
use wimd::pipeline::plate::{Plate, PlateRead};
use wimd::sim::camera::{Answer, SimBody, SimLink};

use crate::camera_support::{Site, every_dialect};
use crate::corpus::Property;
use crate::mutation::Recipe;

/// Longest word of a camera that is kept, in characters.
const WORD: usize = 64;
/// Most plates beside the first.
const FURTHER: usize = 4;
/// Most confidences of characters: a plate has twelve, and some cameras tell blanks too.
const CONFIDENCES: usize = 64;
/// Longest answer to what is refused, bytes: 200 characters and what the dialect puts around them.
const REFUSAL: usize = 900;

/// What is fuzzed through the door.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its name, and the folder of its seeds.
    pub(crate) name: &'static str,
    pub(crate) camera: &'static str,
    pub(crate) path: &'static str,
    /// Each is used in turn.
    pub(crate) content_types: &'static [&'static str],
}

/// The door of one round.
pub(crate) struct Door {
    target: Target,
    runtime: Runtime,
    site: Site,
    link: RefCell<SimLink>,
    taken: Cell<u32>,
    refused: Cell<u32>,
    _dir: TempDir,
}

impl Door {
    pub(crate) fn open(target: Target) -> Self {
        let runtime = Runtime::new().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (mut door, cameras) = every_dialect(&dir);
        door.max_requests_per_s = 10_000;
        let site = runtime.block_on(Site::open_with(door, cameras));
        let link = RefCell::new(SimLink::new(site.address, target.path));
        let (taken, refused) = (Cell::new(0), Cell::new(0));
        Self { target, runtime, site, link, taken, refused, _dir: dir }
    }

    fn status(&self) -> CameraStatus {
        self.site.status().cameras[self.target.camera].clone()
    }

    pub(crate) fn last_refusal(&self) -> Option<String> {
        self.status().last_refusal
    }

    fn answer(&self, body: &[u8], number: usize) -> Answer {
        let kinds = self.target.content_types;
        let content_type = kinds[number % kinds.len()].to_owned();
        let body = SimBody { content_type, bytes: body.to_vec().into() };
        let mut link = self.link.borrow_mut();
        self.runtime.block_on(link.post(&body)).unwrap()
    }

    /// The status of the answer to a body.
    pub(crate) fn post(&self, body: &[u8], number: usize) -> u16 {
        self.answer(body, number).status.as_u16()
    }
}

impl Property for Door {
    fn holds(&self, body: &[u8], recipe: &Recipe) -> Result<(), TestCaseError> {
        let (before, kept) = (self.status(), self.site.how_many_taken());
        let answer = self.answer(body, recipe.chunk);
        let after = self.status();
        for read in self.site.taken_after(kept) {
            is_bounded(&read)?;
        }
        if after.refusals.store_slow > before.refusals.store_slow {
            // a loaded machine, which says nothing about the body
            return Ok(());
        }
        match answer.status.as_u16() {
            200 => {
                self.taken.set(self.taken.get() + 1);
                prop_assert!(understood(&after) > understood(&before));
                prop_assert_eq!(refusals(&after), refusals(&before));
            }
            400 | 413 => {
                self.refused.set(self.refused.get() + 1);
                prop_assert_eq!(refusals(&after), refusals(&before) + 1);
                is_harmless(&answer, &after)?;
            }
            other => prop_assert!(false, "answered {other}: {:?}", after.last_refusal),
        }
        let (read, sent) = (after.bytes - before.bytes, body.len() as u64);
        prop_assert!(read == sent || (answer.status != 200 && read < sent), "{read} of {sent}");
        Ok(())
    }

    fn told(&self) -> String {
        format!("in the last round {} taken, {} refused", self.taken.get(), self.refused.get())
    }
}

/// Everything that a body can turn out to be beside refused; pictures that are none may be all of it.
fn understood(status: &CameraStatus) -> u64 {
    let left_out = status.empty_pictures + status.foreign_pictures;
    status.events + status.duplicates + status.heartbeats + status.other_events + left_out
}

fn refusals(status: &CameraStatus) -> u64 {
    let counts = serde_json::to_value(status.refusals).unwrap();
    counts.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

fn is_bounded(read: &PlateRead) -> Result<(), TestCaseError> {
    let words = [&read.source_id, &read.vehicle_class, &read.offence_code];
    for word in words.into_iter().flatten() {
        // the id of a picture alone begins with a word of ours
        prop_assert!(word.trim_start_matches("image-").chars().count() <= WORD, "{word}");
    }
    prop_assert!(read.further_plates.len() <= FURTHER);
    let colours = &read.vehicle_colours_raw;
    prop_assert!(colours.len() <= 2 && colours.iter().all(|word| word.chars().count() <= WORD));
    for plate in read.further_plates.iter().chain([&read.plate]) {
        is_bounded_plate(plate)?;
    }
    for picture in &read.pictures {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let name = &picture.name;
        prop_assert!(
            name.chars().all(safe) && !name.starts_with('.') && name.len() <= 70,
            "{name}"
        );
    }
    Ok(())
}

fn is_bounded_plate(plate: &Plate) -> Result<(), TestCaseError> {
    // before the raw word stands its code system
    prop_assert!(plate.colour_raw.chars().count() <= 16 + WORD, "{plate:?}");
    let kinds = &plate.kinds_raw;
    prop_assert!(kinds.len() <= 2 && kinds.iter().all(|kind| kind.chars().count() <= WORD));
    prop_assert!(plate.raw.chars().count() <= WORD, "{plate:?}");
    prop_assert!(plate.character_confidence.len() <= CONFIDENCES, "{plate:?}");
    prop_assert!(plate.confidence.is_none_or(|percent| percent <= 100), "{plate:?}");
    Ok(())
}

/// What is said of a refusal quotes the sender at most in short and without steering characters.
fn is_harmless(answer: &Answer, status: &CameraStatus) -> Result<(), TestCaseError> {
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let reason = status.last_refusal.clone().unwrap();
    prop_assert!(text.len() <= REFUSAL && reason.chars().count() <= 200, "{text}");
    for text in [text.trim_end_matches('\n'), &reason] {
        prop_assert!(!text.contains(steers), "{text:?}");
    }
    Ok(())
}

fn steers(letter: char) -> bool {
    let hidden = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}');
    letter.is_control() || hidden
}
