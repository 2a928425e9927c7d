//! Bytes to text: by byte order mark, by declared encoding, as UTF-8, at last as GBK.

use encoding_rs::{Encoding, GBK, UTF_8};

/// How far into the text an XML declaration may reach, in bytes; our choice.
const DECLARATION_BYTES: usize = 200;

/// Decodes a message; `charset` is what the part's Content-Type says. Bytes that fit no encoding
/// become replacement characters.
pub fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.trim_start_matches('\u{feff}').to_owned();
    }
    let told = charset
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .or_else(|| declared(bytes))
        .filter(|encoding| *encoding != UTF_8);
    // `decode` looks for a byte order mark first. A text that claims UTF-8 and is not is GBK in
    // the only case that has been heard of (cameras.md section 2.1).
    told.unwrap_or(GBK).decode(bytes).0.into_owned()
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let declaration = &head[..head.find("?>")?];
    let value = declaration.split_once("encoding")?.1.split_once('=')?.1;
    let mut pieces = value.split(['"', '\'']);
    Encoding::for_label(pieces.nth(1)?.trim().as_bytes())
}
