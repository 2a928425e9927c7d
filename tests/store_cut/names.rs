//! Names of files and folders, and how deeds change them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::Change;
use crate::recording::What;

/// Identity of a file, whatever its name becomes.
pub(crate) type File = usize;

#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Folder(PathBuf),
    File(PathBuf, File),
    Rename(PathBuf, PathBuf),
    Exchange(PathBuf, PathBuf),
    Remove(PathBuf),
}

/// Names of files and folders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    files: BTreeMap<PathBuf, File>,
    folders: BTreeSet<PathBuf>,
}

impl Names {
    /// What a deed means for the disk, with files by identity.
    pub(crate) fn follow(&mut self, what: &What, files: &mut File) -> Vec<Change> {
        let file = |names: &Self, path: &Path| names.files.get(path).copied();
        match what {
            What::Create { path, empties } => match file(self, path) {
                Some(old) if *empties => vec![Change::Resize(old, 0)],
                Some(_) => vec![],
                None => {
                    *files += 1;
                    vec![self.name(Edit::File(path.clone(), *files))]
                }
            },
            What::MakeFolder(path) => vec![self.name(Edit::Folder(path.clone()))],
            What::Rename { from, to } => vec![self.name(Edit::Rename(from.clone(), to.clone()))],
            What::Exchange { one, other } => {
                vec![self.name(Edit::Exchange(one.clone(), other.clone()))]
            }
            What::Remove(path) => vec![self.name(Edit::Remove(path.clone()))],
            What::Resize { path, length } => {
                file(self, path).map(|file| Change::Resize(file, *length)).into_iter().collect()
            }
            What::Write { path, offset, bytes } => file(self, path)
                .map(|file| Change::Write(file, *offset, bytes.clone()))
                .into_iter()
                .collect(),
            What::Sync(path) => match file(self, path) {
                Some(file) => vec![Change::SyncFile(file)],
                None => vec![Change::SyncFolder(path.clone())],
            },
        }
    }

    fn name(&mut self, edit: Edit) -> Change {
        self.apply(&edit);
        let folder = |path: &PathBuf| path.parent().unwrap_or(Path::new("")).to_owned();
        let folders = match &edit {
            Edit::Folder(path) | Edit::File(path, _) | Edit::Remove(path) => vec![folder(path)],
            Edit::Rename(one, other) | Edit::Exchange(one, other) => {
                vec![folder(one), folder(other)]
            }
        };
        Change::Name { folders, edit }
    }

    pub(crate) fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Folder(path) => {
                self.folders.insert(path.clone());
            }
            Edit::File(path, file) => {
                self.files.insert(path.clone(), *file);
            }
            Edit::Remove(path) => {
                self.files.remove(path);
                self.folders.remove(path);
            }
            Edit::Rename(from, to) => self.rename(|path| moved(path, from, to)),
            Edit::Exchange(one, other) => {
                self.rename(|path| moved(path, one, other).or_else(|| moved(path, other, one)));
            }
        }
    }

    fn rename(&mut self, new: impl Fn(&Path) -> Option<PathBuf>) {
        let name = |path: PathBuf| new(&path).unwrap_or(path);
        // unmoved names first: what is moved takes the place of what was there
        let files = std::mem::take(&mut self.files);
        let (moved, unmoved): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| new(path).is_some());
        self.files = unmoved.into_iter().collect();
        self.files.extend(moved.into_iter().map(|(path, file)| (name(path), file)));
        self.folders = std::mem::take(&mut self.folders).into_iter().map(name).collect();
    }

    pub(crate) fn write(&self, contents: &BTreeMap<File, Vec<u8>>, to: &Path) {
        for folder in &self.folders {
            fs::create_dir_all(to.join(folder)).expect("made");
        }
        let empty = Vec::new();
        for (path, file) in &self.files {
            fs::write(to.join(path), contents.get(file).unwrap_or(&empty)).expect("written");
        }
    }
}

/// The path after `from` has become `to`; `None` when it does not lie there.
fn moved(path: &Path, from: &Path, to: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(from).ok()?;
    Some(if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) })
}
