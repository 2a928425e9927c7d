//! Certificates, passwords and plain text: a clear error and no fall-back.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use uplink_support::*;
use wimd::config::UplinkConfig;
use wimd::io::uplink::options::OptionsError;
use wimd::io::uplink::status::{FailureKind, LinkState};
use wimd::sim::mosquitto::{Mosquitto, Setup};
use wimd::sim::platform::{Access, Platform};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key as PEM.
fn issue(
    authority: &Authority,
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// A broker with TLS beside its plain listener, and the site's files.
struct Scene {
    broker: Mosquitto,
    dir: tempfile::TempDir,
}

fn scene(authority: &Authority, server: (String, String), more: &str) -> Option<Scene> {
    let listener = format!(
        "allow_anonymous true\nlistener {{tls_port}} 127.0.0.1\nallow_anonymous true\n\
         cafile {{dir}}/ca.pem\ncertfile {{dir}}/server.pem\nkeyfile {{dir}}/server.key\n{more}\n"
    );
    let setup = Setup {
        listener,
        files: vec![
            ("ca.pem".into(), authority.pem().into_bytes()),
            ("server.pem".into(), server.0.into_bytes()),
            ("server.key".into(), server.1.into_bytes()),
        ],
        ..Setup::default()
    };
    let broker = mosquitto(&setup)?;
    let dir = tempfile::tempdir().unwrap();
    Some(Scene { broker, dir })
}

impl Scene {
    fn url(&self, host: &str) -> String {
        format!("mqtts://{host}:{}", self.broker.tls_addr.port())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        secret(self.dir.path(), name, text, 0o600)
    }

    fn rig(&self, host: &str, ca: &Authority) -> Rig {
        let mut rig = Rig::new(&self.url(host));
        rig.config.ca_file = Some(self.file("trusted.pem", &ca.pem()));
        rig
    }
}

fn secret(dir: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

async fn delivers(scene: &Scene, mut rig: Rig) {
    let mut platform = platform(&scene.broker.url).await;
    let ids = rig.seal(many(20, alarm)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    assert_eq!(rig.until_drained().await.failures, 0);
}

/// Tries twice, delivers nothing, says this.
async fn fails(mut rig: Rig, kind: FailureKind, words: &str) {
    rig.seal(vec![alarm("secret")]).await;
    rig.start();
    let status = rig.until("failed", |status| status.failures >= 2).await;
    assert_eq!((status.connects, status.published, rig.waiting()), (0, 0, 1));
    let failure = status.last_failure.unwrap();
    assert_eq!(failure.kind, kind, "{}", failure.text);
    assert!(failure.text.contains(words), "{}", failure.text);
    assert_eq!(rig.stop().await.state, LinkState::Stopped);
}

#[tokio::test]
async fn a_good_certificate_is_accepted_by_name_and_by_address() {
    let ca = authority("city");
    for host in ["localhost", "127.0.0.1"] {
        let Some(scene) = scene(&ca, issue(&ca, host, |_| {}), "") else {
            return;
        };
        delivers(&scene, scene.rig(host, &ca)).await;
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (ca, foreign) = (authority("city"), authority("foreign"));
    let Some(scene) = scene(&foreign, issue(&foreign, "localhost", |_| {}), "") else {
        return;
    };
    let rig = scene.rig("localhost", &ca);
    fails(rig, FailureKind::Certificate, "not signed by an authority").await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let ca = authority("city");
    let expired = issue(&ca, "localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let Some(scene) = scene(&ca, expired, "") else {
        return;
    };
    let rig = scene.rig("localhost", &ca);
    fails(rig, FailureKind::Certificate, "expired").await;
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let ca = authority("city");
    let Some(scene) = scene(&ca, issue(&ca, "other.example", |_| {}), "") else {
        return;
    };
    let rig = scene.rig("localhost", &ca);
    fails(rig, FailureKind::Certificate, "another name").await;
}

#[tokio::test]
async fn a_plain_listener_behind_mqtts_gets_nothing() {
    let ca = authority("city");
    let Some(scene) = scene(&ca, issue(&ca, "localhost", |_| {}), "") else {
        return;
    };
    let mut rig = scene.rig("localhost", &ca);
    rig.config.broker = format!("mqtts://localhost:{}", scene.broker.addr.port());
    fails(rig, FailureKind::Tls, "TLS failed").await;
}

#[tokio::test]
async fn a_broker_that_wants_our_certificate_gets_it_and_refuses_without() {
    let ca = authority("city");
    let server = issue(&ca, "localhost", |_| {});
    let Some(scene) = scene(&ca, server, "require_certificate true") else {
        return;
    };
    let bare = scene.rig("localhost", &ca);
    fails(bare, FailureKind::Tls, "").await;
    let (chain, key) = issue(&ca, "s1", |_| {});
    let mut rig = scene.rig("localhost", &ca);
    rig.config.client_cert_file = Some(scene.file("client.pem", &chain));
    rig.config.client_key_file = Some(scene.file("client.key", &key));
    delivers(&scene, rig).await;
}

#[tokio::test]
async fn missing_or_senseless_files_are_told_by_name() {
    let ca = authority("city");
    let dir = tempfile::tempdir().unwrap();
    let url = "mqtts://localhost:1";
    let none = Rig::new(url);
    fails(none, FailureKind::Configuration, "ca_file is not set").await;
    let mut absent = Rig::new(url);
    absent.config.ca_file = Some(dir.path().join("absent.pem"));
    fails(absent, FailureKind::Configuration, "absent.pem").await;
    let mut empty = Rig::new(url);
    empty.config.ca_file = Some(secret(dir.path(), "empty.pem", "no PEM", 0o600));
    fails(empty, FailureKind::Configuration, "holds no certificate").await;
    let (chain, key) = issue(&ca, "s1", |_| {});
    let mut exposed = Rig::new(url);
    exposed.config.ca_file = Some(secret(dir.path(), "ca.pem", &ca.pem(), 0o644));
    exposed.config.client_cert_file = Some(secret(dir.path(), "c.pem", &chain, 0o644));
    exposed.config.client_key_file = Some(secret(dir.path(), "c.key", &key, 0o640));
    fails(exposed, FailureKind::Configuration, "mode 0640").await;
}

/// `site:password` as mosquitto_passwd would write it is not needed: the plain form is upgraded
/// by this call.
fn with_password(dir: &Path) -> Option<Vec<u8>> {
    let path = dir.join("passwords");
    std::fs::write(&path, "site:open sesame\nplatform:p\n").unwrap();
    let upgraded = std::process::Command::new("mosquitto_passwd").arg("-U").arg(&path).status();
    upgraded.ok().filter(std::process::ExitStatus::success)?;
    std::fs::read(path).ok()
}

#[tokio::test]
async fn the_password_comes_from_its_file_and_a_wrong_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let Some(passwords) = with_password(dir.path()) else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"));
        eprintln!("skipped: mosquitto_passwd is not installed");
        return;
    };
    let setup = Setup {
        listener: "allow_anonymous false\npassword_file {dir}/passwords\n".into(),
        files: vec![("passwords".into(), passwords)],
        ..Setup::default()
    };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let rig = |text: &str, mode| {
        let mut rig = Rig::new(&broker.url);
        rig.config.username = Some("site".into());
        rig.config.password_file = Some(secret(dir.path(), "password", text, mode));
        rig
    };
    fails(rig("wrong", 0o600), FailureKind::Refused, "NotAuthorized").await;
    let exposed = rig("open sesame", 0o644);
    fails(exposed, FailureKind::Configuration, "mode 0644").await;
    let mut good = rig("open sesame\n", 0o600);
    let ids = good.seal(vec![alarm("known")]).await;
    let mut platform = Platform::connect_with(Access {
        url: broker.url.clone(),
        site: SITE.into(),
        login: Some(("platform".into(), "p".into())),
        filter: None,
        receipts: false,
    })
    .await
    .unwrap();
    good.start();
    hear_all(&mut platform, &ids).await;
}

#[tokio::test]
async fn a_plain_text_broker_beyond_loopback_is_refused_before_anything_is_sent() {
    let rig = Rig::new("mqtt://127.0.0.1:1");
    let build = |config: &UplinkConfig| {
        wimd::io::uplink::Uplink::new(
            config,
            origin(),
            rig.store.clone(),
            rig.pictures(),
            wimd::clock::Clock::system(),
        )
        .map(|_| ())
    };
    let mut config = UplinkConfig::new("mqtt://192.0.2.1:1883");
    assert!(matches!(build(&config), Err(OptionsError::PlainText(_))));
    config.plain_text_allowed = true;
    assert!(build(&config).is_ok());
}
