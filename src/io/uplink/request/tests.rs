//! Requests from the platform, and everything else that comes on its topic.

use proptest::prelude::*;

use super::*;

fn reason(text: &str) -> Option<Reason> {
    let parsed = Request::parse(text.as_bytes());
    let bounded = parsed.and_then(|request| request.within_bounds());
    bounded.err().map(|error| error.reason())
}

#[test]
fn what_is_asked_is_what_is_understood() {
    let id = || "r-1".to_owned();
    for request in [
        Request::Resend { id: id(), from: 7, to: 1_006 },
        Request::Evidence { id: id(), seq: u64::MAX },
        Request::Health { id: id() },
    ] {
        let text = serde_json::to_vec(&request).unwrap();
        assert_eq!(Request::parse(&text).unwrap(), request);
    }
    let text = br#"{"request":"resend","id":"r","from":1,"to":2}"#;
    let known = Request::Resend { id: "r".into(), from: 1, to: 2 };
    assert_eq!(Request::parse(text).unwrap(), known);
}

#[test]
fn what_is_no_request_is_refused_by_its_reason() {
    for text in [
        "",
        "null",
        r#"["health","r"]"#,
        r#"{"request":"reboot","id":"r"}"#,
        r#"{"request":"health"}"#,
        r#"{"request":"health","id":""}"#,
        "{\"request\":\"health\",\"id\":\"a\\u0000\"}",
        r#"{"request":"health","id":"r","and":1}"#,
        r#"{"request":"evidence","id":"r","seq":-1}"#,
    ] {
        assert_eq!(reason(text), Some(Reason::Malformed), "{text}");
    }
    let resend = |from: u64, to: u64| {
        reason(&format!(r#"{{"request":"resend","id":"r","from":{from},"to":{to}}}"#))
    };
    assert_eq!(resend(2, 1), Some(Reason::Range));
    assert_eq!(resend(1, 1_001), Some(Reason::Range));
    assert_eq!(resend(0, u64::MAX), Some(Reason::Range));
    assert_eq!(resend(1, 1_000), None);
    assert_eq!(reason(&" ".repeat(MAX_REQUEST + 1)), Some(Reason::TooLarge));
    let deep = "[".repeat(MAX_REQUEST);
    assert_eq!(reason(&deep), Some(Reason::Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_a_request_within_its_bounds_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _either = Request::parse(&bytes);
    }

    #[test]
    fn any_fields_are_a_request_within_its_bounds_or_refused(
        request in prop::sample::select(vec!["resend", "evidence", "health", "x"]),
        id in ".{0,80}",
        from in any::<u64>(),
        more in 0_u64..2_000,
    ) {
        let (to, seq) = (from.saturating_add(more), from);
        let fields = match request {
            "resend" => serde_json::json!({ "request": request, "id": id, "from": from, "to": to }),
            "evidence" => serde_json::json!({ "request": request, "id": id, "seq": seq }),
            _ => serde_json::json!({ "request": request, "id": id }),
        };
        let request = Request::parse(fields.to_string().as_bytes());
        match request.and_then(|request| request.within_bounds().map(|()| request)) {
            Ok(Request::Resend { from, to, .. }) => prop_assert!(to - from < MAX_RESEND),
            Ok(other) => prop_assert!(other.id().len() <= MAX_ID),
            Err(_) => {}
        }
    }
}
