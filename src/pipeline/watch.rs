//! How the pipeline tells that a scale drifts: in `status`, in each record that it spoils, and by
//! an alarm whenever the state of a lane becomes better or worse.

use super::Pipeline;
use super::drift::{ChartStatus, DriftState, DriftStatus, FIRST_LIMIT, SECOND_LIMIT};
use super::lane::LaneWindow;
use super::record::{Alarm, Body, Record};
use crate::units::PartsPerMillion;

impl LaneWindow {
    /// Whether what it weighs is good for statistics only.
    pub(super) fn has_drifted(&self) -> bool {
        self.drift.state() == DriftState::Statistics
    }
}

impl Pipeline {
    /// Lets the lane learn from a sealed vehicle; the alarm when its state changes by it.
    pub(super) fn watch_drift(&mut self, place: usize, record: &Record) -> Option<Record> {
        let Body::Passage(sealed) = &record.body else {
            return None;
        };
        let window = &mut self.lanes[place];
        let (passage, against) = (&sealed.passage, &sealed.unenforceable);
        let (before, after) = window.drift.take(passage, &sealed.assessment, against)?;
        let name = match (before, after) {
            (_, DriftState::Statistics) => "scale_drift_statistics",
            (_, DriftState::Warning) => "scale_drift_warning",
            (DriftState::Warning, DriftState::Steady) => "scale_drift_over",
            _ => return None,
        };
        let lane = window.parameters.lane;
        let text = text(after, &window.drift.status());
        let alarm = Alarm { name: name.to_owned(), lane: Some(lane), text };
        let id = format!("{}-drift", record.id);
        Some(self.sealer.record(id, record.occurred_at, Body::Alarm(alarm)))
    }
}

fn text(state: DriftState, status: &DriftStatus) -> String {
    let figure = |chart: ChartStatus| {
        let figure = chart.deviation_ppm.map(PartsPerMillion::percent);
        figure.unwrap_or_else(|| "0.00".to_owned())
    };
    let figures = format!(
        "the last tractors' steering axles weigh {} %, the left wheels' share of them is {} %, \
         against the {} tractors since the calibration",
        figure(status.steering_kg),
        figure(status.left_share),
        status.tractors,
    );
    match state {
        DriftState::Statistics => format!(
            "the scale has drifted by more than {} %: no record of this lane supports a case until \
             it is calibrated; {figures}",
            SECOND_LIMIT.percent().trim_start_matches('+'),
        ),
        DriftState::Warning => format!(
            "the scale seems to drift by more than {} %: calibrate it; {figures}",
            FIRST_LIMIT.percent().trim_start_matches('+'),
        ),
        DriftState::Learning | DriftState::Steady => {
            format!("the scale weighs as after its calibration again; {figures}")
        }
    }
}
