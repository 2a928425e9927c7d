//! Pictures of an event that is offered to the store, perhaps long after they came: until the event is
//! taken nothing names them, and room may have been made among what nothing names.

use tokio::task::spawn_blocking;

use super::refused::Refused;
use super::shared::Shared;
use crate::io::pictures::{PictureError, PictureFolder};
use crate::pipeline::plate::PictureRef;
use crate::pipeline::{Arrival, Input};

/// The same inputs with the pictures that are there, which nobody removes for a while. The others are
/// left out and counted.
///
/// # Errors
/// [`Refused::Picture`].
pub(super) async fn with_pictures(
    shared: &Shared,
    index: usize,
    arrivals: Vec<Arrival>,
) -> Result<Vec<Arrival>, Refused> {
    if arrivals.iter().all(|arrival| pictures(arrival).is_empty()) {
        return Ok(arrivals);
    }
    let folder = shared.pictures.clone();
    let kept = spawn_blocking(move || keep(&folder, arrivals)).await;
    let (arrivals, gone) = kept.map_err(|_| Refused::Internal)?.map_err(Refused::Picture)?;
    shared.note(index, |status| status.pictures_gone += gone);
    Ok(arrivals)
}

fn keep(
    folder: &PictureFolder,
    mut arrivals: Vec<Arrival>,
) -> Result<(Vec<Arrival>, u64), PictureError> {
    let mut gone = 0;
    for arrival in &mut arrivals {
        let Input::PlateRead(read) = &mut arrival.input else { continue };
        let mut there = Vec::with_capacity(read.pictures.len());
        for picture in std::mem::take(&mut read.pictures) {
            if folder.bring_again(&picture.sha256)? {
                there.push(picture);
            } else {
                gone += 1;
            }
        }
        read.pictures = there;
    }
    Ok((arrivals, gone))
}

fn pictures(arrival: &Arrival) -> &[PictureRef] {
    match &arrival.input {
        Input::PlateRead(read) => &read.pictures,
        _ => &[],
    }
}
