use proptest::prelude::*;

use super::*;

/// A part as a test sees it: name, content, how it ended.
type Seen = (Option<String>, Vec<u8>, PartEnd);

fn read_in(body: &[u8], boundary: Option<&str>, chunk: usize) -> Result<Vec<Seen>, MultipartError> {
    read_by(Reader::new(boundary, Bounds::default())?, body, chunk)
}

fn read_by(mut reader: Reader, body: &[u8], chunk: usize) -> Result<Vec<Seen>, MultipartError> {
    let mut seen = Vec::new();
    let mut chunks = body.chunks(chunk.max(1));
    loop {
        while let Some(event) = reader.pull()? {
            match event {
                Event::Part(head) => seen.push((head.name, Vec::new(), PartEnd::Truncated)),
                Event::Data(data) => seen.last_mut().unwrap().1.extend_from_slice(data),
                Event::PartEnd(end) => seen.last_mut().unwrap().2 = end,
                Event::End => return Ok(seen),
            }
        }
        match chunks.next() {
            Some(bytes) => reader.push(bytes),
            None => reader.end(),
        }
    }
}

/// Reads it whole and byte by byte; both must agree.
fn read(body: &[u8]) -> Vec<Seen> {
    let whole = read_in(body, Some("b"), body.len()).unwrap();
    assert_eq!(read_in(body, Some("b"), 1).unwrap(), whole);
    whole
}

fn delimited(parts: &[(&str, &[u8])]) -> Vec<Seen> {
    parts
        .iter()
        .map(|(name, content)| (Some((*name).to_owned()), content.to_vec(), PartEnd::Delimited))
        .collect()
}

const XML_AND_PICTURE: [(&str, &[u8]); 2] =
    [("anpr.xml", b"<a/>"), ("scene.jpg", b"\xff\xd8\xff\xd9")];

#[test]
fn the_standard_body_is_read() {
    let body = b"--b\r\nContent-Disposition: form-data; name=\"anpr.xml\"\r\nContent-Length: 4\r\n\r\n<a/>\r\n\
        --b\r\nContent-Disposition: form-data; name=\"scene.jpg\"\r\n\r\n\xff\xd8\xff\xd9\r\n--b--\r\n";
    assert_eq!(read(body), delimited(&XML_AND_PICTURE));
}

#[test]
fn line_feeds_alone_are_line_breaks() {
    let body = b"--b\nContent-Disposition: form-data; name=anpr.xml\n\n<a/>\n\
        --b\nContent-Disposition: form-data; name=scene.jpg\n\n\xff\xd8\xff\xd9\n--b--\n";
    assert_eq!(read(body), delimited(&XML_AND_PICTURE));
}

#[test]
fn line_feed_before_carriage_return_is_a_line_break() {
    let body = b"--b\n\rContent-Disposition: form-data; name=anpr.xml\n\r\n\r<a/>\n\r\
        --b\n\rContent-Disposition: form-data; name=scene.jpg\n\r\n\r\xff\xd8\xff\xd9\n\r--b--";
    assert_eq!(read(body), delimited(&XML_AND_PICTURE));
}

#[test]
fn a_delimiter_without_line_break_before_it_ends_the_part() {
    let body = b"--b\r\nContent-Disposition: form-data; name=anpr.xml\r\n\r\n<a/>\
        --b\r\nContent-Disposition: form-data; name=scene.jpg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9--b--";
    assert_eq!(read(body), delimited(&XML_AND_PICTURE));
}

#[test]
fn doubled_delimiters_and_early_empty_lines_are_skipped() {
    let body = b"\r\n--b\r\n--b\r\n\r\nContent-Disposition: form-data; name=anpr.xml\r\n\r\n<a/>\r\n\
        --b\r\n\r\n--b\r\nContent-Disposition: form-data; name=scene.jpg\r\n\r\n\xff\xd8\xff\xd9\r\n--b--";
    let mut expected = delimited(&XML_AND_PICTURE);
    expected.insert(1, (None, Vec::new(), PartEnd::Delimited));
    assert_eq!(read(body), expected);
}

#[test]
fn the_end_of_the_body_stands_in_for_a_missing_closing_delimiter() {
    let body = b"--b\r\nContent-Disposition: form-data; name=anpr.xml\r\n\r\n<a/>\r\n\
        --b\r\nContent-Disposition: form-data; name=scene.jpg\r\n\r\n\xff\xd8\xff\xd9\r\n";
    let mut expected = delimited(&XML_AND_PICTURE);
    expected[1].2 = PartEnd::EndOfBody;
    assert_eq!(read(body), expected);
}

#[test]
fn a_body_that_ends_before_the_stated_length_is_told_as_truncated() {
    let body = b"--b\r\nContent-Length: 9\r\n\r\n\xff\xd8\xff\xd9\r\n";
    assert_eq!(read(body), [(None, b"\xff\xd8\xff\xd9\r\n".to_vec(), PartEnd::Truncated)]);
}

#[test]
fn a_body_that_ends_inside_the_head_of_a_part_is_told_as_truncated() {
    for head in ["Content-Type: image/jpeg\r\n", "Content-Ty", "Content-Length: 4\r\nA: b\r\n"] {
        let body = format!("--b\r\nContent-Length: 4\r\n\r\n<a/>\r\n--b\r\n{head}");
        let cut =
            [(None, b"<a/>".to_vec(), PartEnd::Delimited), (None, Vec::new(), PartEnd::Truncated)];
        assert_eq!(read(body.as_bytes()), cut, "{head}");
    }
    for end in ["", "\r\n"] {
        let body = format!("--b\r\nContent-Length: 4\r\n\r\n<a/>\r\n--b{end}");
        assert_eq!(read(body.as_bytes()), [(None, b"<a/>".to_vec(), PartEnd::Delimited)], "{end}");
    }
}

#[test]
fn zero_length_parts_are_read_with_and_without_line_break() {
    for gap in ["\r\n", ""] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Length: 0\r\n\r\n{gap}--b--"
        );
        assert_eq!(read(body.as_bytes()), delimited(&[("a", b"")]));
    }
}

#[test]
fn a_picture_that_contains_the_delimiter_is_read_by_its_length() {
    for inner in ["--b\r\nContent-Type: x\r\n\r\n", "--b--\r\n", "--b ", "\n--b\n"] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Length: {}\r\n\r\n1{inner}2\r\n--b--",
            inner.len() + 2
        );
        assert_eq!(read(body.as_bytes()), delimited(&[("a", format!("1{inner}2").as_bytes())]));
    }
}

#[test]
fn a_wrong_length_is_overruled_by_the_delimiter() {
    for length in ["0", "3", "40", "1000", "99999999", "18446744073709551615"] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Length: {length}\r\n\r\n<a/>\r\n\
             --b\r\nContent-Disposition: form-data; name=c\r\n\r\n<c/>\r\n--b--"
        );
        assert_eq!(read(body.as_bytes()), delimited(&[("a", b"<a/>"), ("c", b"<c/>")]), "{length}");
    }
}

#[test]
fn without_a_boundary_parameter_the_first_line_is_the_delimiter() {
    let body = b"\r\n--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n<a/>\r\n--xyz--";
    let read = read_in(body, None, 3).unwrap();
    assert_eq!(read, delimited(&[("a", b"<a/>")]));
}

#[test]
fn every_bound_is_kept() {
    let many = "--b\r\nA: b\r\n\r\nx\r\n".repeat(17);
    let head = format!("--b\r\n{}", "A: b\r\n".repeat(3_000));
    let line = format!("--b\r\n{}", "A".repeat(17_000));
    let preamble = "x".repeat(5_000);
    let refusals = [many, head, line, preamble, String::new()]
        .map(|body| read_in(body.as_bytes(), Some("b"), 1_000).unwrap_err());
    assert_eq!(
        refusals,
        [
            MultipartError::TooManyParts(16),
            MultipartError::HeadTooLong(16 * 1024),
            MultipartError::HeadTooLong(16 * 1024),
            MultipartError::NoDelimiter,
            MultipartError::NoDelimiter,
        ]
    );
    assert_eq!(Reader::new(Some(""), Bounds::default()).unwrap_err(), MultipartError::BadBoundary);
}

#[test]
fn what_was_put_up_with_is_counted() {
    let body = b"junk\r\n--b\r\n--b\r\nContent-Length: 1\r\n\r\n<a/>--b--\r\nmore";
    let mut reader = Reader::new(Some("b"), Bounds::default()).unwrap();
    reader.push(body);
    reader.end();
    while reader.pull().unwrap().is_some() {}
    assert_eq!(
        reader.quirks(),
        Quirks {
            wrong_lengths: 1,
            doubled_delimiters: 1,
            missing_breaks: 1,
            unclosed: 0,
            preamble_bytes: 4,
            epilogue_bytes: 4,
        }
    );
}

/// Bytes that are likely to mean something to the reader.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        Just(b"--b".to_vec()),
        Just(b"--b--".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"Content-Length: 3\r\n".to_vec()),
        Just(b"Content-Length: 30\r\n\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"a\"\r\n".to_vec()),
        Just(b"cont".to_vec()),
        Just(b"-".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(fragment, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunking_does_not_change_the_result(
        body in fragments(),
        chunk in 1_usize..50,
        known in any::<bool>(),
    ) {
        let boundary = known.then_some("b");
        let whole = read_in(&body, boundary, body.len());
        prop_assert_eq!(read_in(&body, boundary, chunk), whole);
    }

    #[test]
    fn any_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..2_000), chunk in 1_usize..100) {
        let _ = read_in(&body, Some("b"), chunk);
        let _ = read_in(&body, None, chunk);
    }

    #[test]
    fn any_parts_with_right_lengths_are_read_back(
        contents in prop::collection::vec(fragments(), 1..5),
    ) {
        let mut body = Vec::new();
        for content in &contents {
            body.extend_from_slice(format!("--b\r\nContent-Length: {}\r\n\r\n", content.len()).as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        let expected: Vec<Seen> = contents
            .into_iter()
            .map(|content| (None, content, PartEnd::Delimited))
            .collect();
        prop_assert_eq!(read_in(&body, Some("b"), 7).unwrap(), expected);
    }
}

/// Each event of a stream may be a body of its own.
#[test]
fn an_endless_stream_goes_on_behind_a_closing_delimiter() {
    let event = b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n<a/>\r\n--b--\r\n";
    let body = [&event[..], b"\r\n", event, event].concat();
    for chunk in [1, 7, body.len()] {
        let reader = Reader::new(Some("b"), Bounds::default()).unwrap().endless();
        let seen = read_by(reader, &body, chunk).unwrap();
        assert_eq!(seen, delimited(&[("a", b"<a/>"), ("a", b"<a/>"), ("a", b"<a/>")]));
    }
    assert_eq!(read(&body), delimited(&[("a", b"<a/>")]), "a body ends there");
}
