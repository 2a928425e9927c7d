//! A simulated controller: vehicles in, real protocol over a real pty or TCP out.
//!
//! It plays each vehicle's events at their instants on a scaled clock, keeps them until the
//! daemon has acknowledged them, also while the cable is pulled, and can be made to lose, repeat,
//! reorder and corrupt frames. What became of each vehicle stands in its [`Journal`].

mod faults;
mod habits;
mod journal;
mod machine;
mod pty;
mod script;
mod socket;

pub use faults::{Faults, FaultyLine};
pub use journal::{Journal, Played};
pub use script::{SimAxle, SimVehicle};

use std::net::SocketAddr;
use std::path::PathBuf;

use firmware_protocol::{AuditEvent, ControllerStatus, Event, Identity, Text};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use machine::{Command, Machine};
use socket::Socket;

/// Why a simulated controller could not be started or plugged in.
#[derive(Debug, Error)]
pub enum SimError {
    /// No pty could be made.
    #[error("cannot make a pty")]
    Pty(#[source] std::io::Error),
    /// The link to the pty could not be set.
    #[error("cannot link {path} to the pty")]
    Link {
        /// Path of the link.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The TCP listener could not be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// Wanted address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The controller has been stopped.
    #[error("the simulated controller has been stopped")]
    Stopped,
}

/// What a simulated controller is.
#[derive(Clone, Debug)]
pub struct SimControllerOptions {
    /// Address on the line.
    pub address: u8,
    /// Boot id; a restart adds one.
    pub boot_id: u32,
    /// What it says it is; its boot id is set from the field above.
    pub identity: Identity,
    /// What the line does to frames.
    pub faults: Faults,
    /// Seed of the faults.
    pub seed: u64,
    /// Behind a pty: the only rate at which it hears and speaks, bit/s; any when absent.
    pub baud: Option<u32>,
}

impl SimControllerOptions {
    /// A verified controller at address 1 on a good line.
    pub fn new(boot_id: u32) -> Self {
        Self {
            address: 1,
            boot_id,
            identity: verified_identity(),
            faults: Faults::NONE,
            seed: 0,
            baud: None,
        }
    }
}

/// Identity of a scale whose papers are in order.
pub fn verified_identity() -> Identity {
    Identity {
        boot_id: 0,
        calibration_count: Some(3),
        configuration_count: Some(11),
        certificate_expiry: Some(20_991_231),
        lanes: Some(2),
        model: text("SIM-WIM-2"),
        serial: text("SIM-0001"),
        software: text("sim 1.0 5f3a90c1"),
        certificate: text("SIM-CERT-2026-001"),
    }
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap_or_default()
}

/// Handle of a running simulated controller; it stops when this is dropped.
#[derive(Debug)]
pub struct SimController {
    commands: mpsc::UnboundedSender<Command>,
    journal: watch::Receiver<Journal>,
    port: String,
    next_vehicle: u32,
}

impl SimController {
    /// Starts one behind a pty that can be opened as `link`, a symbolic link in an existing
    /// directory. To be called within a tokio runtime.
    ///
    /// # Errors
    /// [`SimError`] when pty or link cannot be made.
    pub fn spawn_pty(
        options: SimControllerOptions,
        clock: Clock,
        link: PathBuf,
    ) -> Result<Self, SimError> {
        let socket = Socket::pty(link, options.baud)?;
        Ok(Self::spawn(options, clock, socket))
    }

    /// Starts one behind a TCP listener, as a serial server is. Port 0 takes a free port. To be
    /// called within a tokio runtime.
    ///
    /// # Errors
    /// [`SimError::Listen`].
    pub fn serve_tcp(
        options: SimControllerOptions,
        clock: Clock,
        address: SocketAddr,
    ) -> Result<Self, SimError> {
        Ok(Self::spawn(options, clock, Socket::tcp(address)?))
    }

    /// The port as the daemon's configuration names it.
    pub fn port(&self) -> &str {
        &self.port
    }

    /// Puts a vehicle on the road; returns its number, which counts up from 1 in the order of the
    /// calls. Instants that have passed are played at once.
    pub fn play(&mut self, vehicle: SimVehicle) -> u32 {
        let number = self.next_vehicle;
        self.next_vehicle += 1;
        self.command(Command::Play(number, Box::new(vehicle)));
        number
    }

    /// Reports the controller's state now, such as a faulty sensor; its instant is set.
    pub fn report_status(&self, status: ControllerStatus) {
        self.command(Command::Record(Box::new(Event::ControllerStatus(status))));
    }

    /// Tells something for the audit trail now; its instant is set.
    pub fn report_audit(&self, audit: AuditEvent) {
        self.command(Command::Record(Box::new(Event::AuditEvent(audit))));
    }

    /// Pulls the cable: the port is gone when this returns. Vehicles go on.
    ///
    /// # Errors
    /// [`SimError::Stopped`].
    pub async fn unplug(&self) -> Result<(), SimError> {
        self.ask(Command::Unplug).await
    }

    /// Puts the cable back: behind the same path there is a new pty, or the listener accepts again.
    ///
    /// # Errors
    /// [`SimError`] when pty or link cannot be made.
    pub async fn replug(&self) -> Result<(), SimError> {
        self.ask(Command::Replug).await
    }

    /// Sends bytes that are no frame of ours.
    ///
    /// # Errors
    /// [`SimError::Stopped`].
    pub async fn babble(&self, noise: Vec<u8>) -> Result<(), SimError> {
        self.ask(|done| Command::Babble(noise, done)).await
    }

    /// Power cut of the controller: a new boot id, and what was not acknowledged is lost.
    ///
    /// # Errors
    /// [`SimError::Stopped`].
    pub async fn restart(&self) -> Result<(), SimError> {
        self.ask(Command::Restart).await
    }

    /// What became of the vehicles.
    pub fn journal(&self) -> watch::Receiver<Journal> {
        self.journal.clone()
    }

    fn spawn(options: SimControllerOptions, clock: Clock, socket: Socket) -> Self {
        let port = socket.port();
        let (commands, orders) = mpsc::unbounded_channel();
        let (journal, watcher) = watch::channel(Journal::default());
        let machine = Machine::new(options, clock, socket, journal);
        tokio::spawn(machine.run(orders));
        Self { commands, journal: watcher, port, next_vehicle: 1 }
    }

    fn command(&self, command: Command) {
        // The machine ends only when this handle is dropped.
        let _ = self.commands.send(command);
    }

    async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), SimError>>) -> Command,
    ) -> Result<(), SimError> {
        let (done, answer) = oneshot::channel();
        self.command(command(done));
        answer.await.unwrap_or(Err(SimError::Stopped))
    }
}
