//! The only place that asks what time it is.
//!
//! [`Clock::now`] is steady: it starts at the wall time of the moment the clock was made and then
//! follows the monotonic clock, so a step of the system clock never moves a window. What the
//! system clock says meanwhile differs after a step; the difference stands in each record.

mod boot;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::units::Micros;

pub use boot::{BootTime, Continuity};

/// China has one zone and no summer time.
const CHINA_OFFSET_SECONDS: i32 = 8 * 3_600;

/// An instant in microseconds since the Unix epoch.
///
/// Text forms (JSON, display) are RFC 3339 in China time with six decimals, which sort and
/// compare as the instants do; binary forms are the bare integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Later by `span`, saturating at the ends of the range.
    pub const fn plus(self, span: Micros) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// `self - earlier`, saturating.
    pub const fn since(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }

    /// Start of the span that holds it, of spans that begin at midnight in China: an hour, a day.
    pub const fn span_start(self, span: Micros) -> Self {
        let offset = CHINA_OFFSET_SECONDS as i64 * 1_000_000;
        let local = self.0.saturating_add(offset);
        let into = if span.0 > 0 { local.rem_euclid(span.0) } else { 0 };
        Self(self.0.saturating_sub(into))
    }

    /// Hour of the day in China, 0 to 23.
    pub fn hour_in_china(self) -> u8 {
        let hours = self.0.div_euclid(3_600_000_000) + i64::from(CHINA_OFFSET_SECONDS / 3_600);
        u8::try_from(hours.rem_euclid(24)).unwrap_or_default()
    }

    fn zoned(self) -> Option<jiff::Zoned> {
        let offset = jiff::tz::Offset::from_seconds(CHINA_OFFSET_SECONDS).ok()?;
        let instant = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(instant.to_zoned(jiff::tz::TimeZone::fixed(offset)))
    }
}

impl Add<Micros> for Timestamp {
    type Output = Self;
    fn add(self, span: Micros) -> Self {
        self.plus(span)
    }
}

impl Sub for Timestamp {
    type Output = Micros;
    fn sub(self, earlier: Self) -> Micros {
        self.since(earlier)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.zoned() {
            Some(zoned) => f.write_str(&zoned.strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string()),
            None => write!(f, "{}us", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        if let Some(Ok(micros)) = text.strip_suffix("us").map(str::parse) {
            return Ok(Self(micros));
        }
        text.parse::<jiff::Timestamp>().map(|instant| Self(instant.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(D::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "RFC 3339, six decimals, offset +08:00"
        })
    }
}

/// What the kernel says of the system clock (`adjtimex`), at the moment it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SystemClockState {
    /// Whether the kernel holds the clock to be synchronised; `None` when it could not be asked.
    pub synchronised: Option<bool>,
    /// The kernel's own bound of the error, microseconds.
    pub max_error_us: Option<i64>,
    /// System clock minus our steady clock, microseconds: non-zero after a step.
    pub step_us: i64,
}

/// The system clock was set when it is further from a steady one than this. Our choice: more than a leap
/// second, which the kernel may insert at once; two overlays a second apart still look like one moment.
pub const MOST_STEP: Micros = Micros(1_500_000);

impl SystemClockState {
    /// How far the system clock was set since our start, when it was: our times are wrong by that much.
    pub fn set_by(&self) -> Option<Micros> {
        (self.step_us.saturating_abs() > MOST_STEP.0).then_some(Micros(self.step_us))
    }

    /// Whether our times are shown to be right: the kernel says so, and has not set the clock since our
    /// start. One that could not be asked shows nothing.
    pub fn is_right(&self) -> bool {
        self.synchronised == Some(true) && self.set_by().is_none()
    }
}

/// A steady clock, optionally running faster than real time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    epoch: Timestamp,
    speed_up: u32,
}

impl Clock {
    /// Starts at the system's wall time.
    pub fn system() -> Self {
        Self { started: Instant::now(), epoch: wall_now(), speed_up: 1 }
    }

    /// As [`Clock::system`] is when the system clock has been set by `span` since.
    pub fn system_set_by(span: Micros) -> Self {
        Self { started: Instant::now(), epoch: wall_now() + Micros(-span.0), speed_up: 1 }
    }

    /// Was equal to the system's wall time at `anchor` and runs `speed_up` times as fast since
    /// (at least 1). Two processes given the same anchor and factor agree, whenever they start.
    pub fn scaled(anchor: Timestamp, speed_up: u32) -> Self {
        let speed_up = speed_up.max(1);
        let behind = (wall_now() - anchor).0.saturating_mul(i64::from(speed_up));
        Self { started: Instant::now(), epoch: anchor + Micros(behind), speed_up }
    }

    /// The anchor of a clock that says `now` at this moment and runs `speed_up` times as fast;
    /// `None` below 2, where a clock says what the system does.
    pub fn anchor_of(now: Timestamp, speed_up: u32) -> Option<Timestamp> {
        // now = anchor + (wall - anchor) * speed_up
        let faster = i64::from(speed_up).checked_sub(1).filter(|faster| *faster > 0)?;
        let wall = wall_now();
        Some(wall + Micros((wall - now).0 / faster))
    }

    /// The system's wall time, for an anchor of [`Clock::scaled`].
    pub fn wall() -> Timestamp {
        wall_now()
    }

    /// The steady time.
    pub fn now(&self) -> Timestamp {
        let elapsed = self.started.elapsed().as_micros().saturating_mul(self.speed_up.into());
        self.epoch + Micros(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }

    /// How long `span` of this clock takes in real time; zero for negative spans.
    pub fn real(&self, span: Micros) -> Duration {
        let micros = u64::try_from(span.0).unwrap_or(0);
        Duration::from_nanos(micros.saturating_mul(1_000) / u64::from(self.speed_up))
    }

    /// How many times faster than real time it runs.
    pub fn speed_up(&self) -> u32 {
        self.speed_up
    }

    /// Whether what it says may decide that something is old: [`SystemClockState::is_right`], or it is the
    /// clock of a simulated site.
    pub fn is_right(&self) -> bool {
        self.speed_up > 1 || self.system_state().is_right()
    }

    /// The kernel's opinion of the system clock, and how far it has stepped since our start.
    /// A scaled clock has no relation to the system's and reports no step.
    pub fn system_state(&self) -> SystemClockState {
        let step_us = if self.speed_up == 1 { (wall_now() - self.now()).0 } else { 0 };
        let mut query = rtime_clock::adjtime::Timex::default();
        match rtime_clock::adjtime::adjtimex(&mut query) {
            Ok(_) => SystemClockState {
                synchronised: Some(query.0.status & STA_UNSYNC == 0),
                max_error_us: Some(query.0.maxerror),
                step_us,
            },
            Err(_) => SystemClockState { synchronised: None, max_error_us: None, step_us },
        }
    }
}

/// `STA_UNSYNC` of adjtimex(2).
const STA_UNSYNC: i32 = 0x0040;

fn wall_now() -> Timestamp {
    let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |m| -m),
    };
    Timestamp(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_survives_its_text_to_the_microsecond() {
        for micros in [0, 1, 1_795_000_000_123_456, -1, i64::MAX] {
            let text = Timestamp(micros).to_string();
            assert_eq!(text.parse::<Timestamp>().ok(), Some(Timestamp(micros)), "{text}");
        }
    }

    #[test]
    fn text_is_china_time() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T08:00:00.000000+08:00");
    }

    #[test]
    fn a_fast_clock_can_be_started_at_any_instant() {
        let wanted = Timestamp(1_795_000_000_000_000);
        let anchor = Clock::anchor_of(wanted, 60).expect("it runs faster");
        let late = Clock::scaled(anchor, 60).now() - wanted;
        assert!((0..60_000_000).contains(&late.0), "{late:?} after the start, of its own time");
        assert_eq!(Clock::anchor_of(wanted, 1), None);
    }

    #[test]
    fn a_clock_that_was_set_is_not_right_however_well_it_is_synchronised_now() {
        let right = |synchronised, step_us| {
            SystemClockState { synchronised, max_error_us: None, step_us }.is_right()
        };
        assert!(right(Some(true), 0) && right(Some(true), -1_000_000));
        assert!(!right(Some(true), -28_800_000_000) && !right(Some(true), i64::MIN));
        assert!(!right(Some(false), 0) && !right(None, 0));
        let hours = Micros::from_secs(28_800);
        let seen = Clock::system_set_by(hours).system_state().set_by().expect("it was set");
        assert!((seen.0 - hours.0).abs() < 1_000_000, "{seen:?}");
        assert_eq!(Clock::system().system_state().set_by(), None);
    }

    #[test]
    fn a_scaled_clock_waits_a_fraction_of_the_span() {
        let clock = Clock::scaled(Clock::wall(), 50);
        assert_eq!(clock.real(Micros::from_secs(5)), Duration::from_millis(100));
    }
}
