//! Other peers' dials: filtered, bounded, and handed on once their handshake is done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use iroh::{
    Endpoint,
    endpoint::{Accepting, ConnectingError, Connection, ConnectionError, Incoming, IncomingAddr},
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

use crate::{
    Reach, closing,
    config::{HANDSHAKE_TIMEOUT, HANDSHAKES},
    statistics::Counters,
};

/// Whom the acceptor lets in.
pub(crate) struct Door {
    pub(crate) reach: Reach,
    /// Whether anybody is to be let in at all.
    pub(crate) is_open: Arc<AtomicBool>,
    pub(crate) counters: Arc<Counters>,
}

/// Answers every dial until the endpoint closes; whoever has shaken hands goes to `arrived`.
pub(crate) async fn accept<F>(
    endpoint: Endpoint,
    door: Door,
    arrived: impl Fn(Connection) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    let mut tasks = JoinSet::new();
    while let Some(incoming) = endpoint.accept().await {
        while tasks.try_join_next().is_some() {}
        let permit = Arc::clone(&handshakes).try_acquire_owned();
        let (true, Ok(permit)) = (door.lets_in(&incoming), permit) else {
            door.counters.incoming_refused.increment();
            incoming.refuse();
            continue;
        };
        let accepting = match incoming.accept() {
            Ok(accepting) => accepting,
            Err(error) => {
                door.counters.handshake_failed(&error);
                continue;
            }
        };
        let (counters, arrived) = (Arc::clone(&door.counters), arrived.clone());
        tasks.spawn(async move {
            if let Some(connection) = shake_hands(accepting, &counters).await {
                arrived(connection).await;
            }
            drop(permit);
        });
    }
}

impl Door {
    fn lets_in(&self, incoming: &Incoming) -> bool {
        if !self.is_open.load(Ordering::Relaxed) {
            return false;
        }
        match incoming.remote_addr() {
            IncomingAddr::Ip(address) => self.reach.includes(address.ip()),
            _ => true,
        }
    }
}

async fn shake_hands(accepting: Accepting, counters: &Counters) -> Option<Connection> {
    match timeout(HANDSHAKE_TIMEOUT, accepting).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(ConnectingError::ConnectionError { source, .. })) => {
            counters.handshake_failed(&source);
            None
        }
        Ok(Err(error)) => {
            tracing::debug!(error = format!("{error:#}"), "a handshake failed");
            counters.handshakes_failed.increment();
            None
        }
        Err(_) => {
            tracing::debug!("a handshake took too long");
            counters.handshakes_failed.increment();
            None
        }
    }
}

impl Counters {
    fn handshake_failed(&self, error: &ConnectionError) {
        if closing::is_incompatible(error) {
            tracing::warn!(
                "somebody with another version of the protocol has dialled, and was refused"
            );
            self.incompatible.increment();
            return;
        }
        tracing::debug!(%error, "a handshake failed");
        self.handshakes_failed.increment();
    }
}
