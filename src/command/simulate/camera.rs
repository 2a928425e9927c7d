//! `wimd simulate camera`: one camera that sends events to an address and shows what it is told.

mod stream;

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use serde::Serialize;

use super::super::file::cannot;
use super::super::{Exit, Failure, Outcome};
use crate::clock::Clock;
use crate::sim::camera::{
    Oddity, Quirk, SimDialect, SimPicture, SimPlateEvent, SimTrial, StreamFault, large_scene,
    variation,
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
    #[arg(long, value_name = "URL", required_unless_present_any = ["listen", "quirk"], conflicts_with = "listen")]
    url: Option<String>,
    /// isapi-pull: where it waits to be pulled; Ctrl-C ends it.
    #[arg(long, value_name = "ADDR:PORT", requires = "username")]
    listen: Option<SocketAddr>,
    /// isapi-pull: the user of its account; its password stands in --password-file.
    #[arg(long, value_name = "NAME", requires = "password_file")]
    username: Option<String>,
    /// isapi-pull: speak https with this certificate, PEM, and --key-file.
    #[arg(long, value_name = "FILE", requires_all = ["listen", "key_file"])]
    cert_file: Option<PathBuf>,
    /// isapi-pull: the key of that certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    key_file: Option<PathBuf>,
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
    #[arg(long, value_name = "FILE")]
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
    if let Some(listen) = args.listen {
        return stream::serve(args, listen, out).await;
    }
    let mut trial = trial(args)?;
    let mut events = Events::new(&args.plate);
    let mut good = true;
    for number in 0..args.count {
        let event = events.next();
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

/// Draws events of one plate.
struct Events {
    plate: String,
    drawn: Bytes,
}

impl Events {
    fn new(plate: &str) -> Self {
        Self { plate: plate.to_owned(), drawn: large_scene(6) }
    }

    fn next(&mut self) -> SimPlateEvent {
        let at = Clock::wall();
        let picture = |name: &str| SimPicture {
            name: name.to_owned(),
            jpeg: variation(&self.drawn, &format!("{name} {at}")),
        };
        SimPlateEvent {
            uuid: Some(format!("simulated-{}", at.0)),
            speed: Some(DeciKmh(560)),
            pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
            ..SimPlateEvent::read(&self.plate, at)
        }
    }
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
    for (name, _) in Quirk::ALL.into_iter().filter(|(_, quirk)| quirk.fits(dialect)) {
        writeln!(out, "{name}")?;
    }
    for (name, _) in Oddity::ALL.into_iter().filter(|(_, oddity)| oddity.fits(dialect)) {
        writeln!(out, "{name}")?;
    }
    if dialect == SimDialect::IsapiPull {
        for (name, _) in StreamFault::ALL {
            writeln!(out, "{name}")?;
        }
    }
    Ok(Exit::Good)
}

/// Deviations by name.
#[derive(Default)]
struct Deviations {
    quirks: Vec<Quirk>,
    oddities: Vec<Oddity>,
    faults: Vec<StreamFault>,
}

fn deviations(args: &CameraArgs) -> Result<Deviations, Failure> {
    let mut found = Deviations::default();
    for name in &args.quirk {
        let quirk = name.parse().ok().filter(|quirk: &Quirk| quirk.fits(args.dialect));
        let oddity = name.parse().ok().filter(|oddity: &Oddity| oddity.fits(args.dialect));
        let fault: Option<StreamFault> =
            name.parse().ok().filter(|_| args.dialect == SimDialect::IsapiPull);
        if quirk.is_none() && oddity.is_none() && fault.is_none() {
            let text = format!("{} has no quirk called {name:?}", args.dialect);
            return Err(Failure::new(Exit::Usage, text).advice("`--quirk list` shows all of them"));
        }
        found.quirks.extend(quirk);
        found.oddities.extend(oddity);
        found.faults.extend(fault);
    }
    Ok(found)
}

fn password(file: &Path) -> Result<String, Failure> {
    let password = std::fs::read_to_string(file).map_err(cannot("read", file))?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

fn trial(args: &CameraArgs) -> Result<SimTrial, Failure> {
    if args.dialect == SimDialect::IsapiPull {
        let text = "a camera that is pulled posts nowhere".to_owned();
        let advice = "give it --listen ADDR:PORT, --username and --password-file";
        return Err(Failure::new(Exit::Usage, text).advice(advice));
    }
    let Some(url) = &args.url else {
        let text = "there is nowhere to post to".to_owned();
        let advice = "give it --url, or --quirk list alone";
        return Err(Failure::new(Exit::Usage, text).advice(advice));
    };
    let (address, path) = target(url)?;
    let mut trial = SimTrial::new(address, &path, args.dialect);
    let Deviations { quirks, oddities, .. } = deviations(args)?;
    (trial.quirks, trial.oddities) = (quirks, oddities);
    if let (Some(id), Some(file)) = (&args.device_id, &args.password_file) {
        trial.account = Some((id.clone(), password(file)?));
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
