//! `wimd ports`: the serial ports of this machine, whether we may use them and who does.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::Args;
use rustix::fs::Access;
use serde::Serialize;
use tokio_serial::SerialPortType;

use super::holder;
use super::table::table;
use super::{Exit, Outcome};

/// Names that udev gives to adapters by maker and serial number; they survive replugging.
const BY_ID: &str = "/dev/serial/by-id";

/// Names by the socket that an adapter is plugged into.
const BY_PATH: &str = "/dev/serial/by-path";

/// Arguments of `wimd ports`.
#[derive(Debug, Args)]
pub struct PortsArgs {
    /// Print one JSON array.
    #[arg(long)]
    pub json: bool,
    /// Print bare paths, one a line, for scripts.
    #[arg(long, conflicts_with = "json")]
    pub names: bool,
}

/// One serial port.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Port {
    /// Device node.
    path: String,
    /// Names that survive replugging, the best first.
    stable_names: Vec<String>,
    /// What it is: `usb 1a86:7523 USB Serial`, `on board`, …
    kind: String,
    /// Whether this user may open it.
    permitted: bool,
    /// Processes that have it open, as far as this user may see.
    held_by: Vec<String>,
}

/// Lists the ports.
///
/// # Errors
/// When the system cannot list them or the output cannot be written.
pub fn run(args: &PortsArgs, out: &mut dyn Write) -> Outcome {
    let found = tokio_serial::available_ports()?;
    let mut ports: Vec<Port> =
        found.into_iter().map(|info| describe(info.port_name, &info.port_type)).collect();
    ports.sort_by(|a, b| a.path.cmp(&b.path));
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&ports)?)?;
    } else if args.names {
        for port in &ports {
            let stable = port.stable_names.first();
            writeln!(out, "{}", stable.unwrap_or(&port.path))?;
        }
    } else {
        print(&ports, out)?;
    }
    Ok(Exit::Good)
}

fn print(ports: &[Port], out: &mut dyn Write) -> std::io::Result<()> {
    if ports.is_empty() {
        return writeln!(
            out,
            "No serial port. Is the adapter plugged in? `dmesg | tail` tells what the kernel saw."
        );
    }
    let mut table = table(["PORT", "USE THIS NAME", "KIND", "MAY OPEN", "HELD BY"]);
    for port in ports {
        let stable = port.stable_names.first().unwrap_or(&port.path);
        let permitted = if port.permitted { "yes" } else { "NO" };
        let holders = match port.held_by.join(", ") {
            empty if empty.is_empty() => "-".to_owned(),
            holders => holders,
        };
        table.add_row([&port.path, stable, &port.kind, permitted, &holders]);
    }
    writeln!(out, "{table}")?;
    if ports.iter().any(|port| !port.permitted) {
        writeln!(
            out,
            "\nA port that may not be opened usually needs the group dialout: \
             sudo usermod -aG dialout $USER, then log in again."
        )?;
    }
    Ok(())
}

fn describe(path: String, kind: &SerialPortType) -> Port {
    let kind = match kind {
        SerialPortType::UsbPort(usb) => {
            let product = usb.product.as_deref().unwrap_or("");
            format!("usb {:04x}:{:04x} {product}", usb.vid, usb.pid)
        }
        SerialPortType::PciPort => "pci".to_owned(),
        SerialPortType::BluetoothPort => "bluetooth".to_owned(),
        SerialPortType::Unknown => "on board".to_owned(),
    };
    let device = Path::new(&path);
    Port {
        stable_names: [BY_ID, BY_PATH]
            .iter()
            .flat_map(|folder| links_to(Path::new(folder), device))
            .collect(),
        kind: kind.trim_end().to_owned(),
        permitted: rustix::fs::access(device, Access::READ_OK | Access::WRITE_OK).is_ok(),
        held_by: holder::of(device),
        path,
    }
}

/// Symbolic links in `folder` that lead to `device`, by name.
fn links_to(folder: &Path, device: &Path) -> Vec<String> {
    let Ok(device) = fs::canonicalize(device) else {
        return Vec::new();
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut links: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|link| fs::canonicalize(link).is_ok_and(|target| target == device))
        .map(|link| link.display().to_string())
        .collect();
    links.sort();
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_of_other_devices_are_not_ours() {
        let dir = tempfile::TempDir::new().expect("a folder");
        for name in ["ttyA", "ttyB"] {
            fs::write(dir.path().join(name), "").expect("writable");
        }
        let links = dir.path().join("by-id");
        fs::create_dir(&links).expect("writable");
        symlink("../ttyA", links.join("usb-a")).expect("writable");
        symlink("../ttyB", links.join("usb-b")).expect("writable");
        let found = links_to(&links, &dir.path().join("ttyA"));
        assert_eq!(found, [links.join("usb-a").display().to_string()]);
    }
}
