//! What scale, cameras and platform have in the end, compared.

use std::collections::BTreeSet;

use wimd::io::store::chain::verify::Problem;

use crate::fault_table::Toll;
use crate::oracle::{self, Id, Levels, Platform};
use crate::site::{PATIENCE, Site};
use crate::whole_site::Said;

/// The kind under which stands what is acknowledged when everything is well again.
const AFTERWARDS: &str = "none any more";

impl Site {
    /// Lets a daemon live until scale, cameras and platform have come to an end; what was issued.
    pub(crate) async fn until_everything_has_come(&mut self) -> BTreeSet<Id> {
        if self.daemon.is_none() {
            self.start_daemon();
        }
        let issued = oracle::issued(&self.sim);
        let vehicles = issued.iter().filter(|id| id.is_vehicle()).count();
        self.until_journal("the last vehicle", |played| played.acknowledged() >= vehicles).await;
        self.until_cameras_are_empty(&issued).await;
        // each message looks only at what was not there before: a month has a million ids
        let mut awaited: Vec<&Id> = issued.iter().collect();
        let all = |platform: &Platform| {
            while awaited.pop_if(|id| platform.has(id)).is_some() {}
            awaited.is_empty()
        };
        if !self.until_platform(all).await {
            let absent: Vec<_> = issued.iter().filter(|id| !self.platform.has(id)).collect();
            panic!("never came: {absent:?}: {}", self.autopsy());
        }
        // the last kill may have been a moment ago
        self.until_store_opened().await;
        let head = self.head();
        let mut awaited = head;
        let whole = |platform: &Platform| {
            while awaited > 0 && platform.has_sequence(awaited) {
                awaited -= 1;
            }
            awaited == 0
        };
        if !self.until_platform(whole).await {
            let missing = self.platform.missing(head);
            panic!("sequences that never came: {missing:?}: {}", self.autopsy());
        }
        issued
    }

    /// Cameras that have fallen behind on a slow machine are waited for as long as they get on.
    async fn until_cameras_are_empty(&mut self, issued: &BTreeSet<Id>) {
        let mut before = 0;
        while tokio::time::timeout(PATIENCE, self.sim.until_delivered()).await.is_err() {
            let taken = self.sim.acknowledged_events();
            if taken.len() > before {
                before = taken.len();
                continue;
            }
            let waits = |id: &&Id| matches!(id, Id::Event(event) if !taken.contains(event));
            let kept: Vec<&Id> = issued.iter().filter(waits).collect();
            let status = self.status();
            panic!("cameras still have {kept:?}: {status:#}: {}", self.autopsy());
        }
    }

    /// Compares what scale, cameras and platform have. The alarms are those that must have been
    /// told, and with a `?` those that may.
    pub(crate) async fn expect_no_loss(mut self, alarms: &[&str]) {
        let told = self.compare().await;
        let expected = |name: &str| alarms.iter().any(|it| it.trim_end_matches('?') == name);
        let is_told = |name: &&str| name.ends_with('?') || told.iter().any(|it| it == name);
        let right = told.iter().all(|name| expected(name)) && alarms.iter().all(is_told);
        assert!(right, "{:#?}", self.platform.alarms);
        assert_eq!(self.platform.sealed_again, Vec::<String>::new());
    }

    /// The same after damage: not every one of these alarms need be told, but no other, and what is
    /// no more known to have been sealed may be sealed again under its id.
    pub(crate) async fn expect_no_loss_beside(mut self, possible: &[&str]) {
        let told = self.compare().await;
        let others: Vec<_> = told.iter().filter(|name| !possible.contains(&&***name)).collect();
        assert!(others.is_empty(), "{:#?}", self.platform.alarms);
    }

    /// Prints the tables, and answers with the alarms.
    async fn compare(&mut self) -> Vec<String> {
        let issued = self.until_everything_has_come().await;
        self.kill_daemon();
        self.note_acknowledged(AFTERWARDS);
        let report = self.platform.verify(self.trusted);
        let gaps = report.problems.iter().filter(|it| matches!(it, Problem::Gap { .. })).count();
        self.table.add(AFTERWARDS, &Toll { gaps: gaps as u64, ..Toll::default() });
        for (id, kind) in &self.acknowledged {
            self.table.add(kind, &self.platform.toll(id));
        }
        let acknowledged = self.acknowledged.keys().cloned().collect();
        let levels =
            Levels { issued: &issued, acknowledged: &acknowledged, platform: &self.platform };
        println!("\n{levels}");
        self.table.expect_no_loss();
        levels.expect_agreement();
        assert!(report.is_good() && report.records == self.platform.records(), "{report:?}");
        assert_eq!(self.sim.controller.journal().borrow().lost_events, 0, "by the controller");
        self.platform.alarms.keys().cloned().collect()
    }

    fn head(&mut self) -> u64 {
        self.status()["store"]["head"]["seq"].as_u64().expect("a sequence")
    }
}

impl Said {
    /// What a daemon's life says of its store: opened unless something was moved aside.
    pub(crate) fn toll(&self) -> Toll {
        let aside = self.complaints.iter().any(|line| line.contains("moved aside"));
        Toll { opened: u64::from(!aside), worst_reopen: self.store_opened, ..Toll::default() }
    }
}
