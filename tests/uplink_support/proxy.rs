//! A TCP line that can be cut or silenced.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards every connection to the broker.
pub struct Proxy {
    pub url: String,
    cut: watch::Sender<u64>,
    silent: Arc<AtomicBool>,
    pub bytes: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn to(broker: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (cut, _) = watch::channel(0);
        let silent = Arc::new(AtomicBool::new(false));
        let bytes = Arc::new(AtomicU64::new(0));
        let proxy = Self {
            url: format!("mqtt://{addr}"),
            cut: cut.clone(),
            silent: silent.clone(),
            bytes: bytes.clone(),
        };
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let mut cut = cut.subscribe();
                let line = Line {
                    silent: silent.clone(),
                    bytes: bytes.clone(),
                };
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(broker).await else {
                        return;
                    };
                    let (near_read, near_write) = near.into_split();
                    let (far_read, far_write) = far.into_split();
                    tokio::select! {
                        () = line.copy(near_read, far_write) => {}
                        () = line.copy(far_read, near_write) => {}
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

    /// Swallows everything while the connections stay up.
    pub fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }
}

struct Line {
    silent: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
}

impl Line {
    async fn copy(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 4_096];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            self.bytes.fetch_add(count as u64, Ordering::Relaxed);
            let swallowed = self.silent.load(Ordering::Relaxed);
            if !swallowed && to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
        if self.silent.load(Ordering::Relaxed) {
            // Nor does the end of one side reach the other.
            std::future::pending::<()>().await;
        }
    }
}
