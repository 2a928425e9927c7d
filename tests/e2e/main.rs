//! From the axle to the platform, through the real binary and real parts, faster than real time.
//! After each fault the set of records at the subscriber must equal the simulator's truth.

mod support;
#[path = "../whole_site/mod.rs"]
mod whole_site;

use support::{AnyBroker, FAST, Scenario};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_vehicles_arrive_at_mosquitto_as_they_were() {
    let Some(broker) = AnyBroker::mosquitto() else {
        return;
    };
    Scenario::begin((200, 11), FAST, broker).await.expect_nothing_lost_or_wrong().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_vehicles_arrive_at_the_embedded_broker_as_they_were() {
    let broker = AnyBroker::embedded();
    Scenario::begin((40, 12), FAST, broker).await.expect_nothing_lost_or_wrong().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cable_pulled_in_mid_vehicle_and_put_back_loses_nothing() {
    let mut scenario = Scenario::begin((40, 13), FAST, AnyBroker::embedded()).await;
    scenario.until_records(6).await;
    scenario.site.until_mid_vehicle().await;
    scenario.site.controller.unplug().await.expect("the cable can be pulled");
    scenario.site.until_mid_vehicle().await;
    scenario.site.controller.replug().await.expect("the cable can be put back");
    scenario.expect_nothing_lost_or_wrong().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_three_times_loses_nothing() {
    let Some(broker) = AnyBroker::mosquitto() else {
        return;
    };
    let mut scenario = Scenario::begin((60, 14), FAST, broker).await;
    for records in [10, 25, 40] {
        scenario.until_records(records).await;
        scenario.kill_and_restart_the_broker();
    }
    scenario.expect_nothing_lost_or_wrong().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_ten_times_loses_nothing() {
    let Some(broker) = AnyBroker::mosquitto() else {
        return;
    };
    let mut scenario = Scenario::begin((80, 15), FAST, broker).await;
    for round in 1..=10 {
        scenario.until_records(round * 6).await;
        scenario.kill_and_restart_the_daemon();
    }
    scenario.expect_nothing_lost_or_wrong().await;
}
