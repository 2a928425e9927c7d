//! A simulated camera that waits to be pulled: an event a second to each stream that is open.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{CameraArgs, Deviations, Events, deviations, password};
use crate::command::{Exit, Failure, Outcome};
use crate::sim::camera::{Oddity, SimDialect, SimStream, StreamSettings};

/// Pause between two events; our choice: one vehicle after the other.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn serve(args: &CameraArgs, listen: SocketAddr, out: &mut dyn Write) -> Outcome {
    if args.dialect != SimDialect::IsapiPull {
        let text = format!("a camera of dialect {} posts and does not wait", args.dialect);
        return Err(Failure::new(Exit::Usage, text).advice("give it --url, or isapi-pull"));
    }
    let Deviations { quirks, oddities, faults } = deviations(args)?;
    let user = args.username.as_deref().unwrap_or_default();
    let mut secret = args.password_file.as_deref().map(password).transpose()?.unwrap_or_default();
    if oddities.contains(&Oddity::WrongPassword) {
        // whoever pulls has the one of the file
        secret.push('?');
    }
    let mut settings =
        StreamSettings { quirks, oddities, faults, ..StreamSettings::new(user, &secret) };
    let mut scheme = "http";
    if let (Some(certificate), Some(key)) = (&args.cert_file, &args.key_file) {
        settings = settings.https(certificate, key)?;
        scheme = "https";
    }
    let stream = SimStream::bind(listen, settings).await?;
    let (address, camera) = (stream.address()?, stream.handle());
    writeln!(out, "waits at {scheme}://{address} to be pulled, Ctrl-C ends it")?;
    out.flush()?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(stream.run(stop.clone()));
    let mut events = Events::new(&args.plate);
    let playing = async {
        let mut sent = 0;
        while sent < args.count {
            tokio::time::sleep(PAUSE).await;
            sent += u32::from(camera.send(&events.next()));
        }
        camera.closed().await;
    };
    tokio::select! {
        () = playing => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    stop.cancel();
    let _ended = serving.await.is_ok();
    Ok(Exit::Good)
}
