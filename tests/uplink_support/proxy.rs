//! A TCP line that can be cut, silenced or narrow.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until};

/// Forwards every connection to the broker.
pub struct Proxy {
    pub url: String,
    cut: watch::Sender<u64>,
    silent: Arc<AtomicBool>,
    held: watch::Sender<bool>,
    carried: Arc<AtomicU64>,
}

impl Proxy {
    /// To the broker with this URL.
    pub async fn before(url: &str) -> Self {
        Self::to(url.strip_prefix("mqtt://").unwrap().parse().unwrap(), None).await
    }

    /// The same with room for so many bits a second on the way to the broker.
    pub async fn narrow(url: &str, bits: u64) -> Self {
        Self::to(url.strip_prefix("mqtt://").unwrap().parse().unwrap(), Some(bits)).await
    }

    pub async fn to(broker: SocketAddr, bits: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (cut, _) = watch::channel(0);
        let silent = Arc::new(AtomicBool::new(false));
        let (held, _) = watch::channel(false);
        let carried = Arc::new(AtomicU64::new(0));
        let proxy = Self {
            url: format!("mqtt://{addr}"),
            cut: cut.clone(),
            silent: silent.clone(),
            held: held.clone(),
            carried: carried.clone(),
        };
        let width = bits.map(|bits| Arc::new(Width { bits, free: Mutex::new(Instant::now()) }));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let mut cut = cut.subscribe();
                let back = Line { silent: silent.clone(), held: held.subscribe(), width: None };
                let forth = Line { width: width.clone(), ..back.clone() };
                let (carried, returned) = (carried.clone(), AtomicU64::new(0));
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(broker).await else {
                        return;
                    };
                    let (near_read, near_write) = near.into_split();
                    let (far_read, far_write) = far.into_split();
                    tokio::select! {
                        () = forth.copy(near_read, far_write, &carried) => {}
                        () = back.copy(far_read, near_write, &returned) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        proxy
    }

    /// Cuts every connection that exists.
    pub fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    /// Lets nothing pass, and loses nothing of it.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Bytes that went to the broker.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// Swallows everything while the connections stay up.
    pub fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }
}

/// The narrowest part of the way; all connections share it.
struct Width {
    bits: u64,
    /// When the last byte so far has passed.
    free: Mutex<Instant>,
}

impl Width {
    async fn pass(&self, bytes: usize) {
        let took = Duration::from_micros(bytes as u64 * 8 * 1_000_000 / self.bits);
        let mut free = self.free.lock().await;
        *free = (*free).max(Instant::now()) + took;
        sleep_until(*free).await;
    }
}

#[derive(Clone)]
struct Line {
    silent: Arc<AtomicBool>,
    held: watch::Receiver<bool>,
    width: Option<Arc<Width>>,
}

impl Line {
    async fn copy(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, carried: &AtomicU64) {
        // a packet of a mobile line where the line is narrow
        let mut buffer = vec![0; if self.width.is_some() { 1_400 } else { 4_096 }];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            if self.held.clone().wait_for(|held| !held).await.is_err() {
                return;
            }
            if let Some(width) = &self.width {
                width.pass(count).await;
            }
            let swallowed = self.silent.load(Ordering::Relaxed);
            if !swallowed && to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
            carried.fetch_add(count as u64, Ordering::Relaxed);
        }
        if self.silent.load(Ordering::Relaxed) {
            // Nor does the end of one side reach the other.
            std::future::pending::<()>().await;
        }
    }
}
