//! The header lines of one part, read leniently: names in any case, parameters with or without
//! quotes, bytes that are not UTF-8 replaced.

/// Longest parameter value that is kept, in characters; our choice: names seen are below 40.
const MAX_VALUE: usize = 200;

/// What the header lines of a part say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartHead {
    /// Parameter `name` of Content-Disposition.
    pub name: Option<String>,
    /// Parameter `filename` of Content-Disposition.
    pub filename: Option<String>,
    /// Media type in lower case, without parameters.
    pub content_type: Option<String>,
    /// Parameter `charset` of Content-Type.
    pub charset: Option<String>,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Content-Length in bytes, as the sender claims.
    pub length: Option<u64>,
}

impl PartHead {
    /// Takes one header line without its line break; unknown lines have no effect.
    pub(super) fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once(':') else {
            return;
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                self.name = parameter(value, "name");
                self.filename = parameter(value, "filename");
            }
            "content-type" => {
                self.content_type = media_type(value);
                self.charset = parameter(value, "charset");
            }
            "content-id" => {
                self.content_id = Some(bounded(value.trim().trim_matches(['<', '>'])));
            }
            "content-length" => self.length = value.trim().parse().ok(),
            _ => {}
        }
    }
}

/// The media type of a Content-Type value, in lower case.
pub fn media_type(value: &str) -> Option<String> {
    let kind = value.split(';').next().unwrap_or_default().trim();
    (!kind.is_empty()).then(|| bounded(&kind.to_ascii_lowercase()))
}

/// The parameter called `wanted` (any case) of a header value, quoted or not.
pub fn parameter(value: &str, wanted: &str) -> Option<String> {
    segments(value).into_iter().skip(1).find_map(|segment| {
        let (name, text) = segment.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| bounded(&unquoted(text.trim())))
    })
}

/// Splits at semicolons outside of quotes.
fn segments(value: &str) -> Vec<&str> {
    let (mut found, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in value.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                found.push(&value[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&value[from..]);
    found
}

fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut plain = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => plain.extend(letters.next()),
            other => plain.push(other),
        }
    }
    plain
}

fn bounded(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_with_and_without_quotes() {
        let mut head = PartHead::default();
        head.line(b"CONTENT-DISPOSITION: form-data; name=anpr.xml; filename=\"a;b\\\".xml\"");
        head.line(b"Content-Type: Text/XML; charset=\"UTF-8\"");
        head.line(b"Content-Length: 12");
        assert_eq!(
            head,
            PartHead {
                name: Some("anpr.xml".into()),
                filename: Some("a;b\".xml".into()),
                content_type: Some("text/xml".into()),
                charset: Some("UTF-8".into()),
                content_id: None,
                length: Some(12),
            }
        );
    }

    #[test]
    fn a_length_that_is_no_number_is_no_length() {
        let mut head = PartHead::default();
        head.line(b"Content-Length: -5");
        head.line(b"no colon at all");
        assert_eq!(head, PartHead::default());
    }
}
