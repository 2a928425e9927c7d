//! How the time of one run relates to that of the run before.
//!
//! Each run counts from the system clock's time at its start. When somebody has set that clock
//! meanwhile, instants of the two runs do not compare. The kernel counts since the machine's start
//! in one go, so within one such span the difference is known exactly; over a restart of the
//! machine it is not.

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{Clock, Timestamp};
use crate::units::Micros;

/// Where the kernel names its start.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Differences up to this are none: good cameras jitter by 150 ms. Our choice.
const SAME: Micros = Micros::from_millis(50);

/// A run's time, tied to the machine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootTime {
    /// The kernel's name of its start.
    boot_id: String,
    /// The run's time when the machine started.
    at_boot: Timestamp,
}

/// What has become of the time since an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Continuity {
    /// It goes on.
    Unbroken,
    /// The same instant is now called so much later.
    Moved(Micros),
    /// Nobody knows: the machine was started anew.
    Lost,
}

impl BootTime {
    /// What has become of the time since `earlier`; `None` stands for a run that did not tell.
    pub fn since(&self, earlier: Option<&Self>) -> Continuity {
        match earlier {
            Some(earlier) if earlier.boot_id == self.boot_id => {
                let moved = self.at_boot - earlier.at_boot;
                if moved.0.saturating_abs() <= SAME.0 {
                    Continuity::Unbroken
                } else {
                    Continuity::Moved(moved)
                }
            }
            _ => Continuity::Lost,
        }
    }
}

impl Clock {
    /// This clock tied to the machine's; `None` when the kernel does not name its start.
    pub fn boot_time(&self) -> Option<BootTime> {
        let boot_id = std::fs::read_to_string(BOOT_ID).ok()?.trim().to_owned();
        let up = clock_gettime(ClockId::Boottime);
        let now = self.now();
        let micros = up.tv_sec.saturating_mul(1_000_000).saturating_add(up.tv_nsec / 1_000);
        let counted = micros.saturating_mul(i64::from(self.speed_up));
        Some(BootTime { boot_id, at_boot: now + Micros(counted.saturating_neg()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(boot_id: &str, seconds: i64) -> BootTime {
        BootTime { boot_id: boot_id.to_owned(), at_boot: Timestamp(0) + Micros::from_secs(seconds) }
    }

    #[test]
    fn a_clock_that_was_set_is_told_by_how_much_and_a_new_start_of_the_machine_is_not() {
        let now = started("a", 3_600);
        let told = [
            now.since(Some(&started("a", 3_600))),
            now.since(Some(&started("a", 0))),
            now.since(Some(&started("b", 3_600))),
            now.since(None),
        ];
        let moved = Continuity::Moved(Micros::from_secs(3_600));
        assert_eq!(told, [Continuity::Unbroken, moved, Continuity::Lost, Continuity::Lost]);
    }

    #[test]
    fn two_clocks_of_one_machine_go_on_from_each_other_and_from_an_hour_before_do_not() {
        let anchor = Clock::wall();
        for speed_up in [1, 60] {
            let first = Clock::scaled(anchor, speed_up).boot_time().expect("a kernel");
            let second = Clock::scaled(anchor, speed_up).boot_time().expect("a kernel");
            assert_eq!(second.since(Some(&first)), Continuity::Unbroken);
        }
        let hour = Micros::from_secs(3_600);
        let (now, before) = (Clock::scaled(anchor, 2), Clock::scaled(anchor + hour, 2));
        let told = now.boot_time().expect("a kernel").since(before.boot_time().as_ref());
        let Continuity::Moved(moved) = told else { panic!("{told:?}") };
        assert!((moved.0 - hour.0).abs() < 50_000, "{moved:?}");
    }
}
