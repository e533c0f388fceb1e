//! The members of a simulation, shared out among the cores.

use std::{num::NonZero, thread};

use metaverse_sim::{Crew, Member};

/// One thread for each core.
pub struct Threads(usize);

impl Threads {
    /// As many as this machine has cores.
    pub fn here() -> Self {
        Self(thread::available_parallelism().map_or(1, NonZero::get))
    }
}

impl Crew for Threads {
    fn each(&self, members: &mut [Member], work: &(dyn Fn(&mut Member) + Sync)) {
        let part = members.len().div_ceil(self.0).max(1);
        thread::scope(|scope| {
            let mut parts = members.chunks_mut(part);
            let own = parts.next();
            for members in parts {
                scope.spawn(|| members.iter_mut().for_each(work));
            }
            own.into_iter().flatten().for_each(work);
        });
    }
}
