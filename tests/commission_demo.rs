//! The day of a technician, `deploy/commission-demo.sh`, with the binary that was just built: it
//! ends well, and says what `fixtures/commission-demo.txt` says.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

const TRANSCRIPT: &str = "fixtures/commission-demo.txt";

fn is_installed(program: &str) -> bool {
    let path = format!("{}:/usr/sbin", env::var("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.arg("-h").env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

#[test]
fn the_day_of_a_technician_ends_well_and_reads_as_it_is_written_down() {
    for program in ["mosquitto", "openssl"] {
        if !is_installed(program) {
            assert!(env::var("CI").is_err(), "{program} must be there");
            eprintln!("{program} is not installed: the day is not played");
            return;
        }
    }
    let day = Command::new("deploy/commission-demo.sh")
        .arg(env!("CARGO_BIN_EXE_wimd"))
        .output()
        .expect("bash is there");
    let told = String::from_utf8(day.stdout).expect("text");
    let errors = String::from_utf8_lossy(&day.stderr);
    assert!(day.status.success(), "{told}\n{errors}");
    if env::var_os("WIMD_BLESS").is_some() {
        fs::write(TRANSCRIPT, &told).expect("our own folder");
    }
    let written = fs::read_to_string(TRANSCRIPT).expect("the transcript");
    let different = told.lines().zip(written.lines()).find(|(told, written)| told != written);
    assert_eq!(different, None, "WIMD_BLESS=1 writes it anew");
    assert_eq!(told.lines().count(), written.lines().count(), "one of them ends too early");
}
