//! Source files as modules: their path, their text without comments and tests, what they name.

use std::fs;
use std::path::Path;

/// One file of `src`.
pub(crate) struct Module {
    /// Path in the crate, such as `io::store::codec`.
    pub(crate) path: String,
    /// File, from the root of the repository.
    pub(crate) file: String,
    /// Its text without comments, texts and tests.
    pub(crate) code: String,
}

impl Module {
    /// Everything of the crate that it names, with `super` and `self` resolved.
    pub(crate) fn crate_paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (start, _) in self.code.match_indices("crate::") {
            if starts_word(&self.code, start) {
                expand("", &self.code[start + "crate::".len()..], &mut found);
            }
        }
        for (start, _) in self.code.match_indices("super::") {
            if self.code[..start].ends_with("super::") || !starts_word(&self.code, start) {
                continue;
            }
            let mut rest = &self.code[start..];
            let mut base: Vec<&str> = self.path.split("::").collect();
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            expand(&base.join("::"), rest, &mut found);
        }
        found
    }

    /// Whether an identifier or path occurs in the code.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.code.match_indices(word).any(|(start, _)| {
            let end = self.code[start + word.len()..].chars().next();
            starts_word(&self.code, start) && !end.is_some_and(is_identifier)
        })
    }
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn starts_word(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    !before.is_some_and(|c| is_identifier(c) || c == ':')
}

/// Adds the paths that `text` begins with below `base`; groups in braces are taken apart.
fn expand(base: &str, text: &str, found: &mut Vec<String>) {
    let end = text.find(|c: char| !is_identifier(c) && c != ':');
    let path = &text[..end.unwrap_or(text.len())];
    let joined = [base, path.trim_end_matches(':')].join("::");
    let joined = joined.trim_matches(':').to_owned();
    match text[path.len()..].strip_prefix('{') {
        Some(group) => group_items(group).iter().for_each(|item| {
            let item = item.trim();
            if item.starts_with("self") {
                found.push(joined.clone());
            } else {
                expand(&joined, item, found);
            }
        }),
        None => found.push(joined),
    }
}

/// The items of a group, up to its closing brace.
fn group_items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// Every module of `src`, without its tests.
pub(crate) fn modules() -> Vec<Module> {
    rust_files(&["src"])
        .into_iter()
        .filter(|(file, _)| !is_test_file(file))
        .map(|(file, text)| Module { path: module_path(&file), code: code(&text), file })
        .collect()
}

/// Test modules, and what the tests of a module share (`example.rs`).
fn is_test_file(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/") || file.ends_with("/example.rs")
}

fn module_path(file: &str) -> String {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    inner.replace('/', "::")
}

/// The text without line comments, attributes of lints and the test module at its end.
fn code(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let inline = lines.peek().is_some_and(|next| next.trim_end().ends_with('{'));
            if inline {
                break;
            }
            lines.next();
            continue;
        }
        let line = line.split("//").next().unwrap_or_default();
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// File name from the root and text of each Rust file below the folders.
pub(crate) fn rust_files(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in folders {
        collect(root, &root.join(folder), &mut found);
    }
    found.sort();
    assert!(!found.is_empty(), "no source files below {}", root.display());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            found.push((file, fs::read_to_string(&path).expect("a source file is text")));
        }
    }
}

/// Shows everything that breaks a rule.
pub(crate) fn fail_with(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}
