//! Reads the file: text to a [`Config`], or every mistake at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use toml::de::DeTable;

use super::document::{Lines, Node};
use super::files::{self, NamedFile};
use super::limits_section::Origin;
use super::problem::{Problem, Problems};
use super::{Config, ControllerLane, LaneConfig, advice, contradictions, shape};

/// Where the configuration is unless the command line says otherwise.
pub const DEFAULT_PATH: &str = "/etc/wimd/wimd.toml";

/// A configuration without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// With absolute paths, as far as the path of the file allows.
    pub config: Config,
    /// What is unreasonable in it.
    pub warnings: Vec<Problem>,
    /// The files that it names; nobody has looked at them.
    pub files: Vec<NamedFile>,
}

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file could not be read; absence is one case of it.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Problems),
}

/// Reads and checks a file.
///
/// # Errors
/// When it cannot be read or has any mistake; the list holds all of them.
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    let text = fs::read_to_string(path)
        .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    Ok(parse(&text, path)?)
}

/// Checks the text of the file at `path`, without reading it.
///
/// # Errors
/// Every mistake in it.
pub fn parse(text: &str, path: &Path) -> Result<Loaded, Problems> {
    let lines = Lines::new(text);
    let (table, syntax) = DeTable::parse_recoverable(text);
    let root = Node::root(table.get_ref());

    let mut found: Vec<Problem> =
        syntax.iter().map(|error| syntax_problem(error, &lines)).collect();
    let broken: Vec<usize> = found.iter().map(|problem| problem.line).collect();
    let shape = shape::problems(&table, &lines);
    // What a broken line hides is not missing.
    let told = |problem: &Problem| {
        !broken.contains(&problem.line) && (broken.is_empty() || problem.what != shape::MISSING)
    };
    found.extend(shape.into_iter().filter(told));
    if broken.is_empty() {
        found.extend(contradictions::problems(&root, &lines));
    }
    let mut config = match toml::Deserializer::parse(text).and_then(Config::deserialize) {
        Ok(config) if found.is_empty() => config,
        Ok(_) => return Err(problems(path, found)),
        Err(error) => {
            if found.is_empty() {
                found.push(syntax_problem(&error, &lines));
            }
            return Err(problems(path, found));
        }
    };
    let warnings = advice::warnings(&config, &root, &lines);
    config.limits.origin = origin(path, &root, &lines);
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = files::named(&config, &root, &lines, folder);
    resolve(&mut config, folder);
    keep_to_own_lanes(&mut config);
    Ok(Loaded { config, warnings, files })
}

fn problems(path: &Path, mut list: Vec<Problem>) -> Problems {
    list.sort();
    list.dedup();
    Problems { file: path.to_owned(), list }
}

fn syntax_problem(error: &toml::de::Error, lines: &Lines) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let what = error.message().replace('\n', ", ");
    Problem::new(lines.at(offset), "", what)
}

/// Where `[limits]` names its tables, for what is wrong with them together.
fn origin(path: &Path, root: &Node<'_>, lines: &Lines) -> Origin {
    let limits = root.table("limits");
    let terms = |name: &str| {
        let tables = limits.iter().flat_map(|limits| limits.tables(name));
        let place = |term: Node<'_>| term.place("table").map_or(term.span.start, |(at, _)| at);
        tables.map(|term| lines.at(place(term))).collect()
    };
    let comparison = limits.as_ref().and_then(|limits| limits.place("comparison"));
    Origin {
        file: path.to_owned(),
        schedule: terms("schedule"),
        axle_schedule: terms("axle_schedule"),
        comparison: comparison.map_or(0, |(at, _)| lines.at(at)),
    }
}

/// With several scales one that maps nothing has the lanes that name it, under the same numbers, and no
/// lane of another scale.
fn keep_to_own_lanes(config: &mut Config) {
    if config.scale.len() < 2 {
        return;
    }
    for scale in config.scale.iter_mut().filter(|scale| scale.lanes.is_empty()) {
        let own = config.lane.iter().filter(|lane| lane.scale == scale.name);
        let same = |lane: &LaneConfig| ControllerLane {
            controller: None,
            device: lane.number,
            site: lane.number,
        };
        scale.lanes = own.map(same).collect();
    }
}

/// Makes relative paths relative to the folder of the file.
fn resolve(config: &mut Config, folder: &Path) {
    let uplink = &mut config.uplink;
    let optional = [
        &mut uplink.password_file,
        &mut uplink.ca_file,
        &mut uplink.client_cert_file,
        &mut uplink.client_key_file,
        &mut config.store.next_key_file,
    ];
    let cameras = config.camera.iter_mut().flat_map(|camera| {
        [&mut camera.password_file, &mut camera.ca_file].into_iter().filter_map(Option::as_mut)
    });
    let always = [&mut config.store.dir, &mut config.store.key_file, &mut config.status.socket];
    let optional = optional.into_iter().filter_map(Option::as_mut);
    for path in
        always.into_iter().chain(optional).chain(cameras).chain(config.limits.tables.iter_mut())
    {
        *path = folder.join(&*path);
    }
}
