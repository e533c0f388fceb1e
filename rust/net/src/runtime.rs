//! The one runtime that all peers of this process share.

use std::{
    future::Future,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

use crate::config::{BLOCKING_THREADS, WORKERS};

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

struct Running {
    runtime: Runtime,
    live: Arc<Live>,
    stop: watch::Sender<bool>,
}

/// The peers that still run.
#[derive(Default)]
struct Live {
    count: Mutex<usize>,
    ended: Condvar,
}

/// Counts a peer for as long as it exists.
struct Alive(Arc<Live>);

impl Alive {
    fn new(live: &Arc<Live>) -> Self {
        *live.count.lock() += 1;
        Self(Arc::clone(live))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        *self.0.count.lock() -= 1;
        self.0.ended.notify_all();
    }
}

/// Turns true when the runtime is about to end.
pub(crate) type Stop = watch::Receiver<bool>;

/// Runs a peer on the shared runtime, which starts with the first one.
pub(crate) fn spawn<F>(peer: impl FnOnce(Stop) -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut slot = RUNNING.lock();
    let running = match &mut *slot {
        Some(running) => running,
        empty => empty.insert(Running {
            runtime: build()?,
            live: Arc::default(),
            stop: watch::Sender::new(false),
        }),
    };
    let alive = Alive::new(&running.live);
    let peer = peer(running.stop.subscribe());
    running.runtime.spawn(async move {
        let _alive = alive;
        peer.await;
    });
    Ok(())
}

/// Ends the shared runtime: peers leave their spaces first, as far as `timeout` allows. Blocks at most that long;
/// only for the end of the library. A peer started afterwards starts a new runtime.
pub fn shut_down(timeout: Duration) {
    let Some(running) = RUNNING.lock().take() else {
        return;
    };
    let deadline = Instant::now() + timeout;
    running.stop.send_replace(true);
    let mut count = running.live.count.lock();
    while *count > 0
        && !running
            .live
            .ended
            .wait_until(&mut count, deadline)
            .timed_out()
    {}
    if *count > 0 {
        tracing::warn!(peers = *count, "peers did not end in time");
    }
    drop(count);
    running
        .runtime
        .shutdown_timeout(deadline.saturating_duration_since(Instant::now()));
}

fn build() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_name("metaverse-net")
        .enable_all()
        .build()
}
