//! Days that are left of a certificate.

use std::path::Path;

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::clock::Timestamp;
use crate::command::finding::{Level, Part};

/// A certificate that ends sooner is told (our choice: a visit is planned in weeks).
const SOON_DAYS: i64 = 30;

const RENEW: &str = "renew it before it ends; nothing is sent, or nothing can be enforced, after";

/// Days of a DER certificate; `None` when it is none.
pub(super) fn days_of_der(der: &[u8], now: Timestamp) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let end = certificate.validity().not_after.timestamp();
    Some((end - now.0.div_euclid(1_000_000)).div_euclid(86_400))
}

/// The fewest days of all certificates of a PEM file.
pub(super) fn days_of_file(path: &Path, now: Timestamp) -> Result<i64, String> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut text = text.as_slice();
    let certificates = rustls_pemfile::certs(&mut text);
    let days = certificates.flatten().filter_map(|der| days_of_der(&der, now));
    days.min().ok_or_else(|| format!("{} holds no certificate", path.display()))
}

/// Days until the end of a day written as `yyyymmdd`; `None` when it is no day.
pub(super) fn days_of_day(day: u32, now: Timestamp) -> Option<i64> {
    let (year, rest) = (day / 10_000, day % 10_000);
    let text = format!("{year:04}-{:02}-{:02}T23:59:59+08:00", rest / 100, rest % 100);
    let end: Timestamp = text.parse().ok()?;
    Some((end - now).0.div_euclid(86_400_000_000))
}

/// Notes how many days are left.
pub(super) fn note(part: &mut Part, check: &'static str, what: &str, days: i64) {
    let level = match days {
        ..0 => Level::Fail,
        0..SOON_DAYS => Level::Warn,
        _ => Level::Ok,
    };
    let figure = if days < 0 {
        format!("{what} expired {} days ago", -days)
    } else {
        format!("{what}: {days} days left")
    };
    let advice = if level == Level::Ok { String::new() } else { RENEW.to_owned() };
    part.note(level, check, figure, advice);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_to_its_end_in_china() {
        let now: Timestamp = "2026-11-24T12:00:00+08:00".parse().expect("an instant");
        let table = [(20_261_124, Some(0)), (20_261_125, Some(1)), (20_261_123, Some(-1))];
        for (day, days) in table {
            assert_eq!(days_of_day(day, now), days, "{day}");
        }
        assert_eq!(days_of_day(20_261_399, now), None);
    }
}
