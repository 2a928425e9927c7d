//! What a sender is told, in the form that its dialect expects: the wrong form makes some cameras
//! send the same event for ever.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::handover::{Settled, Taken};
use super::limits::GUESS_PAUSE;
use super::refused::Refused;
use crate::clock::Timestamp;
use crate::config::camera::{CameraConfig, Dialect};

/// The body type of GA/T 1400.
pub(super) const VIID_JSON: &str = "application/VIID+JSON;charset=UTF-8";
/// Status codes of GA/T 1400 responses: everything in order.
const IN_ORDER: u8 = 0;

/// An event was taken, or needs not to be.
pub(super) fn acknowledged(
    camera: Option<&CameraConfig>,
    path: &str,
    taken: &Taken,
    now: Timestamp,
) -> Response {
    let Some(camera) = camera else {
        return (StatusCode::OK, "OK").into_response();
    };
    match camera.dialect {
        // Hikvision takes any short body (cameras.md section 2.9)
        Dialect::Isapi => (StatusCode::OK, "OK").into_response(),
        Dialect::Neutral => {
            let word = match taken.settled {
                Settled::Stored => "stored",
                Settled::Duplicate => "duplicate",
                Settled::NoPlate => "seen",
            };
            json_body("application/json", &json!({ "result": word }))
        }
        // KeepAlive wants an empty object, everything else the word that stops the repetition
        Dialect::Dahua if path.ends_with("/KeepAlive") => json_body("application/json", &json!({})),
        Dialect::Dahua => {
            json_body("application/json", &json!({ "Result": true, "Message": "OK" }))
        }
        Dialect::Gat1400 => {
            let ids = taken.objects.iter().map(String::as_str);
            let ids: Vec<&str> = if taken.objects.is_empty() { vec![""] } else { ids.collect() };
            let objects: Vec<Value> = ids.into_iter().map(|id| status(id, path, now)).collect();
            let list = json!({ "ResponseStatusObject": objects });
            json_body(VIID_JSON, &json!({ camera.status_list.unwrap_or_default().name(): list }))
        }
    }
}

/// An event was not taken.
pub(super) fn refused(dialect: Option<Dialect>, refused: &Refused) -> Response {
    let code = refused.status();
    if dialect == Some(Dialect::Dahua) {
        let body = json!({ "Result": false, "Message": refused.chain() });
        return (code, json_body("application/json", &body)).into_response();
    }
    (code, format!("{}\n", refused.chain())).into_response()
}

/// Nobody that is known was refused. One guess too many waits for its answer and then has to
/// connect again.
pub(super) async fn stranger(cause: &Refused) -> Response {
    let mut response = refused(None, cause);
    if matches!(cause, Refused::TooManyGuesses) {
        tokio::time::sleep(GUESS_PAUSE).await;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A system call of GA/T 1400 was done.
pub(super) fn system(own: &str, path: &str, now: Timestamp) -> Response {
    let body = if path.ends_with("/Time") {
        json!({ "SystemTimeObject": {
            "VIIDServerID": own,
            "TimeMode": "1",
            "LocalTime": compact(now),
            "TimeZone": "Asia/Shanghai",
        }})
    } else {
        json!({ "ResponseStatusObject": status("", path, now) })
    };
    json_body(VIID_JSON, &body)
}

/// The sender must register first.
pub(super) fn unauthorised(challenge: &str) -> Response {
    let headers = [(header::WWW_AUTHENTICATE, challenge)];
    (StatusCode::UNAUTHORIZED, headers, "register first\n").into_response()
}

fn status(id: &str, path: &str, now: Timestamp) -> Value {
    json!({
        "Id": id,
        "LocalTime": compact(now),
        "RequestURL": path.find("/VIID/").map_or(path, |at| &path[at..]),
        "StatusCode": IN_ORDER,
        "StatusString": "OK",
    })
}

/// `yyyyMMddHHmmss` in China time.
pub(super) fn compact(at: Timestamp) -> String {
    let text = at.to_string();
    text.chars().take(19).filter(char::is_ascii_digit).collect()
}

fn json_body(kind: &'static str, body: &Value) -> Response {
    ([(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}
