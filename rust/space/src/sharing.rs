//! The shared state in the life of a member: who is in it, and what the game is told.

use bytes::Bytes;
use metaverse_protocol::{id::PeerId, lane::Lane, state::Key};

use crate::{
    core::Core,
    inside::Inside,
    io::{CloseReason, Event, Now, Output},
    joining::Outcome,
    link::Link,
    state::{Effect, Heard, StateChange},
};

impl Inside {
    pub(crate) fn write_state(
        &mut self,
        core: &mut Core,
        now: Now,
        key: &Key,
        value: Option<Bytes>,
    ) {
        self.state.write(now.time, &mut core.counters, key, value);
        self.perform_state(core);
        // What else is written in the same moment goes with it.
        core.alarm(self.state.due());
    }

    pub(crate) fn flush_state(&mut self, core: &mut Core, now: Now) {
        self.state.flush_to_leave(now.time);
        self.perform_state(core);
    }

    pub(crate) fn state_opened(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        self.state.opened(now.time, peer);
        self.perform_state(core);
        core.alarm(self.state.due());
    }

    pub(crate) fn state_closed(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        self.state.closed(now.time, peer);
        self.perform_state(core);
    }

    pub(crate) fn state_frame(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        bytes: &[u8],
    ) -> Option<Outcome> {
        let heard = Heard {
            from,
            is_host: self.roster.number(from) == Some(self.host),
            offset: core.links.get(&from).and_then(Link::clock_offset),
        };
        let taken = self.state.frame(now.time, &mut core.counters, heard, bytes);
        self.perform_state(core);
        if taken.is_err() {
            core.counters.malformed_frames += 1;
            self.shun(core, now, from, CloseReason::Malformed);
        }
        None
    }

    pub(crate) fn tend_state(&mut self, core: &mut Core, now: Now) {
        if self.roster.len() == 0 {
            self.state.left_alone();
        }
        let due = self.state.tend(now.time);
        self.perform_state(core);
        core.alarm(due);
    }

    /// Hands on what the state has to say.
    fn perform_state(&mut self, core: &mut Core) {
        while let Some(effect) = self.state.poll() {
            match effect {
                Effect::Send { to, bytes } => core.output(Output::Frame {
                    to,
                    lane: Lane::State,
                    bytes,
                }),
                Effect::Changed { key, value, author } => {
                    let author = if author == core.me() {
                        Some(self.admission.number)
                    } else {
                        self.roster.number(author)
                    };
                    let change = StateChange { value, author };
                    core.output(Output::State { key, change });
                }
                Effect::Synchronized => core.event(Event::StateSynchronized),
            }
        }
        // Beyond a full mesh, others hand on what the linked have.
        let is_full_mesh = self.topology.is_full_mesh();
        let asked = self
            .roster
            .iter()
            .filter(|member| is_full_mesh || member.is_linked);
        let members = asked.map(|member| member.admission.peer);
        if self.state.is_taken(members) {
            core.output(Output::StateTaken);
        }
    }
}
