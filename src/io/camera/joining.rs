//! Vehicles and pictures that came apart (GA/T 1400 `MotorVehicles` and `Images`): joined by the ids
//! that name each other, whichever comes first.
//!
//! A picture that comes after its vehicle makes a fuller event of it. One that comes before is an
//! event without a vehicle, so that it is durable, and stands in the vehicle's own event later.

use std::collections::VecDeque;

use super::gat1400::shown;
use super::interpret::{Loose, Told};
use super::message::{LoosePicture, Message};
use super::picture::number_names;
use crate::pipeline::plate::{PictureKind, PictureRef};

/// Vehicles and pictures that are remembered of a camera. Our choice: what belongs together comes
/// within seconds.
const REMEMBERED: usize = 64;
/// Pictures of a vehicle beyond which no fuller event is made of it: a camera that gives every picture
/// the same id would make each event larger than the one before. As many as `max_parts`.
const MOST_PICTURES: usize = 16;
/// Digits of a picture's id with which the id of its vehicle begins (cameras.md section 4.3).
const SOURCE_DIGITS: usize = 41;

/// What is remembered of a camera's vehicles and pictures.
#[derive(Debug, Default)]
pub(super) struct Joining {
    vehicles: VecDeque<(Message, Vec<PictureRef>)>,
    pictures: VecDeque<(LoosePicture, PictureRef)>,
}

impl Joining {
    /// Gives a vehicle the pictures that came before it.
    pub(super) fn vehicle(&mut self, told: &mut Told) {
        let known = self.pictures.iter().filter(|(picture, _)| names(&told.message, picture));
        for (picture, stored) in known {
            add(&told.message, &mut told.pictures, picture, stored.clone());
        }
        number_names(&mut told.pictures);
        if told.message.source_id.is_some() {
            remember(&mut self.vehicles, (told.message.clone(), told.pictures.clone()));
        }
    }

    /// The fuller events that pictures make of known vehicles; pictures of no known one, which those
    /// of the same body are too, are given back.
    pub(super) fn pictures(&mut self, loose: Vec<Loose>, told: &[Told]) -> (Vec<Told>, Vec<Loose>) {
        let (mut fuller, mut alone) = (Vec::new(), Vec::new());
        for picture in loose {
            for stored in &picture.pictures {
                remember(&mut self.pictures, (picture.told.clone(), stored.clone()));
            }
            if told.iter().any(|told| names(&told.message, &picture.told)) {
                continue;
            }
            let mut vehicles = self.vehicles.iter_mut().rev();
            let known = vehicles.find(|(vehicle, pictures)| {
                pictures.len() < MOST_PICTURES && names(vehicle, &picture.told)
            });
            let Some((vehicle, pictures)) = known else {
                alone.push(picture);
                continue;
            };
            for stored in &picture.pictures {
                add(vehicle, pictures, &picture.told, stored.clone());
            }
            number_names(pictures);
            fuller.push(Told { message: vehicle.clone(), pictures: pictures.clone() });
        }
        (fuller, alone)
    }
}

fn remember<T>(memory: &mut VecDeque<T>, item: T) {
    if memory.len() == REMEMBERED {
        memory.pop_front();
    }
    memory.push_back(item);
}

/// Whether one of the two names the other.
fn names(vehicle: &Message, picture: &LoosePicture) -> bool {
    let Some(id) = &vehicle.source_id else {
        return false;
    };
    let by_source = picture.id.len() == SOURCE_DIGITS && id.starts_with(&picture.id);
    by_source
        || picture.vehicles.contains(id)
        || vehicle.picture_names.iter().any(|(named, _)| *named == picture.id)
}

/// Adds a picture once, as what the vehicle says that it shows.
fn add(
    vehicle: &Message,
    pictures: &mut Vec<PictureRef>,
    told: &LoosePicture,
    mut stored: PictureRef,
) {
    if pictures.iter().any(|known| known.sha256 == stored.sha256) {
        return;
    }
    let listed = vehicle.picture_names.iter().find(|(id, _)| *id == told.id);
    if let Some((_, code)) = listed.filter(|_| stored.kind == PictureKind::Other) {
        (stored.kind, stored.name) = shown(Some(code.as_str()).filter(|code| !code.is_empty()));
    }
    pictures.push(stored);
}
