//! A row's limit after the adjustments of law.md section 1.5. In: the case and a row. Out: the
//! adjusted limit, and a second one where the width of single tyres decides.
//!
//! It never deducts on an unknown: tyres nobody measured take nothing off.

use super::case::Case;
use super::{Adjustment, Facts, Step};
use crate::pipeline::limits::{GrossRow, LimitTable, SingleTyreRule, Split, Suspension};
use crate::pipeline::passage::Tyres;
use crate::units::{Kilograms, Millimetres};

/// One adjusted limit.
#[derive(Clone, Debug)]
pub(super) struct Adjusted {
    pub(super) limit: Kilograms,
    pub(super) adjustments: Vec<Adjustment>,
    /// What was done, for the derivation.
    pub(super) steps: Vec<Step>,
    /// True for a limit that only holds if the single tyres are wide, which a scale cannot see.
    pub(super) beside: bool,
}

impl Adjusted {
    /// The limits of `row`, read with `split`: one, or two when single tyres of unknown width
    /// were measured on the trailer.
    pub(super) fn of(
        case: &Case<'_>,
        table: &LimitTable,
        row: &GrossRow,
        split: &Split,
    ) -> impl Iterator<Item = Self> + use<> {
        let mut plain =
            Self { limit: row.limit, adjustments: Vec::new(), steps: Vec::new(), beside: false };
        if row.suspension == Some(Suspension::Air) {
            let known = case.facts.suspension.is_some();
            plain.note(Adjustment::AdjAir, Step::AirSuspension { known });
        }
        let single = single_tyred_axles(case, row, split);
        let wide_tyres = Step::WideTyres { axles: u8::try_from(single).unwrap_or(u8::MAX) };
        let rule = table
            .head()
            .single_tyre
            .as_ref()
            .filter(|_| single > 0 && case.facts.wide_tyres != Some(true));
        let Some(rule) = rule else {
            if single > 0 && table.head().single_tyre.is_some() {
                plain.note(Adjustment::AdjWideTyre, wide_tyres);
            }
            plain.bound(case, row);
            return [Some(plain), None].into_iter().flatten();
        };
        let mut less = plain.clone();
        less.deduct(rule, single);
        less.bound(case, row);
        let wide = case.facts.wide_tyres.is_none().then(|| {
            plain.note(Adjustment::AdjWideTyre, wide_tyres);
            plain.beside = true;
            plain.bound(case, row);
            plain
        });
        [Some(less), wide].into_iter().flatten()
    }

    fn note(&mut self, adjustment: Adjustment, step: Step) {
        self.adjustments.push(adjustment);
        self.steps.push(step);
    }

    fn deduct(&mut self, rule: &SingleTyreRule, axles: u32) {
        let deducted = Kilograms(rule.deduct.0.saturating_mul(axles));
        self.limit = Kilograms(self.limit.0.saturating_sub(deducted.0));
        let adjustment = Adjustment::single_tyre(&rule.rule);
        let step = Step::SingleTyres {
            adjustment,
            axles: u8::try_from(axles).unwrap_or(u8::MAX),
            each_kg: rule.deduct,
            deducted_kg: deducted,
            limit_kg: self.limit,
        };
        self.note(adjustment, step);
    }

    /// The adjustments that only facts from elsewhere can bring about.
    fn bound(&mut self, case: &Case<'_>, row: &GrossRow) {
        let Facts { registered, farm_vehicle, dump_truck, .. } = *case.facts;
        if let Some(registered) = registered.filter(|mass| mass.0 > 0) {
            self.registered(registered, farm_vehicle == Some(true), case.axles());
        }
        let rigid_of_four = case.axles() == 4 && !row.vehicle.has_trailer();
        if rigid_of_four
            && dump_truck == Some(false)
            && let Some(wheelbase) = case.wheelbase()
        {
            self.wheelbase(Millimetres(u32::try_from(wheelbase).unwrap_or(u32::MAX)));
        }
        if let Some(sum) = case.axle_sum {
            if sum < self.limit {
                self.limit = sum;
                self.adjustments.push(Adjustment::AdjAxleSum);
            }
            self.steps.push(Step::AxleSum { sum_kg: sum, limit_kg: Some(self.limit) });
        }
    }

    /// The registered mass is the limit of a farm vehicle and bounds the one of a two-axle truck.
    /// It never raises a limit: GB 1589 binds every registration, and its row for such vehicles
    /// (4 500 kg, law.md 1.4) lies far below every row here, so that a greater figure is an error.
    fn registered(&mut self, registered: Kilograms, farm_vehicle: bool, axles: usize) {
        if registered > self.limit && farm_vehicle {
            self.steps.push(Step::RegisteredAboveLimit {
                registered_kg: registered,
                limit_kg: self.limit,
            });
        }
        let adjustment = match (farm_vehicle, axles) {
            (true, _) if registered <= self.limit => Adjustment::AdjRegisteredMass,
            (false, 2) if registered < self.limit => Adjustment::Adj2axleReg,
            _ => return,
        };
        self.limit = registered;
        let (registered_kg, limit_kg) = (registered, registered);
        self.note(adjustment, Step::RegisteredMass { adjustment, registered_kg, limit_kg });
    }

    fn wheelbase(&mut self, wheelbase_mm: Millimetres) {
        // Mass in t not above 5 times the distance in m: 5 kg for each mm.
        let bound = Kilograms(wheelbase_mm.0.saturating_mul(5));
        if bound < self.limit {
            self.limit = bound;
            let step = Step::Wheelbase { wheelbase_mm, limit_kg: bound };
            self.note(Adjustment::AdjWheelbase, step);
        }
    }
}

/// Axles behind the truck or tractor that were measured to carry single tyres. The first two
/// groups are the truck's or tractor's in every split of the 124号 table; its second group holds
/// the drive axles, which no deduction counts. A row for six axles or more counts six of them, so
/// that a long trailer loses no more than the row's own axles can (our choice: the texts have no
/// rule for it, and the deduction would otherwise leave no limit at all).
fn single_tyred_axles(case: &Case<'_>, row: &GrossRow, split: &Split) -> u32 {
    if !row.vehicle.has_trailer() {
        return 0;
    }
    // A row without a split holds for every reading: the one with the longest truck counts.
    let tightest = case.grouping.tightest();
    let split = if row.splits.is_empty() { &tightest } else { split };
    let motor_axles: usize = split.sizes().iter().take(2).map(|size| usize::from(*size)).sum();
    let counted = row.axles.map_or(0, usize::from).saturating_sub(motor_axles);
    let single =
        (motor_axles..case.axles()).filter(|axle| case.tyres(*axle) == Tyres::Single).count();
    u32::try_from(single.min(counted)).unwrap_or(u32::MAX)
}
