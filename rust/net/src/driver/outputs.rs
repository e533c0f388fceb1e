//! From the machine outward: to the links, and to the game.

use std::sync::atomic::Ordering;

use metaverse_space::{
    Space,
    io::{self, Event, Input, Output},
};

use super::{Done, Driver};
use crate::{
    PeerEvent, clock,
    received_poses::{Put, ReceivedPose},
};

const NOT_FETCHED: &str =
    "The game was away for too long, and so much had happened that the space was left.";

impl Driver {
    pub(super) fn dispatch_outputs(&mut self) {
        while let Some(output) = self.machine.as_mut().and_then(Space::poll_output) {
            self.dispatch(output);
        }
    }

    fn dispatch(&mut self, output: Output) {
        let Some(home) = &mut self.home else { return };
        match output {
            Output::Dial { peer, addresses } => {
                let has_carriers = self.shared.is_in_space.load(Ordering::Relaxed);
                home.links.dial(peer, addresses, has_carriers);
            }
            Output::Frame { to, lane, bytes } => home.links.send(to, lane, bytes),
            Output::Datagram { to, bytes } => home.links.send_datagram(to, bytes),
            Output::Packet { from, bytes } => home.crossing.arrived(from, bytes),
            Output::Close { peer, reason } => home.links.close(peer, reason),
            Output::Event(event) => self.event(event),
            Output::Pose {
                member,
                avatar,
                captured,
                level,
                pose,
            } => self.pose(ReceivedPose {
                member,
                avatar,
                captured,
                received: clock::now(),
                level,
                pose: *pose,
            }),
            Output::StateTaken => {
                if let Some(leaving) = &mut self.leaving {
                    leaving.is_state_taken = true;
                }
            }
            Output::State { key, change } => {
                if self.shared.state_inbox.put_change(key, change) {
                    self.tell(PeerEvent::StateChanged);
                }
            }
            Output::Inviter(inviter) => *self.shared.inviter.lock() = Some(inviter),
            Output::WakeAt(time) => self.wake = Some(time),
            Output::Ended => self.ended(),
        }
    }

    fn event(&mut self, event: Event) {
        let event = match event {
            Event::Image { hash, bytes } => {
                let pictures = self.pictures.clone();
                self.work.spawn(async move {
                    let (hash, result) = pictures.decode(hash, bytes).await;
                    Done::Decoded(hash, result)
                });
                return;
            }
            Event::Left { .. } if self.is_overflowed => Event::Left {
                reason: NOT_FETCHED.to_owned(),
            },
            event => event,
        };
        match &event {
            Event::Joined { .. } => self.shared.is_in_space.store(true, Ordering::Relaxed),
            Event::Left { .. } => self.shared.is_in_space.store(false, Ordering::Relaxed),
            Event::MemberLeft { number, .. } => self.shared.received_poses.forget(*number),
            Event::AvatarHidden { number, avatar } => {
                self.shared.received_poses.forget_avatar(*number, *avatar);
            }
            _ => {}
        }
        self.tell(PeerEvent::Space(event));
    }

    /// Tells the game. If it has not listened for so long that nothing more fits in, the space is left.
    pub(super) fn tell(&mut self, event: PeerEvent) {
        if self.shared.inbox.push(event).is_ok() || self.is_overflowed {
            return;
        }
        tracing::warn!("the game fetches no events, so that the space is left");
        self.is_overflowed = true;
        self.handle(Input::Command(io::Command::Leave));
    }

    fn pose(&self, pose: ReceivedPose) {
        let counters = &self.shared.counters;
        match self.shared.received_poses.put(pose) {
            Put::Kept => {}
            Put::Overwrote => counters.poses_overwritten.increment(),
            Put::Rejected => counters.poses_rejected.increment(),
        }
    }

    fn ended(&mut self) {
        self.publish();
        self.close_home();
        if !self.is_stopping {
            self.bind();
        }
    }
}
