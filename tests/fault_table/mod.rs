//! The table that each harness prints: how often a fault struck, what had been acknowledged until
//! then, and what was there afterwards.

use std::fmt;
use std::time::Duration;

/// What one fault, or all of a kind, came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Toll {
    pub(crate) times: u64,
    pub(crate) acknowledged: u64,
    /// Of those.
    pub(crate) arrived: u64,
    pub(crate) duplicated: u64,
    pub(crate) gaps: u64,
    /// Times that the store opened by itself, with nothing moved aside.
    pub(crate) opened: u64,
    /// `None` when it was not measured.
    pub(crate) worst_reopen: Option<Duration>,
}

impl Toll {
    pub(crate) fn add(&mut self, other: &Self) {
        self.times += other.times;
        self.acknowledged += other.acknowledged;
        self.arrived += other.arrived;
        self.duplicated += other.duplicated;
        self.gaps += other.gaps;
        self.opened += other.opened;
        self.worst_reopen = self.worst_reopen.max(other.worst_reopen);
    }

    fn is_clean(&self) -> bool {
        let bad = [self.acknowledged - self.arrived, self.duplicated, self.gaps];
        bad == [0; 3] && self.opened == self.times
    }
}

/// Rows of kinds of fault.
#[derive(Debug, Default)]
pub(crate) struct FaultTable(Vec<(String, Toll)>);

impl FaultTable {
    pub(crate) fn add(&mut self, kind: &str, toll: &Toll) {
        match self.0.iter_mut().find(|(name, _)| name == kind) {
            Some((_, sum)) => sum.add(toll),
            None => self.0.push((kind.to_owned(), *toll)),
        }
    }

    /// Prints the table; it must tell of nothing but acknowledged things that were there.
    pub(crate) fn expect_no_loss(&self) {
        println!("\n{self}");
        let unclean: Vec<_> = self.0.iter().filter(|(_, toll)| !toll.is_clean()).collect();
        assert!(!self.0.is_empty() && unclean.is_empty(), "{unclean:#?}");
    }
}

impl fmt::Display for FaultTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["times", "acknowledged", "arrived", "lost", "doubled", "gaps", "opened"];
        write!(f, "{:<22}", "fault")?;
        heads.iter().try_for_each(|head| write!(f, "{head:>13}"))?;
        writeln!(f, "{:>16}", "worst reopen")?;
        for (kind, toll) in &self.0 {
            let lost = toll.acknowledged - toll.arrived;
            let Toll { times, acknowledged, arrived, duplicated, gaps, opened, .. } = toll;
            write!(f, "{kind:<22}{times:>13}{acknowledged:>13}{arrived:>13}{lost:>13}")?;
            write!(f, "{duplicated:>13}{gaps:>13}{opened:>13}")?;
            let reopen = toll.worst_reopen.map(|worst| format!("{} ms", worst.as_millis()));
            writeln!(f, "{:>16}", reopen.as_deref().unwrap_or("-"))?;
        }
        Ok(())
    }
}
