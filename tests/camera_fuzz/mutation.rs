//! Mutations of seeds: small ones, words that mean something to a reader, pieces of other seeds.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Bytes at which no further mutation follows; beyond it only time is lost.
const LONGEST: usize = 48 * 1024;

/// Words of the formats, ends of ranges, and what should stay away from logs.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"--",
    b"--b\r\n",
    b"--b--",
    b"--b--\r\n",
    b"\n\r",
    b"Content-Length: 0\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Content-Type: image/jpeg\r\n",
    b"Content-Type: multipart/mixed; boundary=c\r\n",
    b"Content-Disposition: form-data; name=\"",
    b"; filename=\"../../x\"",
    b"\xff\xd8",
    b"\xff\xd9",
    b"<",
    b">",
    b"/>",
    b"</",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>",
    b"&lt;",
    b"&b;",
    b"&#0;",
    b"&#x110000;",
    b"&#xd800;",
    b"<a>",
    b"</a>",
    b"encoding=\"utf-16\"",
    b"encoding=\"gbk\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\\"",
    b":",
    b",",
    b"null",
    b"true",
    b"\\u0000",
    b"\\ud800",
    b"\\u202e",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"\"Data\":\"",
    b"\"Content\":\"",
    b"\"jpeg\":\"",
    b"/9j/2Q==",
    b"====",
    b"0",
    b"-1",
    b"1e999",
    b"-0.0",
    b"99999999999999999999",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854",
    b"4294967296",
    b"65536",
    b"256",
    b"101",
    b"2034-02-30T25:61:61+99:99",
    b"-009999-01-01T00:00:00Z",
    b"9999-12-31T23:59:59.999999999-23:59",
    b"99991231235959999",
    b"00000000000000",
    b"noPlate",
    b"unknown",
    "无车牌".as_bytes(),
    "黄".as_bytes(),
    "赣".as_bytes(),
    "Ａ１".as_bytes(),
    "·".as_bytes(),
    "\u{202e}".as_bytes(),
    b"\x1b[31m",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x81",
    b" ",
    b"",
];

/// One change.
#[derive(Clone, Debug)]
enum Mutation {
    /// Some bits of a byte.
    Flip(Index, u8),
    /// Bytes put in.
    Insert(Index, Vec<u8>),
    /// Another value between the marks of XML or JSON, which stay whole.
    Value(Index, Vec<u8>),
    /// Bytes put over others.
    Over(Index, Vec<u8>),
    /// The end left out.
    Cut(Index),
    /// A piece left out.
    Remove(Index, usize),
    /// A piece again and again.
    Repeat(Index, usize, usize),
    /// The rest of another seed instead of the own.
    Splice(Index, Index, Index),
}

/// A seed and what is done to it.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    seed: Index,
    mutations: Vec<Mutation>,
    /// A length of chunks, for readers that take a body in pieces.
    pub(crate) chunk: usize,
}

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => select(WORDS).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 1..12)]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        30 => (at(), some_bytes()).prop_map(|(at, bytes)| Mutation::Value(at, bytes)),
        2 => (at(), 1_u8..).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        4 => (at(), some_bytes()).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        4 => (at(), some_bytes()).prop_map(|(at, bytes)| Mutation::Over(at, bytes)),
        1 => at().prop_map(Mutation::Cut),
        2 => (at(), 1_usize..60).prop_map(|(at, length)| Mutation::Remove(at, length)),
        1 => (at(), 1_usize..40, 1_usize..1_500)
            .prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
        1 => (at(), at(), at()).prop_map(|(at, seed, from)| Mutation::Splice(at, seed, from)),
    ]
}

/// Any recipe.
pub(crate) fn recipe() -> impl Strategy<Value = Recipe> {
    (any::<Index>(), vec(mutation(), 1..5), 1_usize..300)
        .prop_map(|(seed, mutations, chunk)| Recipe { seed, mutations, chunk })
}

/// The input that a recipe makes of the seeds.
pub(crate) fn apply(seeds: &[Vec<u8>], recipe: &Recipe) -> Vec<u8> {
    let mut body = recipe.seed.get(seeds).clone();
    for mutation in &recipe.mutations {
        if body.len() > LONGEST {
            break;
        }
        change(&mut body, mutation, seeds);
    }
    body
}

fn change(body: &mut Vec<u8>, mutation: &Mutation, seeds: &[Vec<u8>]) {
    let place = |at: &Index, body: &[u8]| at.index(body.len() + 1);
    match mutation {
        Mutation::Flip(at, bits) => {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] ^= bits;
            }
        }
        Mutation::Insert(at, bytes) => {
            let at = place(at, body);
            body.splice(at..at, bytes.iter().copied());
        }
        Mutation::Value(at, bytes) => {
            let at = place(at, body);
            let mark = |from: usize, marks: &[u8]| {
                body[from..].iter().position(|byte| marks.contains(byte)).map(|found| from + found)
            };
            if let Some(from) = mark(at, b">\":").map(|mark| mark + 1)
                && let Some(end) = mark(from, b"<\",}\r")
            {
                body.splice(from..end, bytes.iter().copied());
            }
        }
        Mutation::Over(at, bytes) => {
            let at = place(at, body);
            let end = (at + bytes.len()).min(body.len());
            body.splice(at..end, bytes.iter().copied());
        }
        Mutation::Cut(at) => body.truncate(place(at, body)),
        Mutation::Remove(at, length) => {
            let at = place(at, body);
            body.drain(at..(at + length).min(body.len()));
        }
        Mutation::Repeat(at, length, times) => {
            let at = place(at, body);
            let piece = body[at..(at + length).min(body.len())].repeat(*times);
            body.splice(at..at, piece);
        }
        Mutation::Splice(at, seed, from) => {
            let other = seed.get(seeds);
            body.truncate(place(at, body));
            body.extend_from_slice(&other[place(from, other)..]);
        }
    }
}
