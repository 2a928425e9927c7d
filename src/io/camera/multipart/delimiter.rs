//! Finds and judges delimiters in a buffer: what may follow one, how much whitespace before it.

use memchr::memmem::Finder;

/// Longest boundary that is taken, in bytes; RFC 2046 allows 70, cameras have used 40.
const MAX_BOUNDARY: usize = 200;
/// A part's stated length is believed when the delimiter begins within this many bytes of line
/// breaks and blanks after it (cameras.md section 11).
const MAX_GAP: usize = 8;
/// How the first header of a following part begins; decides whether a delimiter is a real one.
const HEADER: &[u8] = b"content-";

/// The text `--boundary` with a prepared search.
#[derive(Debug)]
pub(super) struct Delimiter {
    finder: Finder<'static>,
}

/// Whether something is there, judged on the bytes at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Yes,
    No,
    /// More bytes are needed.
    Open,
}

impl Delimiter {
    /// For a boundary without its two leading dashes; `None` when empty or too long.
    pub(super) fn new(boundary: &[u8]) -> Option<Self> {
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
            return None;
        }
        let text = [b"--", boundary].concat();
        Some(Self { finder: Finder::new(&text).into_owned() })
    }

    /// Takes the delimiter from a line such as `--boundary`.
    pub(super) fn from_line(line: &[u8]) -> Option<Self> {
        Self::new(line.trim_ascii().strip_prefix(b"--")?)
    }

    pub(super) fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// How many bytes after a position are needed to judge everything here at once.
    pub(super) fn reach(&self) -> usize {
        self.len() + MAX_GAP + HEADER.len() + 2
    }

    /// Whether a whole line begins with the delimiter.
    pub(super) fn begins(&self, line: &[u8]) -> bool {
        line.starts_with(self.finder.needle())
            && follows(&line[self.len()..], true) == Judgement::Yes
    }

    /// First place at or after `from` where the delimiter stands and is followed as it must be.
    pub(super) fn find(
        &self,
        bytes: &[u8],
        from: usize,
        ended: bool,
    ) -> Option<(usize, Judgement)> {
        self.search(bytes, from, |after| follows(after, ended))
    }

    /// Like [`Self::find`], but only where a header or the end of the body follows as well: such
    /// a text does not occur in a picture by accident.
    pub(super) fn find_strong(
        &self,
        bytes: &[u8],
        from: usize,
        ended: bool,
    ) -> Option<(usize, Judgement)> {
        self.search(bytes, from, |after| strong(after, ended))
    }

    fn search(
        &self,
        bytes: &[u8],
        mut from: usize,
        judge: impl Fn(&[u8]) -> Judgement,
    ) -> Option<(usize, Judgement)> {
        while let Some(found) = self.finder.find(bytes.get(from..)?) {
            let at = from + found;
            match judge(&bytes[at + self.len()..]) {
                Judgement::No => from = at + 1,
                verdict => return Some((at, verdict)),
            }
        }
        None
    }

    /// What stands at the place where a part's stated length ends.
    pub(super) fn at_length(&self, bytes: &[u8], ended: bool) -> AtLength {
        let gap = blanks(bytes);
        let rest = &bytes[gap..];
        let needle = self.finder.needle();
        let common = needle.len().min(rest.len());
        if rest[..common] != needle[..common] {
            return AtLength::Content;
        }
        if rest.is_empty() && ended {
            return AtLength::EndOfBody;
        }
        if common < needle.len() {
            return if ended { AtLength::Content } else { AtLength::Open };
        }
        match follows(&rest[common..], ended) {
            Judgement::Yes => AtLength::Delimiter { gap },
            Judgement::No => AtLength::Content,
            Judgement::Open => AtLength::Open,
        }
    }
}

/// What follows a part's stated length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtLength {
    /// A delimiter after so many blanks: the length is right.
    Delimiter { gap: usize },
    /// Nothing more.
    EndOfBody,
    /// Anything else: the length is wrong.
    Content,
    /// More bytes are needed.
    Open,
}

/// A delimiter is followed by two dashes, a line break, a blank or the end of the body.
fn follows(after: &[u8], ended: bool) -> Judgement {
    match (after.first(), after.get(1)) {
        (Some(b'-'), Some(b'-')) => Judgement::Yes,
        (Some(b'-'), None) if !ended => Judgement::Open,
        (Some(byte), _) if is_blank(*byte) => Judgement::Yes,
        (None, _) if ended => Judgement::Yes,
        (None, _) => Judgement::Open,
        _ => Judgement::No,
    }
}

fn strong(after: &[u8], ended: bool) -> Judgement {
    if after.starts_with(b"--") {
        return match after.get(2) {
            Some(b'\r' | b'\n') => Judgement::Yes,
            Some(_) => Judgement::No,
            None if ended => Judgement::Yes,
            None => Judgement::Open,
        };
    }
    if follows(after, ended) == Judgement::No {
        return Judgement::No;
    }
    let rest = &after[blanks(after)..];
    let common = rest.len().min(HEADER.len());
    if !rest[..common].eq_ignore_ascii_case(&HEADER[..common]) {
        Judgement::No
    } else if common == HEADER.len() {
        Judgement::Yes
    } else if ended {
        Judgement::No
    } else {
        Judgement::Open
    }
}

/// How many of the first few bytes are line breaks or blanks.
fn blanks(bytes: &[u8]) -> usize {
    let near = bytes.iter().take(MAX_GAP);
    near.take_while(|byte| is_blank(**byte)).count()
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t')
}

/// Length of the line break that ends `bytes`: CR LF, LF CR, LF, CR or none.
pub(super) fn break_before(bytes: &[u8]) -> usize {
    match bytes {
        [.., b'\r', b'\n'] | [.., b'\n', b'\r'] => 2,
        [.., b'\n' | b'\r'] => 1,
        _ => 0,
    }
}

/// The first line of `bytes`: its length, and the length of its line break in any of the four
/// forms. `None` when the break, or the byte that tells its form, is not there yet.
pub(super) fn line(bytes: &[u8], ended: bool) -> Option<(usize, usize)> {
    let end = match memchr::memchr2(b'\r', b'\n', bytes) {
        Some(end) => end,
        None if ended && !bytes.is_empty() => return Some((bytes.len(), 0)),
        None => return None,
    };
    match bytes.get(end + 1) {
        None if !ended => None,
        Some(second) if matches!(second, b'\r' | b'\n') && *second != bytes[end] => Some((end, 2)),
        _ => Some((end, 1)),
    }
}
