//! `wimd camera test URL` beside a simulated camera that waits to be pulled, in plain text and by
//! https.

#![allow(clippy::unwrap_used)] // the vocabulary of tests, where a failure is the test's

mod pulled_camera;

use std::process::Command;

use pulled_camera::{PulledCamera, secret};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// `wimd camera test URL` beside a camera that waits to be pulled: its lines of note and its code.
fn pulled(word: &str, quirks: &[&str]) -> (Vec<String>, Option<i32>) {
    let quirks: Vec<&str> = quirks.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
    pulled_with(word, &quirks, &[])
}

/// The same with arguments of the camera and of the test.
fn pulled_with(word: &str, its: &[&str], ours: &[&str]) -> (Vec<String>, Option<i32>) {
    let dir = TempDir::new().unwrap();
    let its = [&["--count", "1000"], its].concat();
    let camera = PulledCamera::start("u", &secret(dir.path(), "camera", "secret"), &its);
    let url = camera.url.as_str();
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["camera", "test", url, "--wait", "60", "--username", "u", "--password-file"])
        .arg(secret(dir.path(), "ours", word))
        .args(ours)
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let lines =
        page.lines().filter(|line| ["warn", "FAIL", "   "].iter().any(|w| line.starts_with(w)));
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    (lines.map(|line| line.replace(url, "URL")).collect(), output.status.code())
}

#[test]
fn a_camera_that_is_pulled_is_tested_by_its_address_alone() {
    assert_eq!(pulled("secret", &[]), (Vec::new(), Some(0)));
}

#[test]
fn a_camera_that_cannot_be_pulled_fails_with_advice() {
    for (word, quirk, why, advice) in [
        (
            "wrong",
            None,
            "the camera refuses the user name or the password",
            "put user name and password right, then wait: wrong ones lock us out for half an hour",
        ),
        (
            "secret",
            Some("basic-only"),
            "the camera offers no digest authentication, but \"Basic realm=\\\"camera\\\"\"",
            "set its web authentication to digest with MD5 or SHA-256",
        ),
        (
            "secret",
            Some("forbidden"),
            "the camera answers 403 Forbidden",
            "give its user the right to be notified of events",
        ),
    ] {
        let quirks: Vec<&str> = quirk.into_iter().collect();
        let (lines, code) = pulled(word, &quirks);
        let expected = [format!("FAIL camera pulled stream URL: {why}"), format!("-> {advice}")];
        assert_eq!((&lines[..], code), (&expected[..], Some(1)), "{quirk:?}");
    }
}

#[test]
fn a_camera_with_a_certificate_of_its_own_is_tested_by_the_fingerprint_that_the_test_shows() {
    let dir = TempDir::new().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["ipc.invalid".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).display().to_string()
    };
    let (cert, key) =
        (file("cert.pem", made.cert.pem()), file("key.pem", made.signing_key.serialize_pem()));
    let its = ["--cert-file", &*cert, "--key-file", &*key];
    let (lines, code) = pulled_with("secret", &its, &[]);
    let shown = hex::encode(Sha256::digest(made.cert.der()));
    let expected = [
        format!(
            "FAIL camera pulled stream URL: the camera's certificate with SHA-256 {shown} is not \
             taken: neither ca_file nor certificate_sha256 is given"
        ),
        "-> compare that SHA-256 with the camera's own page, then set certificate_sha256 or ca_file"
            .to_owned(),
    ];
    assert_eq!((&lines[..], code), (&expected[..], Some(1)));
    let given = ["--certificate-sha256", &*shown];
    assert_eq!(pulled_with("secret", &its, &given), (Vec::new(), Some(0)));
    assert_eq!(pulled_with("secret", &[], &given).1, Some(2), "of no use without https");
}
