//! The scale door over real ports: a pty whose cable is pulled, garbage, and TCP.

#[path = "scale_pty/site.rs"]
mod site;

use firmware_protocol::{Sensor, SensorHealth, SensorKind, Sensors};
use site::{BOOT, DEADLINE, Site, assert_is};
use tokio::time::timeout;
use wimd::config::LinkMode;
use wimd::io::intake::Refusal;
use wimd::io::scale::status::{LinkState, PortState};
use wimd::pipeline::passage::QualityFlag;
use wimd::sim::controller::{SimController, SimControllerOptions};
use wimd::units::Micros;

async fn a_passage_arrives(mode: LinkMode) {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(mode));
    let truck = site.truck(1, 1_000);
    controller.play(truck.clone());
    site.take_until(1).await;
    let passage = &site.stored.passages[0];
    assert_is(passage, &truck);
    let scale = passage.scale.clone().expect("an identity");
    assert_eq!(scale.serial, "SIM-0001");
    let mut journal = controller.journal();
    let acknowledged = site.serve_until(&door, |status| {
        status.controllers[0].acknowledged == status.controllers[0].newest
    });
    acknowledged.await;
    timeout(DEADLINE, journal.wait_for(|journal| journal.acknowledged() >= 1))
        .await
        .expect("an acknowledgement before the deadline")
        .expect("a running controller");
    assert_eq!(site.stored.vehicles(), [1]);
    door.close().await;
}

#[tokio::test]
async fn a_polled_vehicle_becomes_a_passage_and_is_acknowledged() {
    a_passage_arrives(LinkMode::Poll).await;
}

#[tokio::test]
async fn a_pushed_vehicle_becomes_a_passage_and_is_acknowledged() {
    a_passage_arrives(LinkMode::Push).await;
}

async fn a_pulled_cable_loses_nothing(mode: LinkMode) {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(mode));
    let mut trucks = [site.truck(1, 2_000), site.truck(2, 2_300), site.truck(1, 30_000)];
    trucks[0].ended_at = trucks[0].began_at + Micros::from_secs(20);
    for truck in &trucks {
        controller.play(truck.clone());
    }
    site.serve_until(&door, |status| status.controllers[0].open_vehicles > 0).await;
    controller.unplug().await.expect("unplugged");
    site.serve_until(&door, |status| status.state == PortState::Absent).await;
    controller.replug().await.expect("plugged in");
    site.take_until(3).await;
    assert_eq!(site.stored.vehicles(), [1, 2, 3]);
    for passage in &site.stored.passages {
        let number = usize::try_from(passage.source.vehicle).expect("small");
        assert_is(passage, &trucks[number - 1]);
    }
    let status = door.status.borrow().clone();
    assert!(status.counts.unplugged + status.counts.io_errors >= 1);
    assert!(status.counts.opened >= 2);
    door.close().await;
}

#[tokio::test]
async fn a_cable_pulled_while_a_vehicle_is_on_the_scale_loses_nothing_in_poll_mode() {
    a_pulled_cable_loses_nothing(LinkMode::Poll).await;
}

#[tokio::test]
async fn a_cable_pulled_while_a_vehicle_is_on_the_scale_loses_nothing_in_push_mode() {
    a_pulled_cable_loses_nothing(LinkMode::Push).await;
}

#[tokio::test]
async fn a_port_that_appears_late_is_opened() {
    let mut site = Site::new();
    let door = site.open(&site.config(LinkMode::Poll));
    door.until(|status| status.counts.open_failures >= 2).await;
    let status = door.status.borrow().clone();
    assert_eq!(status.state, PortState::Absent);
    let error = status.last_error.expect("a reason");
    let path = site.link().display().to_string();
    assert!(error.starts_with(&format!("cannot open {path}: ")), "{error}");

    let mut controller = site.pty_controller();
    controller.play(site.truck(1, 0));
    site.take_until(1).await;
    assert_eq!(site.stored.vehicles(), [1]);
    assert_eq!(door.status.borrow().state, PortState::Working);
    door.close().await;
}

#[tokio::test]
async fn garbage_is_counted_and_delays_nothing_for_ever() {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(LinkMode::Push));
    site.serve_until(&door, |status| status.state == PortState::Working).await;
    let noise: Vec<u8> = (0..2_000_u32).map(|n| (n * 37 % 251) as u8).collect();
    let bytes = noise.len() as u64;
    let delimiters = noise.iter().filter(|byte| **byte == 0).count() as u64;
    controller.babble(noise).await.expect("sent");
    controller.play(site.truck(1, 0));
    site.take_until(1).await;
    site.serve_until(&door, |status| {
        let drops = &status.drops;
        drops.noise + drops.bad_crc + drops.oversize >= bytes - delimiters
    })
    .await;
    door.close().await;
}

#[tokio::test]
async fn a_serial_server_that_hangs_up_is_called_again() {
    let mut site = Site::new();
    let options = SimControllerOptions::new(BOOT);
    let any = "127.0.0.1:0".parse().expect("an address");
    let mut controller = SimController::serve_tcp(options, site.clock, any).expect("a listener");
    let mut config = site.config(LinkMode::Push);
    config.port = controller.port().to_owned();
    let door = site.open(&config);
    controller.play(site.truck(1, 0));
    site.take_until(1).await;
    controller.unplug().await.expect("unplugged");
    site.serve_until(&door, |status| status.state == PortState::Absent).await;
    controller.play(site.truck(2, 0));
    controller.replug().await.expect("plugged in");
    site.take_until(2).await;
    assert_eq!(site.stored.vehicles(), [1, 2]);
    door.close().await;
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_store_refuses() {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(LinkMode::Poll));
    controller.play(site.truck(1, 0));
    for _ in 0..3 {
        let offer = timeout(DEADLINE, site.offers.recv())
            .await
            .expect("an offer before the deadline")
            .expect("an open intake");
        let _ = offer.done.send(Err(Refusal::Full));
    }
    door.until(|status| status.controllers[0].offers.refused >= 2).await;
    assert_eq!(door.status.borrow().controllers[0].acknowledged, 0);
    assert_eq!(controller.journal().borrow().acknowledged(), 0);

    site.take_until(1).await;
    let mut journal = controller.journal();
    site.serve_until(&door, |status| status.controllers[0].acknowledged > 0).await;
    timeout(DEADLINE, journal.wait_for(|journal| journal.acknowledged() >= 1))
        .await
        .expect("an acknowledgement before the deadline")
        .expect("a running controller");
    assert_eq!(site.stored.vehicles(), [1]);
    door.close().await;
}

/// Lane 2 is on the scale from before lane 1's truck came until after it left; the daemon dies
/// when only lane 1 is stored.
#[tokio::test]
async fn a_vehicle_in_the_store_is_not_offered_again_after_a_restart() {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(LinkMode::Poll));
    let mut slow = site.truck(2, 1_000);
    slow.ended_at = slow.began_at + Micros::from_secs(25);
    controller.play(slow);
    controller.play(site.truck(1, 3_000));
    site.take_until(1).await;
    let cursor = site.stored.cursor["scale-1/1"].clone();
    assert_eq!((cursor.boot_id, cursor.stored_vehicles), (BOOT, vec![2]));
    door.close().await;

    let door = site.open(&site.config(LinkMode::Poll));
    site.take_until(2).await;
    site.serve_until(&door, |status| {
        let report = &status.controllers[0];
        report.acknowledged == report.newest && report.vehicles.duplicate_vehicle_events >= 8
    })
    .await;
    assert_eq!(site.stored.vehicles(), [1, 2]);
    assert_eq!(site.stored.audits.len(), 1, "the start of the controller, once");
    assert_eq!(site.stored.gaps, 0);
    door.close().await;
}

#[tokio::test]
async fn a_restarted_controller_leaves_a_gap_and_goes_on() {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(LinkMode::Push));
    controller.play(site.truck(1, 0));
    site.take_until(1).await;
    controller.restart().await.expect("restarted");
    controller.play(site.truck(1, 0));
    site.take_until(2).await;
    let boots: Vec<u32> =
        site.stored.passages.iter().map(|passage| passage.source.boot_id).collect();
    assert_eq!((boots, site.stored.gaps), (vec![BOOT, BOOT + 1], 1));
    door.until(|status| status.controllers[0].link.restarts == 1).await;
    door.close().await;
}

#[tokio::test]
async fn a_faulty_sensor_is_shown_and_flags_the_passages_of_its_lane() {
    let mut site = Site::new();
    let mut controller = site.pty_controller();
    let door = site.open(&site.config(LinkMode::Poll));
    let broken =
        Sensor { lane: 2, kind: SensorKind::Load, number: 3, health: SensorHealth::Faulty };
    site.serve_until(&door, |status| status.controllers[0].state == LinkState::Answering).await;
    controller.report_status(firmware_protocol::ControllerStatus {
        at_us: 0,
        temperature_dc: Some(401),
        supply_mv: None,
        sensors: Sensors::new(&[broken]).expect("one sensor"),
    });
    site.serve_until(&door, |status| !status.controllers[0].faulty_sensors.is_empty()).await;
    controller.play(site.truck(1, 0));
    controller.play(site.truck(2, 0));
    site.take_until(2).await;
    site.stored.passages.sort_by_key(|passage| passage.lane);
    let flags: Vec<_> = site.stored.passages.iter().map(|passage| passage.flags.clone()).collect();
    assert_eq!(flags, [vec![], vec![QualityFlag::SensorFault]]);
    door.close().await;
}
