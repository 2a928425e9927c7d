use proptest::prelude::*;

use super::*;

const STRICT: Rules = Rules { key: "jpeg", lenient: false, pictures: 16 };
const LENIENT: Rules = Rules { lenient: true, pictures: 2, ..STRICT };

fn run(body: &[u8], chunk: usize) -> Result<(String, Vec<Vec<u8>>), FilterError> {
    run_by(STRICT, body, chunk)
}

/// A broken picture gives `broken`.
fn run_by(rules: Rules, body: &[u8], chunk: usize) -> Result<(String, Vec<Vec<u8>>), FilterError> {
    let (mut filter, mut pictures) = (Filter::new(rules), Vec::new());
    for bytes in body.chunks(chunk.max(1)) {
        for piece in filter.push(bytes)? {
            match piece {
                Piece::Begin => pictures.push(Vec::new()),
                Piece::Data(data) => pictures.last_mut().unwrap().extend(data),
                Piece::Broken => *pictures.last_mut().unwrap() = b"broken".to_vec(),
                Piece::End => {}
            }
        }
    }
    Ok((String::from_utf8_lossy(&filter.finish()?).into_owned(), pictures))
}

#[test]
fn pictures_leave_their_numbers_behind() {
    let body = br#"{"a":"jpeg","jpeg" : "\/9j\/","x":[{"jpeg":"AAE=","b":"\"jpeg\":"}]}"#;
    assert_eq!(
        run(body, 1).unwrap(),
        (
            r#"{"a":"jpeg","jpeg" : "0","x":[{"jpeg":"1","b":"\"jpeg\":"}]}"#.to_owned(),
            vec![vec![0xff, 0xd8, 0xff], vec![0, 1]]
        )
    );
}

#[test]
fn a_letter_may_be_told_by_its_number() {
    let body = br#"{"jpeg":"AAE\u003d","b":1,"jpeg":"\u002f9\u006A\/\u000a"}"#;
    for chunk in 1..=7 {
        let (text, pictures) = run(body, chunk).unwrap();
        assert_eq!(text, r#"{"jpeg":"0","b":1,"jpeg":"1"}"#);
        assert_eq!(pictures, [vec![0, 1], vec![0xff, 0xd8, 0xff]]);
    }
    for broken in [r#"\u00"#, r#"\u00g0"#, r#"\u00e9"#, r#"\u4e2d"#, r#"\uffff"#] {
        let body = format!("{{\"jpeg\":\"{broken}\",\"b\":{{\"jpeg\":\"AAE=\"}}}}");
        let (text, pictures) = run_by(LENIENT, body.as_bytes(), 3).unwrap();
        assert_eq!(text, r#"{"jpeg":"0","b":{"jpeg":"1"}}"#, "{broken}");
        assert_eq!(pictures, [b"broken".to_vec(), vec![0, 1]], "{broken}");
        assert_eq!(run(body.as_bytes(), 3), Err(FilterError::BadBase64(0)), "{broken}");
    }
}

#[test]
fn a_list_or_a_value_called_jpeg_is_no_picture() {
    for body in [r#"["jpeg","AAAA"]"#, r#"{"jpeg":["AAAA"]}"#, r#"{"jpeg":null,"b":"c"}"#] {
        assert_eq!(run(body.as_bytes(), 2).unwrap(), (body.to_owned(), vec![]));
    }
}

#[test]
fn every_bound_is_kept() {
    assert_eq!(run(&b"[".repeat(33), 10), Err(FilterError::TooDeep));
    assert_eq!(run(&b" ".repeat(MAX_TEXT_BYTES + 1), 10_000), Err(FilterError::TextTooLong));
    assert_eq!(run(b"{\"jpeg\":\"!!!!\"}", 4), Err(FilterError::BadBase64(0)));
    assert_eq!(run(b"{\"jpeg\":\"AAAA", 4), Err(FilterError::Truncated(0)));
}

#[test]
fn a_lenient_filter_leaves_out_what_is_no_picture() {
    let told = |body: &str| run_by(LENIENT, body.as_bytes(), 3);
    let (text, pictures) = told(r#"{"jpeg":"not \"base64\"","b":{"jpeg":"AAE="}}"#).unwrap();
    assert_eq!(text, r#"{"jpeg":"0","b":{"jpeg":"1"}}"#);
    assert_eq!(pictures, [b"broken".to_vec(), vec![0, 1]]);
    assert_eq!(told(r#"{"jpeg":"!"#), Err(FilterError::Truncated(0)));
    let empty = told(r#"[{"jpeg":""},{"jpeg":"AAE="}]"#).unwrap();
    assert_eq!(empty.0, r#"[{"jpeg":""},{"jpeg":"1"}]"#, "an empty one is not here");
    let three = r#"[{"jpeg":""},{"jpeg":""},{"jpeg":""}]"#;
    assert_eq!(told(three), Err(FilterError::TooManyPictures(2)));
}

proptest! {
    #[test]
    fn chunking_does_not_change_the_result(body in "[{}\\[\\]:\",jpegA/+=\\\\ 0]{0,120}", chunk in 1_usize..9) {
        let whole = run(body.as_bytes(), body.len());
        prop_assert_eq!(run(body.as_bytes(), chunk), whole);
    }

    #[test]
    fn a_picture_survives(picture in prop::collection::vec(any::<u8>(), 0..20_000), chunk in 1_usize..9_000) {
        let body = format!("{{\"jpeg\":\"{}\"}}", STANDARD.encode(&picture));
        prop_assert_eq!(
            run(body.as_bytes(), chunk).unwrap(),
            ("{\"jpeg\":\"0\"}".to_owned(), vec![picture])
        );
    }
}
