//! Cameras that are pulled by https: the certificate that is wanted or none, and never plain text.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use camera_support::PASSWORD;
use camera_support::pulled::{Pulled, USER};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use wimd::config::CameraConfig;
use wimd::io::camera::status::{PullFailure, PullState};
use wimd::io::pem;
use wimd::sim::camera::{SimPlateEvent, StreamSettings};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Files of certificates and keys.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn authority(&self, authority: &Authority) -> PathBuf {
        self.file("ca.pem", &authority.pem())
    }

    /// A certificate for the host that this authority has signed.
    fn signed(
        &self,
        authority: &Authority,
        host: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        let pem = self.file("camera.pem", &certificate.pem());
        (pem, self.file("camera.key", &key.serialize_pem()))
    }

    /// What cameras make for themselves: for a factory name, long over.
    fn own(&self) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec!["ipc.invalid".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2010, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let pem = self.file("own.pem", &certificate.pem());
        (pem, self.file("own.key", &key.serialize_pem()))
    }
}

fn sha256(certificate: &Path) -> String {
    hex::encode(Sha256::digest(&pem::certificates(certificate).unwrap()[0]))
}

fn settings() -> StreamSettings {
    StreamSettings { heartbeat: Duration::from_secs(600), ..StreamSettings::new(USER, PASSWORD) }
}

async fn open(
    (certificate, key): &(PathBuf, PathBuf),
    change: impl FnOnce(&mut CameraConfig),
) -> Pulled {
    Pulled::open(settings().https(certificate, key).unwrap(), change).await
}

/// An event comes through.
async fn is_pulled(pulled: &Pulled) {
    pulled.camera.opened(1).await;
    let event = SimPlateEvent::read("赣E12345", pulled.site.clock.now());
    assert!(pulled.camera.send(&event));
    pulled.site.until_taken(1).await;
    assert_eq!(pulled.pull().state, PullState::Connected);
}

/// Nothing was asked of the camera, and this is why.
async fn is_not_pulled(pulled: &Pulled, why: &str) {
    pulled.until(|pull| pull.failures >= 1).await;
    let pull = pulled.pull();
    assert_eq!(pull.last_failure_kind, Some(PullFailure::Certificate), "{pull:#?}");
    assert_eq!(pull.last_failure.as_deref(), Some(why));
    assert_eq!(pulled.camera.requests(), Vec::<String>::new(), "not even a user name was sent");
}

#[tokio::test]
async fn a_certificate_that_an_authority_signed_for_the_host_is_taken() {
    let (files, ours) = (Files::new(), authority("ours"));
    let (camera, ca) = (files.signed(&ours, "127.0.0.1", |_| {}), files.authority(&ours));
    let pulled = open(&camera, |config| config.ca_file = Some(ca)).await;
    is_pulled(&pulled).await;
    assert_eq!(pulled.camera.requests().len(), 2, "once without a digest and once with it");
}

#[tokio::test]
async fn a_certificate_of_another_authority_host_or_time_is_not_taken() {
    let (ours, another) = (authority("ours"), authority("another"));
    let over = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2010, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    };
    let early = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2095, 1, 1);
    };
    let files = [(); 4].map(|()| Files::new());
    let cases = [
        (files[0].signed(&another, "127.0.0.1", |_| {}), "no authority of ca_file has signed it"),
        (files[1].signed(&ours, "127.0.0.2", |_| {}), "it was issued for another host"),
        (files[2].signed(&ours, "127.0.0.1", over), "it has expired"),
        (files[3].signed(&ours, "127.0.0.1", early), "it is not valid yet"),
    ];
    let ca = files[0].authority(&ours);
    for (camera, why) in cases {
        let pulled = open(&camera, |config| config.ca_file = Some(ca.clone())).await;
        let shown = sha256(&camera.0);
        let why = format!("the camera's certificate with SHA-256 {shown} is not taken: {why}");
        is_not_pulled(&pulled, &why).await;
    }
}

#[tokio::test]
async fn a_certificate_of_the_cameras_own_making_is_taken_by_its_fingerprint_alone() {
    let files = Files::new();
    let camera = files.own();
    let shown = sha256(&camera.0);
    let as_shown = |config: &mut CameraConfig| {
        config.certificate_sha256 = Some(shown.to_uppercase());
    };
    is_pulled(&open(&camera, as_shown).await).await;
    for (given, why) in [
        (None, "neither ca_file nor certificate_sha256 is given"),
        (Some("0f".repeat(32)), "certificate_sha256 is another"),
    ] {
        let pulled = open(&camera, |config| config.certificate_sha256 = given).await;
        let why = format!("the camera's certificate with SHA-256 {shown} is not taken: {why}");
        is_not_pulled(&pulled, &why).await;
    }
}

/// Somebody who shows another's certificate and has not its key.
#[derive(Debug)]
struct Borrowed(Arc<CertifiedKey>);

impl ResolvesServerCert for Borrowed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn who_shows_the_right_certificate_without_its_key_is_not_asked() {
    let (files, thief) = (Files::new(), KeyPair::generate().unwrap());
    let (certificate, _) = files.own();
    let key = pem::private_key(&files.file("thief.key", &thief.serialize_pem())).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let signer = provider.key_provider.load_private_key(key.clone_key()).unwrap();
        let shown = CertifiedKey::new(pem::certificates(&certificate).unwrap(), signer);
        let tls = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Borrowed(Arc::new(shown))));
        let settings = StreamSettings { tls: Some(Arc::new(tls)), ..settings() };
        let given = Some(sha256(&certificate));
        let pulled = Pulled::open(settings, |config| config.certificate_sha256 = given).await;
        pulled.until(|pull| pull.failures >= 1).await;
        assert_eq!(pulled.pull().last_failure_kind, Some(PullFailure::Tls), "{version:?}");
        assert_eq!(pulled.camera.requests(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_told_and_gets_no_request_in_plain_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let plain = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut asked = Vec::new();
        let _ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut asked).await;
        asked
    });
    let pulled = Pulled::open(settings(), |config| {
        config.pull = Some(format!("https://{address}"));
        config.certificate_sha256 = Some("0f".repeat(32));
    })
    .await;
    pulled.until(|pull| pull.failures >= 1).await;
    assert_eq!(pulled.pull().last_failure_kind, Some(PullFailure::Tls));
    let asked = plain.await.unwrap();
    assert!(!String::from_utf8_lossy(&asked).contains("GET"), "only the handshake was begun");
}

#[tokio::test]
async fn a_file_of_authorities_that_is_not_there_is_told_by_its_name() {
    let (files, ours) = (Files::new(), authority("ours"));
    let camera = files.signed(&ours, "127.0.0.1", |_| {});
    let absent = files.0.path().join("absent.pem");
    let told = format!("https cannot be spoken: cannot read {}: ", absent.display());
    let pulled = open(&camera, |config| config.ca_file = Some(absent)).await;
    pulled.until(|pull| pull.failures >= 1).await;
    let pull = pulled.pull();
    assert_eq!(pull.last_failure_kind, Some(PullFailure::Tls));
    let why = pull.last_failure.unwrap();
    assert!(why.starts_with(&told), "{why}");
}
