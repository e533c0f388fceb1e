//! The routing map on its way to the game: made only while somebody looks at it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use metaverse_protocol::time::Time;
use metaverse_space::RoutingMap;
use parking_lot::Mutex;

use crate::config::{MAP_INTERVAL, MAP_PATIENCE};

/// The newest map, and until when one is wanted.
#[derive(Debug, Default)]
pub(crate) struct ShownMap {
    map: Mutex<Arc<RoutingMap>>,
    wanted_until: AtomicU64,
    made: AtomicU64,
}

impl ShownMap {
    /// The newest map; from now on there will be newer ones for a while.
    pub(crate) fn look(&self, now: Time) -> Arc<RoutingMap> {
        let until = now + MAP_PATIENCE;
        self.wanted_until.store(until.0, Ordering::Relaxed);
        Arc::clone(&self.map.lock())
    }

    /// Makes a new map if one is wanted and the last is old.
    pub(crate) fn renew(&self, now: Time, make: impl FnOnce() -> RoutingMap) {
        let last = Time(self.made.load(Ordering::Relaxed));
        let is_wanted = now.0 < self.wanted_until.load(Ordering::Relaxed);
        if is_wanted && now.since(last) >= MAP_INTERVAL {
            self.made.store(now.0, Ordering::Relaxed);
            *self.map.lock() = Arc::new(make());
        }
    }

    /// The space was left.
    pub(crate) fn clear(&self) {
        self.made.store(0, Ordering::Relaxed);
        *self.map.lock() = Arc::default();
    }
}
