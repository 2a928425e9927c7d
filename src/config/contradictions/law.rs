//! Contradictions in what decides about a verdict.

use super::super::document::{Located, Node};
use super::super::formats;
use super::{Checks, texts};
use crate::config::GroupingConfig;

impl Checks<'_> {
    pub(super) fn law(&mut self, root: &Node<'_>) {
        if let Some(limits) = root.table("limits") {
            self.terms(&limits, "schedule");
            self.terms(&limits, "axle_schedule");
            self.tolerance(&limits);
            self.tiers(&limits);
        }
        if let Some(grouping) = root.table("grouping") {
            self.grouping(&grouping);
        }
        for lane in root.tables("lane") {
            self.verification(&lane);
        }
    }

    fn terms(&mut self, limits: &Node<'_>, name: &str) {
        let terms = limits.tables(name);
        let is_day =
            |day: &Located<&str>| formats::named("date").is_some_and(|date| (date.fits)(day.value));
        let mut days = texts(&terms, "from");
        days.retain(is_day);
        for pair in days.windows(2) {
            if pair[1].value <= pair[0].value {
                let what = format!("{} is not after the term before it", pair[1].value);
                let allowed = format!("later than {}", pair[0].value);
                self.report(pair[1].offset, &pair[1].key, what, allowed);
            }
        }
        for term in &terms {
            let (Some(from), Some(to)) = (term.text("from"), term.text("to")) else {
                continue;
            };
            if is_day(&from) && is_day(&to) && to.value < from.value {
                let what = format!("{} is before from", to.value);
                self.report(to.offset, &to.key, what, format!("{} or later", from.value));
            }
        }
    }

    fn tolerance(&mut self, limits: &Node<'_>) {
        let factor = limits.integer("limit_factor_permyriad").filter(|f| f.value != 10_000);
        let deduction = limits.integer("deduction_permyriad").filter(|d| d.value != 0);
        if let (Some(factor), Some(_)) = (factor, deduction) {
            let what = "excludes deduction_permyriad: a tolerance profile has one of them".into();
            self.report(factor.offset, &factor.key, what, "one of the two".into());
        }
    }

    fn tiers(&mut self, limits: &Node<'_>) {
        for pair in limits.integers("tiers_permyriad").windows(2) {
            if pair[1].value <= pair[0].value {
                let what = format!("{} is not above the edge before it", pair[1].value);
                let allowed = format!("more than {}", pair[0].value);
                self.report(pair[1].offset, &pair[1].key, what, allowed);
            }
        }
    }

    fn grouping(&mut self, grouping: &Node<'_>) {
        let default = GroupingConfig::default();
        let same = grouping.integer("same_group_mm");
        let least = same.as_ref().map_or(default.same_group_mm.into(), |same| same.value);
        let uncertain = grouping.integer("uncertain_mm");
        let most = uncertain.as_ref().map_or(default.uncertain_mm.into(), |most| most.value);
        if most >= least {
            return;
        }
        if let Some(place) = uncertain {
            let what = format!("{most} is below same_group_mm");
            self.report(place.offset, &place.key, what, format!("{least} or more"));
        } else if let Some(place) = same {
            let what = format!("{least} is above uncertain_mm");
            self.report(place.offset, &place.key, what, format!("at most {most}"));
        }
    }

    fn verification(&mut self, lane: &Node<'_>) {
        self.belongs_to(lane, "scale_interval_kg", "accuracy_class");
        self.belongs_to(lane, "certificate_institution", "certificate_number");
        self.belongs_to(lane, "certificate_expiry", "certificate_number");
        self.belongs_to(lane, "certificate_number", "certificate_expiry");
    }
}
