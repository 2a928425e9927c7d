//! What a daemon was doing that a harness waits for in vain: what it told and tells of itself, what
//! the controller has played, and where each of its threads stands.

use std::fs;
use std::path::Path;

use wimd::io::status;

use crate::site::Site;

impl Site {
    /// Looks at the daemon, then kills it; the text for whoever reads the failed test.
    pub(crate) fn autopsy(&mut self) -> String {
        let told = match status::read(&self.config.status.socket) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => error.to_string(),
        };
        let threads = threads(Path::new(&format!("/proc/{}/task", self.pid())));
        let played = {
            let journal = self.sim.controller.journal();
            let journal = journal.borrow();
            (journal.vehicles.len(), journal.waiting(), journal.lost_events)
        };
        let complaints = self.kill_daemon().complaints;
        format!(
            "{complaints:#?}\nvehicles played, vehicles waiting, events lost by the controller: {played:?}\nthreads:\n{threads}\nstatus: {told}"
        )
    }
}

/// Name, state with processor time, and place in the kernel of each thread.
fn threads(tasks: &Path) -> String {
    let Ok(entries) = fs::read_dir(tasks) else {
        return "gone".to_owned();
    };
    let told = entries.flatten().map(|entry| {
        let read = |name| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let stat = read("stat");
        let fields: Vec<&str> = stat.split(' ').collect();
        let field = |place: usize| fields.get(place).copied().unwrap_or("?").to_owned();
        let name = read("comm").trim().to_owned();
        format!("{name}: {} user {} system {} in {}", field(2), field(13), field(14), read("wchan"))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told.join("\n")
}
