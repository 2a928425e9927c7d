//! A line to scale controllers: the port, who holds it, what comes through it, who answers.

use std::fs;
use std::path::Path;

use rustix::fs::Access;

use super::certificate;
use crate::clock::Clock;
use crate::command::finding::Part;
use crate::command::holder;
use crate::config::ScaleConfig;
use crate::io::scale::port::PortError;
use crate::io::scale::probe::{Heard, Probe, Setting, probe};

const WIRING: &str = "power of the controller, A/B swapped, GND, termination, its address: nothing \
                      comes by any common rate";

/// Looks at the port and, unless somebody has it open, asks the controllers.
pub(super) async fn examine(config: &ScaleConfig) -> Part {
    let mut part = Part::of("scale", &config.name);
    if config.tcp_address().is_none() && !port_is_usable(config, &mut part) {
        return part;
    }
    match probe(config).await {
        Ok(probe) => answers(config, &probe, &mut part),
        Err(error) => not_opened(&error, &mut part),
    }
    part
}

/// Whether the device is there, may be opened and is nobody else's.
pub(super) fn port_is_usable(config: &ScaleConfig, part: &mut Part) -> bool {
    let path = Path::new(&config.port);
    if fs::metadata(path).is_err() {
        let advice = "plug the adapter in, or correct scale.port: `wimd ports` lists what is there";
        part.fail("port_present", format!("{} is not there", config.port), advice);
        return false;
    }
    part.ok("port_present", config.port.clone());
    if let Err(error) = rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK) {
        let advice = "sudo usermod -aG dialout $USER, then log in again; or use sudo";
        part.fail("port_permitted", format!("{}: {error}", config.port), advice);
        return false;
    }
    part.ok("port_permitted", "may be opened");
    let holders = holder::of(path);
    if holders.is_empty() {
        part.ok("port_free", "nobody has it open");
        return true;
    }
    let advice = "stop that program; only one may have the port. wimd itself shows here when its \
                  control socket cannot be reached";
    part.fail("port_free", format!("held by {}", holders.join(", ")), advice);
    false
}

fn not_opened(error: &PortError, part: &mut Part) {
    let mut text = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        text = format!("{text}: {cause}");
    }
    let advice =
        "the port is there and cannot be used: cable, adapter, serial server; dmesg | tail";
    part.fail("port_open", text, advice);
}

fn answers(config: &ScaleConfig, probe: &Probe, part: &mut Part) {
    let configured = Setting { baud: config.baud, format: config.format };
    let Some((setting, heard)) = probe.working() else {
        return nothing(probe, part);
    };
    let words = |setting: &Setting| format!("{} bit/s {}", setting.baud, name(setting));
    if config.tcp_address().is_some() {
        part.ok("line", format!("{} good frames by TCP", heard.frames));
    } else if *setting == configured {
        part.ok("line", format!("good frames by {}", words(setting)));
    } else {
        let advice = format!(
            "set baud = {} and format = \"{}\" of this [[scale]], or the controller to what is \
             configured",
            setting.baud,
            name(setting),
        );
        let figure = format!(
            "no good frame by {} as configured; good frames by {}",
            words(&configured),
            words(setting)
        );
        part.fail("line", figure, &advice);
    }
    identities(config, heard, part);
}

fn nothing(probe: &Probe, part: &mut Part) {
    let (tried, came) = (probe.attempts.len(), probe.bytes());
    let echoes: u64 = probe.attempts.iter().map(|(_, heard)| heard.echoes).sum();
    if echoes > 0 {
        let advice = "our own question comes back and nobody answers: power of the controller, its \
                      address, A/B wires behind the adapter";
        part.fail("line", format!("{tried} settings tried, only the echo came"), advice);
    } else if came > 0 {
        let advice = "something talks, but not this protocol: another device, another rate, noise \
                      for want of termination or ground";
        part.fail(
            "line",
            format!("{tried} settings tried, {came} bytes came, no good frame"),
            advice,
        );
    } else {
        part.fail("line", format!("{tried} settings tried, no byte came"), WIRING);
    }
}

fn identities(config: &ScaleConfig, heard: &Heard, part: &mut Part) {
    let now = Clock::system().now();
    for address in &config.addresses {
        let found = heard.identities.iter().find(|(from, _)| from == address);
        let Some((_, identity)) = found else {
            let advice = "address of the controller and `addresses` of this [[scale]]; its power";
            part.fail("controller", format!("controller {address} does not answer"), advice);
            continue;
        };
        part.ok(
            "controller",
            format!(
                "controller {address}: {} {}, software {}",
                identity.model.as_str(),
                identity.serial.as_str(),
                identity.software.as_str(),
            ),
        );
        let known = identity.certificate_expiry;
        match known.and_then(|day| certificate::days_of_day(day, now)) {
            Some(days) => {
                let name = format!("verification certificate {}", identity.certificate.as_str());
                certificate::note(part, "verification", &name, days);
            }
            None => {
                let advice = "enter number and last day into the controller: nothing can be \
                              enforced without";
                part.warn("verification", "the controller tells no certificate", advice);
            }
        }
    }
}

fn name(setting: &Setting) -> String {
    let value = serde_json::to_value(setting.format).unwrap_or_default();
    value.as_str().unwrap_or("-").to_owned()
}
