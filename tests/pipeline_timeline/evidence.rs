//! Whether a record shows what its site wants shown, by pictures of the required sides and by film.

use crate::vocabulary::*;
use wimd::pipeline::Parameters;
use wimd::pipeline::plate::CameraRole;
use wimd::pipeline::plate::CameraRole::{Front, Rear, Side};
use wimd::pipeline::record::{ClipSource, Unenforceable};
use wimd::units::{Lane, Micros};

fn requires(roles: &[CameraRole]) -> Parameters {
    let mut site = site(1, true);
    site.lanes[0].required_pictures = roles.to_vec();
    site
}

/// A vehicle that both cameras read, each with a picture where it is told.
fn read_with([front, rear]: [bool; 2]) -> Timeline {
    let one = truck(1_001).at(0);
    let with = |has: bool, mut event: Event| {
        if !has {
            event.read.pictures.clear();
        }
        event
    };
    Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(with(front, plate("赣H12345").of(&one)))
        .event(with(rear, plate("赣H12345").rear_of(&one)))
}

#[test]
fn evidence_is_complete_when_every_required_side_has_a_picture() {
    let both = [true, true];
    for (pictures, required, complete) in [
        (both, &[Front, Rear][..], true),
        ([true, false], &[Front, Rear], false),
        ([false, true], &[Front, Rear], false),
        ([true, false], &[Front], true),
        ([false, true], &[Rear], true),
        ([false, false], &[], true),
        (both, &[Front, Rear, Side], false),
    ] {
        let outcome = read_with(pictures).run(requires(required));
        let record = outcome.vehicle(1_001);
        let told = record.unenforceable.contains(&Unenforceable::EvidenceIncomplete);
        assert_eq!(
            (record.evidence_complete, told),
            (complete, !complete),
            "{pictures:?} {required:?}"
        );
        assert_eq!(outcome.seen()[&1_001], paired("赣H12345"), "the plate is read all the same");
    }
}

#[test]
fn a_record_refers_to_the_film_of_each_recorder_of_its_lane() {
    let recorder = |name: &str, lane, before, after| ClipSource {
        recorder: name.to_owned(),
        lanes: vec![Lane(lane)],
        template: format!("rtsp://{name}/{{start_epoch}}-{{end_epoch}}"),
        before: Micros::from_secs(before),
        after: Micros::from_secs(after),
    };
    let mut site = site(2, false);
    site.clips =
        vec![recorder("near", 1, 5, 5), recorder("far", 1, 0, 30), recorder("other", 2, 1, 1)];
    let (one, two) = (truck(1_001).at(0), truck(1_002).lane(2).at(10_000));
    let outcome = Timeline::taught(2, false, |event| event).truck(&one).truck(&two).run(site);
    for (vehicle, expected) in
        [(1_001, &[("near", 5, 5), ("far", 0, 30)][..]), (1_002, &[("other", 1, 1)])]
    {
        let record = outcome.vehicle(vehicle);
        let told: Vec<_> =
            record.clips.iter().map(|clip| (&*clip.recorder, clip.from, clip.to)).collect();
        let (began, ended) = (record.passage.began_at, record.passage.ended_at);
        let span = |&(name, before, after): &(_, i64, i64)| {
            (name, began + Micros::from_secs(-before), ended + Micros::from_secs(after))
        };
        assert_eq!(told, expected.iter().map(span).collect::<Vec<_>>());
        let first = &record.clips[0];
        let ends = [first.from, first.to].map(|at| at.0.div_euclid(1_000_000));
        assert_eq!(first.url, format!("rtsp://{}/{}-{}", first.recorder, ends[0], ends[1]));
    }
}
