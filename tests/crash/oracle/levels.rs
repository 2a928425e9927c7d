//! What was issued, what was acknowledged and what has come, compared and shown level by level.

use std::collections::BTreeSet;
use std::fmt;

use super::{Id, Platform};

/// Level by level, for vehicles and for camera events.
pub(crate) struct Levels<'a> {
    pub(crate) issued: &'a BTreeSet<Id>,
    pub(crate) acknowledged: &'a BTreeSet<Id>,
    pub(crate) platform: &'a Platform,
}

impl Levels<'_> {
    /// Everything that was issued has been acknowledged, has come, and nothing else.
    pub(crate) fn expect_agreement(&self) {
        let there: BTreeSet<&Id> = self.platform.of.keys().collect();
        let issued: BTreeSet<&Id> = self.issued.iter().collect();
        let invented: Vec<_> = there.difference(&issued).collect();
        let absent: Vec<_> = issued.difference(&there).collect();
        let untold: Vec<_> = self.issued.difference(self.acknowledged).collect();
        assert!(invented.is_empty(), "never issued: {invented:?}");
        assert!(absent.is_empty(), "never came: {absent:?}");
        assert!(untold.is_empty(), "never acknowledged: {untold:?}");
        assert_eq!(self.platform.contradictions, Vec::<String>::new());
        assert!(self.platform.astray().is_empty(), "{:?}", self.platform.astray());
    }
}

impl fmt::Display for Levels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |set: &BTreeSet<Id>, vehicles| {
            set.iter().filter(|id| id.is_vehicle() == vehicles).count()
        };
        writeln!(f, "{:<22}{:>13}{:>13}{:>13}", "ids", "issued", "acknowledged", "at platform")?;
        for (name, vehicles) in [("vehicles", true), ("camera events", false)] {
            let there = self.platform.of.keys().filter(|id| id.is_vehicle() == vehicles).count();
            let (issued, done) = (count(self.issued, vehicles), count(self.acknowledged, vehicles));
            writeln!(f, "{name:<22}{issued:>13}{done:>13}{there:>13}")?;
        }
        let (records, last) = (self.platform.records(), self.platform.last_sequence());
        writeln!(f, "{:<22}{last:>13}{:>13}{records:>13}", "records", "-")?;
        let reconciled = self.platform.reconciliations;
        writeln!(f, "{:<22}{:>13}{:>13}{reconciled:>13}", "of them reconciliations", "-", "-")?;
        let referring = self.platform.referring.len();
        writeln!(f, "{:<22}{:>13}{:>13}{referring:>13}", "referring to another", "-", "-")?;
        let wrong = self.platform.wrong_plates.len();
        writeln!(f, "{:<22}{:>13}{:>13}{wrong:>13}", "plates of others", "-", "-")?;
        self.platform.wrong_plates.iter().try_for_each(|it| writeln!(f, "{it}"))?;
        self.platform.doubled().try_for_each(|it| writeln!(f, "doubled: {it}"))
    }
}
