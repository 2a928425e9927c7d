//! Names of pictures, distinct within a record: evidence is published under record and name.

use std::collections::BTreeSet;

use crate::pipeline::plate::{CameraRole, PictureRef, PlateRead};

/// Gives each later picture of a name that is taken its camera role and, if need be, a number in
/// front; names that differ stay as the cameras gave them.
pub(super) fn make_names_distinct<'a>(reads: impl Iterator<Item = &'a mut PlateRead>) {
    let mut taken = BTreeSet::new();
    for read in reads {
        let role = match read.role {
            CameraRole::Front => "front",
            CameraRole::Rear => "rear",
            CameraRole::Side => "side",
        };
        for picture in &mut read.pictures {
            rename(picture, role, &taken);
            taken.insert(picture.name.clone());
        }
    }
}

fn rename(picture: &mut PictureRef, role: &str, taken: &BTreeSet<String>) {
    if !taken.contains(&picture.name) {
        return;
    }
    let plain = format!("{role}-{}", picture.name);
    let numbered = (2..).map(|number| format!("{role}-{number}-{}", picture.name));
    let free = std::iter::once(plain).chain(numbered).find(|name| !taken.contains(name));
    if let Some(name) = free {
        picture.name = name;
    }
}
