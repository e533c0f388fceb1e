//! The one clock of this process: it starts at the calendar's time and then only counts on.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use metaverse_protocol::time::{Time, UnixSeconds};
use metaverse_space::io::Now;

struct Origin {
    instant: Instant,
    time: Time,
}

fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| Origin {
        instant: Instant::now(),
        time: Time::default() + since_1970(),
    })
}

fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The steady clock.
pub(crate) fn now() -> Time {
    let origin = origin();
    origin.time + origin.instant.elapsed()
}

/// The calendar's clock.
pub(crate) fn unix() -> UnixSeconds {
    UnixSeconds(since_1970().as_secs())
}

/// Both, for the machine.
pub(crate) fn moment() -> Now {
    Now {
        time: now(),
        unix: unix(),
    }
}

/// The instant at which the steady clock shows `time`; now if that is past.
pub(crate) fn instant(time: Time) -> tokio::time::Instant {
    tokio::time::Instant::now() + time.since(now())
}
