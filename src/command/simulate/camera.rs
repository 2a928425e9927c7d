//! `wimd simulate camera`: one camera that sends events to an address and shows what it is told.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::{Exit, Failure, Outcome};
use crate::clock::Clock;
use crate::sim::camera::{
    Oddity, Quirk, SimDialect, SimPicture, SimPlateEvent, SimTrial, scene, variation,
};
use crate::units::DeciKmh;

/// Arguments of `wimd simulate camera`.
#[derive(Debug, Args)]
pub(super) struct CameraArgs {
    /// What it speaks.
    #[arg(long, value_name = "DIALECT", default_value = "isapi", help = dialects())]
    dialect: SimDialect,
    /// Where it posts: what is typed into the camera's web page. GA/T 1400 adds /VIID/… to it,
    /// Dahua /NotificationInfo/….
    #[arg(long, value_name = "URL")]
    url: String,
    /// A deviation by name; several may be given. `--quirk list` shows all.
    #[arg(long, value_name = "NAME")]
    quirk: Vec<String>,
    /// Plate of the vehicle.
    #[arg(long, value_name = "TEXT", default_value = "赣E12345")]
    plate: String,
    /// Events, one after the other.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Device id of GA/T 1400.
    #[arg(long, value_name = "ID", requires = "password_file")]
    device_id: Option<String>,
    /// File with its password.
    #[arg(long, value_name = "FILE", requires = "device_id")]
    password_file: Option<PathBuf>,
    /// Print each answer as one JSON object.
    #[arg(long)]
    json: bool,
}

fn dialects() -> String {
    format!("What it speaks: {}", SimDialect::ALL.map(|(name, _)| name).join(", "))
}

/// What the camera was told.
#[derive(Serialize)]
struct Told {
    event: u32,
    status: u16,
    body: String,
}

pub(super) async fn simulate(args: &CameraArgs, out: &mut dyn Write) -> Outcome {
    if args.quirk.iter().any(|name| name == "list") {
        return list(args.dialect, out);
    }
    let mut trial = trial(args)?;
    let drawn = scene(6);
    let mut good = true;
    for number in 0..args.count {
        let at = Clock::wall();
        let picture = |name: &str| SimPicture {
            name: name.to_owned(),
            jpeg: variation(&drawn, &format!("{name} {at}")),
        };
        let event = SimPlateEvent {
            uuid: Some(format!("simulated-{}", at.0)),
            speed: Some(DeciKmh(560)),
            pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
            ..SimPlateEvent::read(&args.plate, at)
        };
        let answers = trial.send(&event).await.map_err(|error| {
            Failure::from(error).advice("is it the address and port of [camera_door]?")
        })?;
        for answer in answers {
            good &= answer.status.is_success();
            let body = String::from_utf8_lossy(&answer.body).trim().to_owned();
            tell(args, Told { event: number + 1, status: answer.status.as_u16(), body }, out)?;
        }
    }
    Ok(if good { Exit::Good } else { Exit::Failed })
}

fn tell(args: &CameraArgs, told: Told, out: &mut dyn Write) -> Result<(), Failure> {
    if args.json {
        serde_json::to_writer(&mut *out, &told)?;
        return Ok(writeln!(out)?);
    }
    let word = if told.status < 300 { "accepted" } else { "refused" };
    Ok(writeln!(out, "event {}: {word} with {}: {}", told.event, told.status, told.body)?)
}

fn list(dialect: SimDialect, out: &mut dyn Write) -> Outcome {
    if dialect.is_multipart() {
        for (name, _) in Quirk::ALL {
            writeln!(out, "{name}")?;
        }
    }
    for (name, oddity) in Oddity::ALL {
        if oddity.fits(dialect) {
            writeln!(out, "{name}")?;
        }
    }
    Ok(Exit::Good)
}

fn trial(args: &CameraArgs) -> Result<SimTrial, Failure> {
    let (address, path) = target(&args.url)?;
    let mut trial = SimTrial::new(address, &path, args.dialect);
    for name in &args.quirk {
        let body: Option<Quirk> = name.parse().ok().filter(|_| args.dialect.is_multipart());
        let other: Option<Oddity> =
            name.parse().ok().filter(|oddity: &Oddity| oddity.fits(args.dialect));
        if body.is_none() && other.is_none() {
            let text = format!("{} has no quirk called {name:?}", args.dialect);
            return Err(Failure::new(Exit::Usage, text).advice("`--quirk list` shows all of them"));
        }
        trial.quirks.extend(body);
        trial.oddities.extend(other);
    }
    if let (Some(id), Some(file)) = (&args.device_id, &args.password_file) {
        let password = std::fs::read_to_string(file)?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        trial.account = Some((id.clone(), password));
    }
    Ok(trial)
}

/// Address and path of `http://host:port/path`.
fn target(url: &str) -> Result<(SocketAddr, String), Failure> {
    let wrong = || Failure::new(Exit::Usage, format!("{url:?} is not http://host:port/path"));
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let address = host.to_socket_addrs().map_err(|_| wrong())?.next().ok_or_else(wrong)?;
    Ok((address, path.to_owned()))
}
