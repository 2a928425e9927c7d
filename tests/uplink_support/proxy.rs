//! A TCP line that can be cut or silenced.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards every connection to the broker.
pub struct Proxy {
    pub url: String,
    cut: watch::Sender<u64>,
    silent: Arc<AtomicBool>,
    held: watch::Sender<bool>,
}

impl Proxy {
    /// To the broker with this URL.
    pub async fn before(url: &str) -> Self {
        Self::to(url.strip_prefix("mqtt://").unwrap().parse().unwrap()).await
    }

    pub async fn to(broker: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (cut, _) = watch::channel(0);
        let silent = Arc::new(AtomicBool::new(false));
        let (held, _) = watch::channel(false);
        let proxy = Self {
            url: format!("mqtt://{addr}"),
            cut: cut.clone(),
            silent: silent.clone(),
            held: held.clone(),
        };
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let mut cut = cut.subscribe();
                let line = Line { silent: silent.clone(), held: held.subscribe() };
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

    /// Lets nothing pass, and loses nothing of it.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Swallows everything while the connections stay up.
    pub fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }
}

struct Line {
    silent: Arc<AtomicBool>,
    held: watch::Receiver<bool>,
}

impl Line {
    async fn copy(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 4_096];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            if self.held.clone().wait_for(|held| !held).await.is_err() {
                return;
            }
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
