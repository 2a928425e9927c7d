//! A real broker whose first acknowledgements are turned into refusals on their way.
//!
//! mosquitto refuses for a quota only by a plugin, so its PUBACK is changed: what the site sees is
//! byte for byte what such a broker sends, and the broker itself stays a real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// First byte of a PUBACK (MQTT 5, 3.4.1).
const PUBACK: u8 = 0x40;

/// Forwards every connection to a broker.
pub struct Grudging {
    pub url: String,
    left: Arc<AtomicUsize>,
}

impl Grudging {
    /// Gives the next `times` acknowledgements this reason.
    pub async fn before(url: &str, reason: u8, times: usize) -> Self {
        let broker = url.strip_prefix("mqtt://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("mqtt://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicUsize::new(times));
        let refusals = left.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&broker).await.unwrap();
                let (mut near_read, near_write) = near.into_split();
                let (far_read, mut far_write) = far.into_split();
                let refusals = refusals.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = tokio::io::copy(&mut near_read, &mut far_write) => {}
                        _ = refuse(far_read, near_write, reason, &refusals) => {}
                    }
                });
            }
        });
        Self { url, left }
    }

    /// Refusals that have not been needed yet.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

/// Passes packets on, one by one.
async fn refuse(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    reason: u8,
    left: &AtomicUsize,
) -> std::io::Result<()> {
    loop {
        let kind = from.read_u8().await?;
        let mut head = vec![kind];
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = from.read_u8().await?;
            head.push(byte);
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body).await?;
        let take = |n: usize| n.checked_sub(1);
        let (relaxed, refused) = (Ordering::Relaxed, kind == PUBACK);
        if refused && left.fetch_update(relaxed, relaxed, take).is_ok() {
            body.truncate(2);
            body.push(reason);
            head = vec![PUBACK, 3];
        }
        to.write_all(&[head, body].concat()).await?;
    }
}
