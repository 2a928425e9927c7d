//! Clients of the control socket, good and bad.

use super::*;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

struct Running {
    dir: TempDir,
    watch: StatusSocketWatch,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn config(dir: &TempDir) -> StatusConfig {
    StatusConfig {
        socket: dir.path().join("status.sock"),
        max_clients: 2,
        timeout_ms: 50,
        metrics: None,
    }
}

fn running(snapshot: Vec<u8>) -> Running {
    let dir = TempDir::new().expect("a folder");
    let socket = StatusSocket::bind(&config(&dir)).expect("free");
    let (watch, stop) = (socket.watch(), CancellationToken::new());
    let answer = move |request| -> Answer {
        match request {
            Request::Status => Box::new(std::iter::once(snapshot.clone())),
            Request::Records { from, to } => {
                Box::new((from..=to).map(|seq| format!("{seq}\n").into_bytes()))
            }
            Request::Outbox { most } => Box::new(std::iter::once(format!("{most}\n").into_bytes())),
            Request::Delivery { seq } => Box::new(std::iter::once(format!("{seq}\n").into_bytes())),
        }
    };
    let task = tokio::spawn(socket.run(Arc::new(answer), stop.clone()));
    Running { dir, watch, stop, task }
}

async fn read_from(running: &Running) -> Result<Vec<u8>, ReadError> {
    let path = running.dir.path().join("status.sock");
    tokio::task::spawn_blocking(move || read(&path)).await.expect("no panic")
}

async fn until(running: &Running, reached: impl FnMut(&StatusSocketCounts) -> bool) {
    let mut counts = running.watch.0.clone();
    let waited = tokio::time::timeout(Duration::from_secs(10), counts.wait_for(reached)).await;
    waited.expect("in time").expect("the socket runs");
}

#[tokio::test]
async fn a_client_gets_the_snapshot_and_the_end() {
    let running = running(b"{\"up\":true}".to_vec());
    assert_eq!(read_from(&running).await.expect("up"), b"{\"up\":true}");
    until(&running, |counts| counts.served == 1).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_counted() {
    // More than a socket buffers, so that the writer has to wait.
    let running = running(vec![b' '; 8 << 20]);
    let path = running.dir.path().join("status.sock");
    let mut lazy = UnixStream::connect(&path).await.expect("up");
    lazy.write_all(b"status\n").await.expect("a question");
    until(&running, |counts| counts.failed == 1).await;
}

#[tokio::test]
async fn a_client_that_asks_nothing_is_closed_and_counted() {
    let running = running(b"{}".to_vec());
    let path = running.dir.path().join("status.sock");
    let _mute = UnixStream::connect(&path).await.expect("up");
    until(&running, |counts| counts.failed == 1).await;
}

#[tokio::test]
async fn a_question_that_makes_no_sense_gets_no_answer_and_is_counted() {
    let running = running(b"{}".to_vec());
    let path = running.dir.path().join("status.sock");
    let mut confused = UnixStream::connect(&path).await.expect("up");
    confused.write_all(b"stop\n").await.expect("a question");
    let mut answer = Vec::new();
    confused.read_to_end(&mut answer).await.expect("an end");
    assert_eq!(answer, b"");
    until(&running, |counts| counts.malformed == 1).await;
}

#[tokio::test]
async fn records_come_one_a_line_in_order() {
    let running = running(b"{}".to_vec());
    let path = running.dir.path().join("status.sock");
    let lines = tokio::task::spawn_blocking(move || {
        let lines = ask(&path, Request::Records { from: 7, to: 9 }).expect("up");
        lines.collect::<Result<Vec<_>, _>>().expect("an answer")
    });
    assert_eq!(lines.await.expect("no panic"), [b"7\n", b"8\n", b"9\n"]);
    until(&running, |counts| counts.served == 1).await;
}

#[tokio::test]
async fn clients_beyond_the_permits_are_closed_at_once_and_counted() {
    let running = running(vec![b' '; 8 << 20]);
    let path = running.dir.path().join("status.sock");
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(UnixStream::connect(&path).await.expect("up"));
    }
    until(&running, |counts| counts.refused == 1).await;
}

#[tokio::test]
async fn only_owner_and_group_may_connect_and_the_file_goes_with_the_daemon() {
    let running = running(b"{}".to_vec());
    let path = running.dir.path().join("status.sock");
    let mode = fs::metadata(&path).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    running.stop.cancel();
    running.task.await.expect("ends in order");
    assert!(!path.exists());
    assert!(matches!(read(&path), Err(ReadError::Down { .. })));
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_a_dead_ones_file_replaced() {
    let dir = TempDir::new().expect("a folder");
    let first = StatusSocket::bind(&config(&dir)).expect("free");
    let second = StatusSocket::bind(&config(&dir));
    assert!(matches!(second, Err(StatusError::InUse { .. })));
    // A killed daemon closes its listener and leaves the file.
    let path = dir.path().join("status.sock");
    let kept = dir.path().join("kept");
    fs::rename(&path, &kept).expect("same folder");
    drop(first);
    fs::rename(&kept, &path).expect("same folder");
    StatusSocket::bind(&config(&dir)).expect("the file is stale");
}
