//! Records as they come from a broker. What is wrong with one is told at once; gaps are known at
//! the end, since violations overtake passages.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::super::refusal::note;
use super::super::{Exit, Failure};
use super::{Keys, Problem, Report, Verifier, check, sentence};
use crate::config::UplinkConfig;
use crate::io::uplink::listener::{Heard, Listener};
use crate::io::uplink::options::{OptionsError, address};

/// Where to listen, and how long.
#[derive(Debug, Default, Args)]
pub struct LiveArgs {
    /// Site whose records are heard; needed with a broker.
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// End after so many seconds; without it, with Ctrl-C.
    #[arg(long = "for", value_name = "SECONDS", requires = "site")]
    seconds: Option<u64>,
    /// End after so many records.
    #[arg(long, value_name = "N", requires = "site")]
    records: Option<u64>,
    /// Certificates that may sign the broker's, PEM; needed with mqtts.
    #[arg(long, value_name = "FILE", requires = "site")]
    ca_file: Option<PathBuf>,
    /// Our certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "client_key_file")]
    client_cert_file: Option<PathBuf>,
    /// Its key, PEM, mode 0600.
    #[arg(long, value_name = "FILE", requires = "client_cert_file")]
    client_key_file: Option<PathBuf>,
    /// User name at the broker.
    #[arg(long, value_name = "NAME", requires = "site")]
    username: Option<String>,
    /// File with the password, mode 0600.
    #[arg(long, value_name = "FILE", requires = "username")]
    password_file: Option<PathBuf>,
    /// Allow mqtt:// to another machine: everybody on the way can read and change it.
    #[arg(long, requires = "site")]
    plain_text_allowed: bool,
}

/// Whether an argument names a broker and not a file.
pub(super) fn is_broker(argument: &str) -> bool {
    argument.starts_with("mqtt://") || argument.starts_with("mqtts://")
}

/// Listens until the end and answers what was found in all.
pub(super) fn verify(
    args: &LiveArgs,
    broker: &str,
    (keys, tolerate_duplicates): (&Keys, bool),
    out: &mut dyn Write,
) -> Result<Report, Failure> {
    let Some(site) = &args.site else {
        return Err(Failure::new(Exit::Usage, "a broker needs the site")
            .advice("wimd verify mqtts://platform:8883 --site ID --ca-file CA --key PUB"));
    };
    let config = UplinkConfig {
        username: args.username.clone(),
        password_file: args.password_file.clone(),
        ca_file: args.ca_file.clone(),
        client_cert_file: args.client_cert_file.clone(),
        client_key_file: args.client_key_file.clone(),
        plain_text_allowed: args.plain_text_allowed,
        ..UplinkConfig::new(broker)
    };
    can_be_reached(&config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut hearing = Hearing::new(keys, tolerate_duplicates);
    runtime.block_on(async {
        let mut listener = Listener::connect(&config, site).await?;
        note(&format!("listening at {broker} to {site}"));
        let end = end(args.seconds);
        tokio::pin!(end);
        while args.records.is_none_or(|most| hearing.records < most) {
            tokio::select! {
                heard = listener.next() => hearing.take(&heard, out)?,
                () = &mut end => break,
            }
        }
        Ok::<_, Failure>(())
    })?;
    Ok(hearing.verifier.finish())
}

/// What the command line lacks, in its own words and not in those of a configuration.
fn can_be_reached(config: &UplinkConfig) -> Result<(), Failure> {
    let broker = &config.broker;
    let (text, advice) = match address(config) {
        Ok(address) if address.tls && config.ca_file.is_none() => (
            format!("{broker} needs --ca-file"),
            "the certificates that may sign the broker's, as PEM: the platform has them",
        ),
        Ok(_) => return Ok(()),
        Err(OptionsError::PlainText(_)) => (
            format!("{broker} is plain text to another machine"),
            "mqtts://host:port with --ca-file, or --plain-text-allowed",
        ),
        Err(_) => (
            format!("{broker} is no broker that can be reached"),
            "mqtt://host:port or mqtts://host:port, without user and password",
        ),
    };
    Err(Failure::new(Exit::Usage, text).advice(advice))
}

async fn end(seconds: Option<u64>) {
    let timer = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = timer => {}
        _interrupted = tokio::signal::ctrl_c() => {}
    }
}

struct Hearing<'a> {
    keys: &'a Keys,
    verifier: Verifier,
    /// Messages that were looked at.
    line: u64,
    /// Different records.
    records: u64,
    /// Topics and SHA-256 of the payload that each sequence came with.
    known: HashMap<u64, (Vec<String>, [u8; 32])>,
}

#[derive(Deserialize)]
struct Numbered {
    proof: Seq,
}

#[derive(Deserialize)]
struct Seq {
    seq: u64,
}

impl<'a> Hearing<'a> {
    fn new(keys: &'a Keys, tolerate_duplicates: bool) -> Self {
        let verifier = Verifier::new(tolerate_duplicates);
        Self { keys, verifier, line: 0, records: 0, known: HashMap::new() }
    }

    fn take(&mut self, heard: &Heard, out: &mut dyn Write) -> Result<(), Failure> {
        if self.came_on_another_channel(heard) {
            return Ok(());
        }
        self.line += 1;
        let checked = check(self.keys, &[(self.line, heard.payload.to_vec())]);
        for problem in checked.problems() {
            writeln!(out, "{}", sentence(problem))?;
        }
        self.verifier.absorb(checked);
        Ok(())
    }

    /// A record goes to every channel that applies: the same one on another topic is none again.
    fn came_on_another_channel(&mut self, heard: &Heard) -> bool {
        let Ok(Numbered { proof: Seq { seq } }) = serde_json::from_slice(&heard.payload) else {
            return false;
        };
        let (mut new, sha256) = (false, Sha256::digest(&heard.payload).into());
        let (topics, payload) = self.known.entry(seq).or_insert_with(|| {
            new = true;
            (Vec::new(), sha256)
        });
        self.records += u64::from(new);
        let again = topics.contains(&heard.topic) || *payload != sha256;
        if !again {
            topics.push(heard.topic.clone());
        }
        !new && !again
    }
}

/// What is known of a record as soon as it comes.
pub(super) fn is_told_at_once(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Malformed { .. } | Problem::Altered { .. } | Problem::BadSignature { .. }
    )
}
