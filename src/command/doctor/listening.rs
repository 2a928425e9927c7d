//! Where a daemon that is down would listen: whether it could.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use crate::command::finding::Part;

/// Takes the address for a moment.
pub(super) fn examine(mut part: Part, address: SocketAddr) -> Part {
    match TcpListener::bind(address) {
        Ok(_) => part.ok("listening", format!("{address} is free")),
        Err(error) => {
            let advice = advice(error.kind(), address.port());
            part.fail("listening", format!("{address}: {error}"), &advice);
        }
    }
    part
}

fn advice(kind: ErrorKind, port: u16) -> String {
    match kind {
        ErrorKind::AddrInUse => format!(
            "stop the program that has it: sudo ss -ltnp 'sport = :{port}'; wimd itself shows there \
             when its control socket cannot be reached"
        ),
        ErrorKind::AddrNotAvailable => {
            "no network card of this box has that address: ip -brief address; 0.0.0.0 is all of them"
                .to_owned()
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 are not for the user of the daemon: take a higher one".to_owned()
        }
        _ => "look at the network of this box: ip -brief address".to_owned(),
    }
}
