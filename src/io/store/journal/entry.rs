//! One commit as bytes, and the commits of a journal.
//!
//! A commit is a head and its writes, integers little-endian: CRC-32C of all that follows (4 bytes),
//! length of the writes (4), what the commit before left and what this one leaves, each as its number
//! (8) and CRC-32C of the store's state (4). A write is its tree (1), length of its key (4), the key,
//! length of its value (4; all ones where it removes), the value.

use std::io;

use super::super::trees::{TreeName, Write};

pub(super) const HEAD: usize = 32;

/// Stands for the length of a value that is not there.
const REMOVED: u32 = u32::MAX;

const CRC: crc::Crc<u32, crc::Table<16>> = crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISCSI);

/// What a commit has left: only the commit that was made on it follows, also where another program has
/// gone on from the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::io::store) struct Left {
    pub(in crate::io::store) number: u64,
    /// CRC-32C of the store's state as it is stored.
    state: u32,
}

impl Left {
    pub(in crate::io::store) fn by(number: u64, state: &[u8]) -> Self {
        Self { number, state: CRC.checksum(state) }
    }

    fn bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.number.to_le_bytes());
        bytes[8..].copy_from_slice(&self.state.to_le_bytes());
        bytes
    }
}

/// A commit that was read.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) before: Left,
    pub(super) after: Left,
    pub(super) writes: Vec<Write>,
}

/// Appends a commit.
pub(super) fn append(
    to: &mut Vec<u8>,
    (before, after): (Left, Left),
    writes: &[Write],
) -> io::Result<()> {
    let start = to.len();
    to.extend_from_slice(&[0; HEAD]);
    for write in writes {
        to.push(write.tree as u8);
        append_part(to, &write.key)?;
        match &write.value {
            Some(value) => append_part(to, value)?,
            None => to.extend_from_slice(&REMOVED.to_le_bytes()),
        }
    }
    let head = &mut to[start..];
    let length = length(head.len() - HEAD)?;
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..20].copy_from_slice(&before.bytes());
    head[20..HEAD].copy_from_slice(&after.bytes());
    let crc = CRC.checksum(&head[4..]);
    head[..4].copy_from_slice(&crc.to_le_bytes());
    Ok(())
}

fn append_part(to: &mut Vec<u8>, part: &[u8]) -> io::Result<()> {
    to.extend_from_slice(&length(part.len())?.to_le_bytes());
    to.extend_from_slice(part);
    Ok(())
}

fn length(length: usize) -> io::Result<u32> {
    let fits = u32::try_from(length).ok().filter(|length| *length != REMOVED);
    fits.ok_or_else(|| io::Error::other("the commit is too large for the journal"))
}

/// The commits at the beginning of `bytes` that follow each other, and the rest, which is older, torn or
/// damaged.
pub(super) fn commits(bytes: &[u8]) -> (Vec<Commit>, &[u8]) {
    let mut commits: Vec<Commit> = Vec::new();
    let mut rest = bytes;
    loop {
        let mut behind = rest;
        let follows = |it: &Commit| commits.last().is_none_or(|last| last.after == it.before);
        match next(&mut behind).filter(follows) {
            Some(commit) => commits.push(commit),
            None => return (commits, rest),
        }
        rest = behind;
    }
}

/// The whole commits anywhere in `bytes`, as behind a damaged one.
pub(super) fn scattered(bytes: &[u8]) -> impl Iterator<Item = Commit> {
    (0..bytes.len()).filter_map(|at| next(&mut &bytes[at..]))
}

fn next(rest: &mut &[u8]) -> Option<Commit> {
    let crc = number::<4>(rest).map(u32::from_le_bytes)?;
    let checked = *rest;
    let length = number::<4>(rest).map(u32::from_le_bytes)? as usize;
    let (before, after) = (left(rest)?, left(rest)?);
    if after.number <= before.number {
        return None;
    }
    let mut body = take(rest, length)?;
    let checked = checked.get(..HEAD - 4 + length)?;
    if CRC.checksum(checked) != crc {
        return None;
    }
    let mut writes = Vec::new();
    while !body.is_empty() {
        writes.push(next_write(&mut body)?);
    }
    Some(Commit { before, after, writes })
}

fn next_write(rest: &mut &[u8]) -> Option<Write> {
    let [tree] = number::<1>(rest)?;
    let tree = TreeName::ALL.into_iter().find(|name| *name as u8 == tree)?;
    let length = number::<4>(rest).map(u32::from_le_bytes)?;
    let key = take(rest, length as usize)?.into();
    let value = match number::<4>(rest).map(u32::from_le_bytes)? {
        REMOVED => None,
        length => Some(take(rest, length as usize)?.into()),
    };
    Some(Write { tree, key, value })
}

fn left(rest: &mut &[u8]) -> Option<Left> {
    let number = number::<8>(rest).map(u64::from_le_bytes)?;
    let state = self::number::<4>(rest).map(u32::from_le_bytes)?;
    Some(Left { number, state })
}

fn number<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}
