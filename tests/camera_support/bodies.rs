//! What a camera sends, by hand.

use wimd::clock::Timestamp;

use super::{TOKEN, path};

/// The head of a raw request for a body of this length.
pub(crate) fn head(content_type: &str, length: usize) -> Vec<u8> {
    format!(
        "POST {} HTTP/1.1\r\nHost: wimd\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n",
        path(TOKEN)
    )
    .into_bytes()
}

/// A minimal event.
pub(crate) fn anpr_xml(plate: &str, uuid: &str, at: Timestamp) -> String {
    format!(
        "<EventNotificationAlert><dateTime>{at}</dateTime><eventType>ANPR</eventType><UUID>{uuid}</UUID>\
         <ANPR><licensePlate>{plate}</licensePlate><line>1</line></ANPR></EventNotificationAlert>"
    )
}
