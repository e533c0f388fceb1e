//! The machine: inputs in, outputs out.

use crate::{
    Counters,
    core::Core,
    inside::Inside,
    io::{Input, Local, Now, Output, Start},
    joining::{Joining, Outcome},
    routing::RoutingMap,
};

/// A space as one of its members lives it, from the first dial to the farewell.
#[derive(Debug)]
pub struct Space {
    core: Core,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Joining(Box<Joining>),
    Inside(Box<Inside>),
    Ended,
}

impl Space {
    /// Creates a space, or begins to join one.
    pub fn new(now: Now, local: Local, start: Start) -> Self {
        let mut core = Core::new(local);
        let phase = match start {
            Start::Create {
                secret,
                description,
            } => Phase::Inside(Box::new(Inside::create(
                &mut core,
                now,
                &secret,
                description,
            ))),
            Start::Join(invite) => Phase::Joining(Box::new(Joining::new(&mut core, now, *invite))),
        };
        Self { core, phase }
    }

    /// Takes in what has happened. `now` never goes back.
    pub fn handle(&mut self, now: Now, input: Input) {
        let outcome = match &mut self.phase {
            Phase::Joining(joining) => joining.handle(&mut self.core, now, input),
            Phase::Inside(inside) => inside.handle(&mut self.core, now, input),
            Phase::Ended => None,
        };
        match outcome {
            Some(Outcome::Entered(inside)) => self.phase = Phase::Inside(inside),
            Some(Outcome::Ended) => self.phase = Phase::Ended,
            None => {}
        }
    }

    /// The next thing to do; to be asked until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.poll()
    }

    /// Who is connected to whom, as far as the local member knows; empty outside a space.
    pub fn routing_map(&self, now: Now) -> RoutingMap {
        match &self.phase {
            Phase::Inside(inside) => inside.routing_map(&self.core, now),
            Phase::Joining(_) | Phase::Ended => RoutingMap::default(),
        }
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.core.counters
    }
}
