//! How much of the main thread the extension takes in a frame, all its nodes together: CPU time, and allocations where
//! they are counted.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cpu_time::ThreadTime;
use godot::{classes::Engine, prelude::*};

use crate::{
    allocations,
    config::{FRAMES, MEASURED_FRAMES},
    recent::Recent,
};

static METER: Mutex<Meter> = Mutex::new(Meter {
    frame: 0,
    spent: Duration::ZERO,
    frames: Recent::new(),
    allocations: 0,
});

struct Meter {
    frame: u64,
    spent: Duration,
    /// Milliseconds of each frame that is over.
    frames: Recent<FRAMES>,
    /// Of all frames.
    allocations: u64,
}

/// Measures from its creation to its drop, in one of [`MEASURED_FRAMES`] frames. Not while a user's code runs: that is the
/// game's time.
pub(crate) struct FrameSpan {
    frame: u64,
    start: Option<ThreadTime>,
    allocations: Option<u64>,
}

impl FrameSpan {
    pub(crate) fn begin() -> Self {
        let frame = Engine::singleton().get_process_frames();
        let is_measured = frame.is_multiple_of(MEASURED_FRAMES);
        Self {
            frame,
            start: is_measured.then(ThreadTime::now),
            allocations: allocations::count(),
        }
    }
}

impl Drop for FrameSpan {
    fn drop(&mut self) {
        if let Some(start) = self.start {
            meter().add(self.frame, start.elapsed());
        }
        if let Some((after, before)) = allocations::count().zip(self.allocations) {
            meter().allocations += after - before;
        }
    }
}

/// Milliseconds that a `share` (0 to 1) of the latest frames did not exceed; 0 before the first.
pub(crate) fn percentile(share: f32) -> f32 {
    meter().frames.percentile(share).unwrap_or(0.0)
}

/// Allocations of all frames so far; `None` where they are not counted.
pub(crate) fn allocations() -> Option<u64> {
    allocations::count().map(|_| meter().allocations)
}

impl Meter {
    fn add(&mut self, frame: u64, spent: Duration) {
        if frame != self.frame {
            self.frames.add(self.spent.as_secs_f32() * 1000.0);
            (self.frame, self.spent) = (frame, Duration::ZERO);
        }
        self.spent += spent;
    }
}

fn meter() -> MutexGuard<'static, Meter> {
    METER.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_of_one_frame_count_together() {
        let mut meter = Meter {
            frame: 0,
            spent: Duration::ZERO,
            frames: Recent::new(),
            allocations: 0,
        };
        for frame in 1..=3 {
            meter.add(frame, Duration::from_millis(1));
            meter.add(frame, Duration::from_millis(2));
        }
        assert_eq!(meter.frames.percentile(1.0), Some(3.0));
        assert_eq!(meter.frames.percentile(0.5), Some(3.0));
    }
}
