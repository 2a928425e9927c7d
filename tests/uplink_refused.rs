//! A broker that is connected and takes nothing: `wimd status` and `wimd doctor` say so, why, and what
//! to do about it, for as long as something waits.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;
mod store_support;
mod uplink_support;

use std::process::Command;

use daemon_support::in_time;
use daemon_support::simulated::Simulated;
use serde_json::Value;
use uplink_support::mosquitto;
use wimd::sim::mosquitto::Setup;
use wimd::sim::plan::SITE;
use wimd::sim::platform::{Access, Platform};

const VEHICLES: usize = 2;

fn wimd(site: &Simulated, command: &str) -> Command {
    let mut wimd = Command::new(env!("CARGO_BIN_EXE_wimd"));
    wimd.arg(command).arg("--config").arg(site.path("wimd.toml"));
    wimd
}

/// What `wimd status` prints.
fn status(site: &Simulated) -> String {
    let output = wimd(site, "status").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Level, figure and advice of doctor's finding about what was published.
fn published(site: &Simulated) -> [String; 3] {
    let output = wimd(site, "doctor").arg("--json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["part"] == "broker" && one["check"] == "publish");
    let found = found.unwrap_or_else(|| panic!("nothing of it in {report:#}"));
    ["level", "figure", "advice"].map(|key| found[key].as_str().unwrap_or("").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_does_not_subscribe_is_named_until_it_does() {
    let Some(broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let site = Simulated::with(VEHICLES, |config| config.uplink.broker = broker.url.clone());
    let daemon = site.daemon_at_work().await;
    in_time("a refusal", daemon.until(|now| now.uplink.awaiting_retry > 0)).await;
    let told = status(&site);
    for words in ["the broker refuses ", "(no_matching_subscribers)", "must subscribe wim/v1/"] {
        assert!(told.contains(words), "{told}");
    }
    let [level, figure, advice] = published(&site);
    assert_eq!(level, "warn", "{figure}");
    assert!(figure.ends_with(" wait for another try (no_matching_subscribers)"), "{figure}");
    assert!(advice.contains("must subscribe wim/v1/"), "{advice}");

    let access = Access {
        url: broker.url.clone(),
        site: SITE.into(),
        login: None,
        filter: None,
        receipts: false,
    };
    let _platform = Platform::connect_with(access).await.unwrap();
    in_time("the repetition", daemon.until(|now| now.uplink.awaiting_retry == 0)).await;
    assert!(!status(&site).contains("the broker refuses "));
    let [level, figure, _] = published(&site);
    assert_eq!(level, "ok", "{figure}");
    daemon.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_whose_rules_do_not_let_us_publish_is_named() {
    let setup = Setup {
        listener: "acl_file {dir}/rules\n".into(),
        files: vec![("rules".into(), b"topic read #\n".to_vec())],
        ..Setup::default()
    };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let site = Simulated::with(VEHICLES, |config| config.uplink.broker = broker.url.clone());
    let daemon = site.daemon_at_work().await;
    in_time("a refusal", daemon.until(|now| now.uplink.awaiting_retry > 0)).await;
    let told = status(&site);
    for words in ["(not_authorized)", "the broker's rules (ACL) must allow our user wim/v1/"] {
        assert!(told.contains(words), "{told}");
    }
    daemon.stop().await.unwrap();
}
