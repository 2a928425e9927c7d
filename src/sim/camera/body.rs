//! The body of a simulated request, with the deviations that the field reports
//! (cameras.md sections 2.1 and 9), each by its name.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

use super::SimPlateEvent;
use super::dialect::SimDialect;
use super::message::{Variant, isapi_json, isapi_xml};

/// A deviation from the standard body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quirk {
    /// No line break between a picture and the next delimiter.
    NoCrlfBoundary,
    /// Line feeds alone.
    LfOnly,
    /// Line feed before carriage return.
    LfCr,
    /// Each delimiter twice.
    DoubledBoundary,
    /// No closing delimiter.
    MissingClosing,
    /// Parts without Content-Length.
    NoContentLength,
    /// Content-Length too small by ten.
    ShortContentLength,
    /// Content-Length too large by ten.
    LongContentLength,
    /// Line break before the first delimiter.
    LeadingCrlf,
    /// Parameters without quotes.
    UnquotedParameters,
    /// `multipart/mixed`.
    Mixed,
    /// A part of no bytes before the pictures.
    ZeroLengthPart,
    /// XML part named by its event type, without file name.
    NoFilename,
    /// XML without declaration.
    NoDeclaration,
    /// XML in GBK that says so.
    Gbk,
    /// Picture parts named by their ids.
    PictureIds,
    /// No boundary parameter.
    NoBoundaryParameter,
}

impl Quirk {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 17] = [
        ("no-crlf-boundary", Self::NoCrlfBoundary),
        ("lf-only", Self::LfOnly),
        ("lf-cr", Self::LfCr),
        ("doubled-boundary", Self::DoubledBoundary),
        ("missing-closing", Self::MissingClosing),
        ("no-content-length", Self::NoContentLength),
        ("short-content-length", Self::ShortContentLength),
        ("long-content-length", Self::LongContentLength),
        ("leading-crlf", Self::LeadingCrlf),
        ("unquoted-parameters", Self::UnquotedParameters),
        ("mixed", Self::Mixed),
        ("zero-length-part", Self::ZeroLengthPart),
        ("no-filename", Self::NoFilename),
        ("no-declaration", Self::NoDeclaration),
        ("gbk", Self::Gbk),
        ("picture-ids", Self::PictureIds),
        ("no-boundary-parameter", Self::NoBoundaryParameter),
    ];

    /// Whether a camera of this dialect can have it. A stream is always mixed and never closed.
    pub fn fits(self, dialect: SimDialect) -> bool {
        let of_bodies = matches!(self, Self::Mixed | Self::MissingClosing);
        dialect.is_multipart() && !(of_bodies && dialect == SimDialect::IsapiPull)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, quirk)| quirk == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for Quirk {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, quirk)| *quirk).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            format!("no quirk is called {text:?}; there are {names}")
        })
    }
}

/// A body with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimBody {
    /// Value of the header Content-Type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// The boundary as a network camera writes it.
const BOUNDARY: &str = "---------------------------7e13971310878";

/// The whole body of an event: message first, then the pictures.
pub fn isapi_body(event: &SimPlateEvent, variant: Variant, quirks: &[Quirk]) -> SimBody {
    let mut writer = Writer { quirks, bytes: Vec::new(), mixed: false };
    let message = writer.message(event, variant);
    if variant == Variant::Old && event.pictures.is_empty() {
        return SimBody {
            content_type: "application/xml; charset=\"UTF-8\"".to_owned(),
            bytes: message.into(),
        };
    }
    if writer.has(Quirk::LeadingCrlf) {
        writer.line("");
    }
    let (file, kind) = match variant {
        Variant::Json => ("anpr.json", "application/json"),
        _ => ("anpr.xml", "text/xml; charset=\"UTF-8\""),
    };
    let file = (!writer.has(Quirk::NoFilename)).then_some(file);
    writer.part(file.unwrap_or("ANPR"), file, kind, &message);
    if writer.has(Quirk::ZeroLengthPart) {
        writer.part("featurePicture.jpg", Some("featurePicture.jpg"), "image/jpeg", b"");
    }
    for (number, picture) in event.pictures.iter().enumerate() {
        let id = format!("p{number}");
        if writer.has(Quirk::PictureIds) {
            writer.part(&id, None, "image/pjpeg", &picture.jpeg);
        } else {
            writer.part(&picture.name, Some(&picture.name), "image/jpeg", &picture.jpeg);
        }
    }
    if !writer.has(Quirk::MissingClosing) {
        writer.line(&format!("--{BOUNDARY}--"));
    }
    SimBody { content_type: writer.content_type(), bytes: writer.bytes.into() }
}

/// Content-Type of a stream of events.
pub(super) fn stream_type(quirks: &[Quirk]) -> String {
    Writer { quirks, bytes: Vec::new(), mixed: true }.content_type()
}

/// The parts of an event in a stream, which is never closed.
pub(super) fn stream_parts(event: &SimPlateEvent, quirks: &[Quirk]) -> Bytes {
    let quirks = [quirks, &[Quirk::MissingClosing]].concat();
    isapi_body(event, Variant::Traffic, &quirks).bytes
}

/// A part of a stream that is a text alone.
pub(super) fn text_part(xml: &str, quirks: &[Quirk]) -> Bytes {
    let mut writer = Writer { quirks, bytes: Vec::new(), mixed: true };
    writer.part("alert", None, "application/xml; charset=\"UTF-8\"", xml.as_bytes());
    writer.bytes.into()
}

struct Writer<'a> {
    quirks: &'a [Quirk],
    bytes: Vec<u8>,
    mixed: bool,
}

impl Writer<'_> {
    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn content_type(&self) -> String {
        let kind = if self.mixed || self.has(Quirk::Mixed) { "mixed" } else { "form-data" };
        if self.has(Quirk::NoBoundaryParameter) {
            format!("multipart/{kind}")
        } else {
            format!("multipart/{kind}; boundary={BOUNDARY}")
        }
    }

    fn message(&self, event: &SimPlateEvent, variant: Variant) -> Vec<u8> {
        if variant == Variant::Json {
            return isapi_json(event).into_bytes();
        }
        let mut xml = isapi_xml(event, variant);
        if self.has(Quirk::NoDeclaration) {
            xml = xml.split_once("?>\r\n").map_or(xml.clone(), |(_, rest)| rest.to_owned());
        }
        if self.has(Quirk::Gbk) {
            let declared = xml.replace("encoding=\"UTF-8\"", "encoding=\"GB2312\"");
            return encoding_rs::GBK.encode(&declared).0.into_owned();
        }
        xml.into_bytes()
    }

    fn line(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.line_break();
    }

    fn line_break(&mut self) {
        let text: &[u8] = if self.has(Quirk::LfOnly) {
            b"\n"
        } else if self.has(Quirk::LfCr) {
            b"\n\r"
        } else {
            b"\r\n"
        };
        self.bytes.extend_from_slice(text);
    }

    fn part(&mut self, name: &str, file: Option<&str>, kind: &str, content: &[u8]) {
        self.line(&format!("--{BOUNDARY}"));
        if self.has(Quirk::DoubledBoundary) {
            self.line(&format!("--{BOUNDARY}"));
        }
        let quote = if self.has(Quirk::UnquotedParameters) { "" } else { "\"" };
        let file = file.map(|file| format!("; filename={quote}{file}{quote}")).unwrap_or_default();
        self.line(&format!("Content-Disposition: form-data; name={quote}{name}{quote}{file}"));
        self.line(&format!("Content-Type: {kind}"));
        if !self.has(Quirk::NoContentLength) {
            let length = content.len();
            let told = if self.has(Quirk::ShortContentLength) {
                length.saturating_sub(10)
            } else if self.has(Quirk::LongContentLength) {
                length + 10
            } else {
                length
            };
            self.line(&format!("Content-Length: {told}"));
        }
        self.line("");
        self.bytes.extend_from_slice(content);
        if !self.has(Quirk::NoCrlfBoundary) {
            self.line_break();
        }
    }
}
