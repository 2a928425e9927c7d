//! A whole body in, its messages with their pictures out. Blocks on the disk.

use crate::config::camera::Dialect;
use crate::pipeline::plate::{PictureKind, PictureRef};

use super::document::{decode, parse};
use super::gathering::{LeftOut, Received, Text};
use super::message::{Content, LoosePicture, Message};
use super::picture::{Picture, finish_all, number_names};
use super::refused::Refused;
use super::{dahua, gat1400, isapi, neutral};

/// A vehicle with its pictures, which are durable.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) message: Message,
    pub(super) pictures: Vec<PictureRef>,
}

/// A picture that came apart from its vehicle, which is durable.
#[derive(Debug)]
pub(super) struct Loose {
    pub(super) told: LoosePicture,
    pub(super) pictures: Vec<PictureRef>,
}

/// What a body tells.
#[derive(Debug, Default)]
pub(super) struct Interpreted {
    pub(super) told: Vec<Told>,
    pub(super) loose: Vec<Loose>,
    pub(super) heartbeats: u64,
    pub(super) others: u64,
    /// Ids of the objects, in order, for dialects that want an answer for each.
    pub(super) objects: Vec<String>,
    pub(super) left_out: LeftOut,
}

/// A picture that a text names: the filter left its number in the place of its content.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) number: usize,
    pub(super) kind: PictureKind,
    pub(super) name: String,
}

/// One of the things that a text tells.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) content: Content,
    pub(super) pictures: Vec<Named>,
    /// Id of the object, for dialects that want an answer for each.
    pub(super) object: Option<String>,
}

impl Reading {
    fn plain(content: Content) -> Self {
        Self { content, pictures: Vec::new(), object: None }
    }
}

/// Reads the texts, then makes the pictures of vehicles durable; all others leave nothing behind.
///
/// # Errors
/// [`Refused`] when there is no event at all, a text of importance cannot be read, an announced
/// picture is missing at the end, or the disk fails.
pub(super) fn interpret(dialect: Dialect, mut received: Received) -> Result<Interpreted, Refused> {
    let texts = std::mem::take(&mut received.texts);
    let mut result = Interpreted { left_out: received.left_out, ..Interpreted::default() };
    let mut messages: Vec<Message> = Vec::new();
    let mut texts_before: Vec<TextBefore> = Vec::new();
    let mut loose: Vec<(LoosePicture, usize)> = Vec::new();
    let mut failure = None;
    for text in texts {
        let size = text.bytes.len() as u64;
        let before = text.pictures_before;
        match readings(dialect, text) {
            Ok(readings) => {
                let alone = readings.len() == 1;
                let first = messages.len();
                for reading in readings {
                    result.objects.extend(reading.object);
                    match reading.content {
                        Content::Plate(message) => {
                            result.left_out.pictures_elsewhere += message.pictures_elsewhere;
                            assign(reading.pictures, messages.len(), &mut received.pictures);
                            messages.push(*message);
                        }
                        Content::Picture(picture) => {
                            let numbers = reading.pictures.iter().map(|named| named.number);
                            loose.extend(numbers.map(|number| ((*picture).clone(), number)));
                            name_them(reading.pictures, &mut received.pictures);
                        }
                        Content::Heartbeat => result.heartbeats += 1,
                        Content::Other => result.others += 1,
                    }
                }
                let message = (alone && messages.len() > first).then_some(first);
                texts_before.push(TextBefore { pictures: before, message });
            }
            Err(error) => {
                result.left_out.parts += 1;
                result.left_out.bytes += size;
                failure.get_or_insert(error);
            }
        }
    }
    if messages.is_empty() && loose.is_empty() && result.heartbeats + result.others == 0 {
        return Err(failure.unwrap_or(Refused::NoEvent));
    }
    let announced = messages.iter().filter_map(|message| message.announced_pictures);
    let came = received.pictures.len() as u64 + result.left_out.empty_pictures;
    if received.unclosed && announced.sum::<usize>() as u64 > came {
        return Err(Refused::Truncated);
    }
    let named = loose.len();
    result.loose = loose_pictures(loose, &mut received.pictures)?;
    // told, and not there or no picture
    result.others += (named - result.loose.len()) as u64;
    let came = received.pictures.len();
    result.told = with_pictures(messages, received.pictures, &texts_before)?;
    let kept: usize = result.told.iter().map(|told| told.pictures.len()).sum();
    result.left_out.unassigned_pictures += (came - kept) as u64;
    Ok(result)
}

fn readings(dialect: Dialect, text: Text) -> Result<Vec<Reading>, Refused> {
    if dialect == Dialect::Neutral {
        let read = neutral::read(&text.bytes).map_err(Refused::Neutral)?;
        let pictures = read.pictures.into_iter();
        let pictures = pictures.map(|(kind, name, number)| Named { number, kind, name }).collect();
        return Ok(vec![Reading { content: read.content, pictures, object: None }]);
    }
    let text = decode(&text.bytes, text.charset.as_deref());
    let root = parse(&text).map_err(Refused::Document)?;
    match dialect {
        Dialect::Dahua => dahua::read(&root).map(|reading| vec![reading]),
        Dialect::Gat1400 => Some(gat1400::read(&root)),
        Dialect::Isapi | Dialect::Neutral => {
            isapi::read(&root).map(|content| vec![Reading::plain(content)])
        }
    }
    .filter(|readings| !readings.is_empty())
    .ok_or(Refused::NoEvent)
}

fn assign(named: Vec<Named>, owner: usize, pictures: &mut [Picture]) {
    let numbers: Vec<usize> = named.iter().map(|named| named.number).collect();
    for picture in pictures.iter_mut().filter(|picture| numbers.contains(&picture.number)) {
        picture.owner = Some(owner);
    }
    name_them(named, pictures);
}

fn name_them(named: Vec<Named>, pictures: &mut [Picture]) {
    for Named { number, kind, name } in named {
        let picture = pictures.iter_mut().find(|picture| picture.number == number);
        if let Some(picture) = picture {
            picture.kind = Some(kind);
            picture.names = vec![name];
        }
    }
}

/// Takes the pictures out that came apart from their vehicles, and makes them durable.
fn loose_pictures(
    loose: Vec<(LoosePicture, usize)>,
    pictures: &mut Vec<Picture>,
) -> Result<Vec<Loose>, Refused> {
    let mut told = Vec::new();
    let mut taken = Vec::new();
    for (loose, number) in loose {
        let place = pictures.iter().position(|picture| picture.number == number);
        if let Some(place) = place {
            taken.push((pictures.remove(place), &[][..]));
            told.push(loose);
        }
    }
    let stored = finish_all(taken).map_err(Refused::Picture)?;
    let loose = told.into_iter().zip(stored);
    Ok(loose.map(|(told, stored)| Loose { told, pictures: vec![stored] }).collect())
}

/// A text that pictures may follow.
#[derive(Clone, Copy, Debug)]
struct TextBefore {
    /// How many came before it.
    pictures: usize,
    /// The vehicle that it tells, when it tells nothing else.
    message: Option<usize>,
}

/// A picture belongs to the message that names it, else to that of the text before it or of the
/// first. Where that text tells nothing of a vehicle, or of several things, nobody knows whose it
/// is, and it is left out: it may show somebody else.
fn with_pictures(
    messages: Vec<Message>,
    pictures: Vec<Picture>,
    texts: &[TextBefore],
) -> Result<Vec<Told>, Refused> {
    let mut told: Vec<Told> =
        messages.into_iter().map(|message| Told { message, pictures: Vec::new() }).collect();
    let mut owners = Vec::new();
    let mut owned = Vec::new();
    for (number, picture) in pictures.into_iter().enumerate() {
        let before = texts.iter().rev().find(|text| text.pictures <= number);
        let followed = before.or(texts.first()).and_then(|text| text.message);
        if let Some(place) = picture.owner.or(followed)
            && let Some(owner) = told.get(place)
        {
            owners.push(place);
            owned.push((picture, &owner.message.picture_names[..]));
        }
    }
    let stored = finish_all(owned).map_err(Refused::Picture)?;
    for (place, stored) in owners.into_iter().zip(stored) {
        told[place].pictures.push(stored);
    }
    for told in &mut told {
        number_names(&mut told.pictures);
    }
    Ok(told)
}
