//! The way to the broker: what a connected daemon proves, else step by step.

use std::path::PathBuf;

use serde_json::Value;

use super::certificate;
use crate::clock::Clock;
use crate::command::finding::Part as Findings;
use crate::command::troubles::{RECEIPT_ADVICE, refusal_advice, unreceipted};
use crate::command::value::Part;
use crate::config::{Confirm, UplinkConfig};
use crate::io::uplink::probe::{Step, StepName, probe};

/// Examines it; `snapshot` is what a daemon that runs says.
pub(super) async fn examine(
    config: &UplinkConfig,
    site: &str,
    snapshot: Option<&Value>,
) -> Findings {
    let mut part = Findings::new("broker");
    let connected = snapshot.map(|snapshot| Part::whole(snapshot).part("/uplink"));
    if let Some(uplink) = connected.filter(|uplink| uplink.is("/state", "connected")) {
        part.ok("connect", format!("the daemon is connected for {}", uplink.age("/since")));
        published(uplink, &mut part);
        set_aside(snapshot.map(Part::whole), &mut part);
        if config.confirm == Confirm::Receipt {
            receipts(uplink, &mut part);
        }
    } else {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let way = probe(config, site, credentials.as_deref()).await;
        for step in &way.steps {
            note(step, &mut part);
        }
        if let Some(der) = &way.certificate
            && let Some(days) = certificate::days_of_der(der, Clock::system().now())
        {
            certificate::note(&mut part, "broker_certificate", "the broker's certificate", days);
        }
    }
    files(config, &mut part);
    part
}

fn published(uplink: Part<'_>, part: &mut Findings) {
    let refused = uplink.sum("/refused");
    let figure = format!(
        "{} published, {} acknowledged, {refused} refused",
        uplink.text("/published"),
        uplink.text("/acknowledged"),
    );
    let waiting = uplink.count("/awaiting_retry");
    if waiting > 0 {
        let reason = uplink.text("/last_refusal/reason");
        let figure = format!("{figure}; {waiting} wait for another try ({reason})");
        part.warn("publish", figure, refusal_advice(&reason));
    } else {
        part.ok("publish", figure);
    }
}

/// What the store keeps aside, of this daemon and those before.
fn set_aside(whole: Option<Part<'_>>, part: &mut Findings) {
    let aside = whole.map_or(0, |whole| whole.count("/store/counts/aside"));
    if aside > 0 {
        let advice = "too large for the broker, or damaged: `wimd outbox` tells each and why";
        part.warn("aside", format!("{aside} entries cannot be published"), advice);
    }
}

fn receipts(uplink: Part<'_>, part: &mut Findings) {
    let (settled, waiting) = (uplink.text("/receipts/settled"), uplink.count("/awaiting_receipt"));
    let figure = format!("{settled} records confirmed by the platform, {waiting} await it");
    match unreceipted(uplink) {
        Some(age) => {
            part.warn("receipts", format!("{figure}, none for {age}"), RECEIPT_ADVICE);
        }
        None => part.ok("receipts", figure),
    }
}

fn note(step: &Step, part: &mut Findings) {
    let (check, advice) = match step.name {
        StepName::Configuration => ("configuration", "put [uplink] right: `wimd check`"),
        StepName::Name => (
            "name",
            "name server of this box (resolvectl status), spelling in uplink.broker; an IP address \
             works without name server",
        ),
        StepName::Tcp => (
            "tcp",
            "SIM card, modem, VPN, route: ping the gateway; port and firewall of the platform; is \
             the broker up?",
        ),
        StepName::Tls => (
            "tls",
            "uplink.ca_file must be the platform's authority; our certificate must be theirs; the \
             clock of this box must be right",
        ),
        StepName::Connect => (
            "connect",
            "user, password and client id as the platform has them: uplink.username, \
             password_file, client_id",
        ),
        StepName::Publish => {
            ("publish", "the broker's rules (ACL) must allow this user wim/v1/<site>/#")
        }
    };
    match &step.outcome {
        Ok(text) => part.ok(check, format!("{text} ({:.0?})", step.took)),
        Err(why) => part.fail(check, why.clone(), advice),
    }
}

/// Days that are left of the certificates on this box.
fn files(config: &UplinkConfig, part: &mut Findings) {
    let files = [
        ("own_certificate", "our certificate", &config.client_cert_file),
        ("authority", "the platform's authority", &config.ca_file),
    ];
    let now = Clock::system().now();
    for (check, what, path) in files {
        let Some(path) = path else { continue };
        match certificate::days_of_file(path, now) {
            Ok(days) => certificate::note(part, check, what, days),
            Err(why) => part.fail(check, why, "get the file from the platform, as PEM"),
        }
    }
}
