//! Removes settled entries from the outbox beside the connection, so that a slow disk never
//! slows the acknowledgements down.
//!
//! In: keys. Out: removals in batches, counted. A removal that fails is counted and logged; the
//! entry stays and is delivered once more under the same id, when a later removal has shown that
//! the disk writes again.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::status::UplinkStatus;
use crate::io::store::{OutboxKey, Store};

/// Most keys in one transaction.
const BATCH: usize = 512;

enum Order {
    Remove(OutboxKey),
    Flush(oneshot::Sender<()>),
}

/// Handle of the task.
pub(super) struct Remover {
    orders: mpsc::UnboundedSender<Order>,
    /// Entries stayed that could be removed now.
    stayed: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Remover {
    /// Starts it. What it has removed is added to `status`.
    pub(super) fn spawn(store: Store, status: watch::Sender<UplinkStatus>) -> Self {
        let (orders, receiver) = mpsc::unbounded_channel();
        let stayed = Arc::new(Notify::new());
        let task = tokio::spawn(work(store, status, receiver, stayed.clone()));
        Self { orders, stayed, task }
    }

    /// Orders a removal. The queue is bounded by the session's window and waiting room.
    pub(super) fn remove(&self, key: OutboxKey) {
        // The task ends only after this handle is gone.
        let _ = self.orders.send(Order::Remove(key));
    }

    /// Waits until everything ordered so far is done, so that a new connection does not read it.
    pub(super) async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.orders.send(Order::Flush(done)).is_ok() {
            let _ = wait.await;
        }
    }

    /// Waits until entries whose removal had failed can be removed; told once.
    pub(super) async fn stayed(&self) {
        self.stayed.notified().await;
    }

    /// Finishes what was ordered and ends the task.
    pub(super) async fn finish(self) {
        drop(self.orders);
        let _ = self.task.await;
    }
}

async fn work(
    store: Store,
    status: watch::Sender<UplinkStatus>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    stayed: Arc<Notify>,
) {
    let mut batch = Vec::new();
    let mut failed = false;
    while orders.recv_many(&mut batch, BATCH).await > 0 {
        let mut keys = Vec::new();
        let mut flushes = Vec::new();
        for order in batch.drain(..) {
            match order {
                Order::Remove(key) => keys.push(key),
                Order::Flush(done) => flushes.push(done),
            }
        }
        if !keys.is_empty() {
            let count = keys.len() as u64;
            let result = store.outbox_remove(keys).await;
            match &result {
                Ok(_) if std::mem::take(&mut failed) => stayed.notify_one(),
                Ok(_) => {}
                Err(error) => {
                    failed = true;
                    tracing::error!(error = %error, count, "outbox entries could not be removed");
                }
            }
            status.send_modify(|status| match result {
                Ok(_) => status.removed += count,
                Err(_) => status.removal_failures += count,
            });
        }
        for done in flushes {
            let _ = done.send(());
        }
    }
}
