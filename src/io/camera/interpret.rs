//! A whole body in, its messages with their pictures out. Blocks on the disk.

use crate::config::camera::Dialect;
use crate::pipeline::plate::PictureRef;

use super::document::{decode, parse};
use super::message::{Content, Message};
use super::picture::{Picture, number_names};
use super::reception::{LeftOut, Received, Text};
use super::refused::Refused;
use super::{isapi, neutral};

/// A vehicle with its pictures, which are durable.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) message: Message,
    pub(super) pictures: Vec<PictureRef>,
}

/// What a body tells.
#[derive(Debug, Default)]
pub(super) struct Interpreted {
    pub(super) told: Vec<Told>,
    pub(super) heartbeats: u64,
    pub(super) others: u64,
    pub(super) left_out: LeftOut,
}

/// Reads the texts, then makes the pictures of vehicles durable; all others leave nothing behind.
///
/// # Errors
/// [`Refused`] when there is no event at all, a text of importance cannot be read, an announced
/// picture is missing at the end, or the disk fails.
pub(super) fn interpret(dialect: Dialect, mut received: Received) -> Result<Interpreted, Refused> {
    let texts = std::mem::take(&mut received.texts);
    let mut result = Interpreted { left_out: received.left_out, ..Interpreted::default() };
    let mut messages: Vec<(Message, usize)> = Vec::new();
    let mut failure = None;
    for text in texts {
        let size = text.bytes.len() as u64;
        let before = text.pictures_before;
        match content(dialect, text, &mut received.pictures) {
            Ok(Content::Plate(message)) => messages.push((*message, before)),
            Ok(Content::Heartbeat) => result.heartbeats += 1,
            Ok(Content::Other) => result.others += 1,
            Err(error) => {
                result.left_out.parts += 1;
                result.left_out.bytes += size;
                failure.get_or_insert(error);
            }
        }
    }
    if messages.is_empty() && result.heartbeats + result.others == 0 {
        return Err(failure.unwrap_or(Refused::NoEvent));
    }
    let announced = messages.iter().filter_map(|(message, _)| message.announced_pictures);
    let came = received.pictures.len() as u64 + result.left_out.empty_pictures;
    if received.unclosed && announced.sum::<usize>() as u64 > came {
        return Err(Refused::Truncated);
    }
    result.told = with_pictures(messages, received.pictures)?;
    Ok(result)
}

fn content(dialect: Dialect, text: Text, pictures: &mut [Picture]) -> Result<Content, Refused> {
    if dialect == Dialect::Isapi {
        let text = decode(&text.bytes, text.charset.as_deref());
        let root = parse(&text).map_err(Refused::Document)?;
        return isapi::read(&root).ok_or(Refused::NoEvent);
    }
    let read = neutral::read(&text.bytes).map_err(Refused::Neutral)?;
    for (kind, name, number) in read.pictures {
        let picture = pictures.iter_mut().find(|picture| picture.number == number);
        if let Some(picture) = picture {
            picture.kind = Some(kind);
            picture.names = vec![name];
        }
    }
    Ok(read.content)
}

/// A picture belongs to the last message before it, or to the first one.
fn with_pictures(
    messages: Vec<(Message, usize)>,
    pictures: Vec<Picture>,
) -> Result<Vec<Told>, Refused> {
    let starts: Vec<usize> = messages.iter().skip(1).map(|(_, before)| *before).collect();
    let mut told: Vec<Told> =
        messages.into_iter().map(|(message, _)| Told { message, pictures: Vec::new() }).collect();
    for (number, picture) in pictures.into_iter().enumerate() {
        let owner = starts.iter().filter(|start| **start <= number).count();
        if let Some(owner) = told.get_mut(owner) {
            let stored = picture.finish(&owner.message.picture_names);
            owner.pictures.push(stored.map_err(Refused::Picture)?);
        }
    }
    for told in &mut told {
        number_names(&mut told.pictures);
    }
    Ok(told)
}
