//! Pictures of an event that is offered to the store, perhaps long after they came: until the event is
//! taken nothing names them, and room may have been made among what nothing names.

use tokio::task::spawn_blocking;

use super::refused::Refused;
use crate::io::pictures::PictureFolder;
use crate::pipeline::plate::PictureRef;
use crate::pipeline::{Arrival, Input};

/// The same inputs with the pictures that are there, which nobody removes for a while, and how many are
/// gone and left out.
///
/// # Errors
/// [`Refused::Internal`].
pub(super) async fn with_pictures(
    folder: &PictureFolder,
    mut arrivals: Vec<Arrival>,
) -> Result<(Vec<Arrival>, u64), Refused> {
    if arrivals.iter_mut().all(|arrival| pictures(arrival).is_none_or(|it| it.is_empty())) {
        return Ok((arrivals, 0));
    }
    let folder = folder.clone();
    let kept = spawn_blocking(move || {
        let gone = arrivals.iter_mut().filter_map(pictures).map(|it| leave_out_gone(&folder, it));
        let gone = gone.sum();
        (arrivals, gone)
    });
    kept.await.map_err(|_| Refused::Internal)
}

fn leave_out_gone(folder: &PictureFolder, pictures: &mut Vec<PictureRef>) -> u64 {
    let before = pictures.len();
    pictures.retain(|picture| {
        folder.bring_again(&picture.sha256).unwrap_or_else(|error| {
            // it is there, but not ours to touch
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a picture stays as old as it is"
            );
            true
        })
    });
    (before - pictures.len()) as u64
}

fn pictures(arrival: &mut Arrival) -> Option<&mut Vec<PictureRef>> {
    match &mut arrival.input {
        Input::PlateRead(read) => Some(&mut read.pictures),
        _ => None,
    }
}
