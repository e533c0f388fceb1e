//! What the network tells a peer, and what that changes.

use std::time::Instant;

use metaverse_net::PeerEvent;
use metaverse_protocol::name::Name;
use metaverse_space::io::Event;

use super::{MetaversePeer, cancelled};
use crate::{
    config::{EVENT_TIME_PER_FRAME, EVENTS_PER_FRAME},
    enums::State,
    notice::Notice,
    picture,
    roster::Roster,
};

impl MetaversePeer {
    /// Takes this frame's share of events and poses. Returns how many signals are due.
    pub(super) fn drain(&mut self) -> usize {
        self.hand_down_profile();
        let started = Instant::now();
        for _ in 0..EVENTS_PER_FRAME {
            if started.elapsed() > EVENT_TIME_PER_FRAME {
                break;
            }
            let Some(event) = self
                .session
                .as_ref()
                .and_then(|session| session.net.next_event())
            else {
                break;
            };
            self.handle(event);
        }
        if let Some(session) = &mut self.session {
            session.take_poses();
            session.shared.take_news(&session.net);
        }
        self.notices.len()
    }

    fn handle(&mut self, event: PeerEvent) {
        match event {
            PeerEvent::Online { .. } if self.state == State::Starting => {
                self.set_state(State::Online);
            }
            PeerEvent::Online { .. } => {}
            PeerEvent::Space(event) => self.handle_space(event),
            PeerEvent::Image { .. } => {
                let Some(session) = &mut self.session else {
                    return;
                };
                session.image(&event, &mut self.notices);
            }
            PeerEvent::StateChanged => {
                if let Some(session) = &mut self.session {
                    session.shared.expect_news();
                }
            }
            PeerEvent::Failed(message) => self.notices.push_back(Notice::Failed(message)),
            PeerEvent::Stopped => self.stop(),
        }
    }

    fn handle_space(&mut self, event: Event) {
        let Some(session) = &mut self.session else {
            return;
        };
        match event {
            // Joined after all, while giving up: the space is left before the game hears of it.
            Event::Joined { .. } if self.state != State::Joining => {}
            Event::Joined {
                description,
                local,
                host,
                members,
            } => {
                let roster = Roster::new(
                    &description,
                    local,
                    host,
                    &members,
                    self.avatar_image.clone(),
                    std::mem::take(&mut session.early_textures),
                );
                let space = roster.space().clone();
                if local == host {
                    session.shared.arrived();
                }
                session.roster = Some(roster);
                self.roster_revision += 1;
                self.set_state(State::InSpace);
                self.notices.push_back(Notice::SpaceJoined(space));
            }
            Event::JoinFailed { error, message } => {
                self.set_state(State::Online);
                self.notices
                    .push_back(Notice::JoinFailed(error.into(), message));
            }
            Event::Left { reason } => {
                let notice = if session.leave().is_some() {
                    Notice::SpaceLeft(reason)
                } else {
                    cancelled()
                };
                self.roster_revision += 1;
                self.set_state(State::Online);
                self.notices.push_back(notice);
            }
            event => {
                if matches!(event, Event::MemberJoined(_) | Event::MemberLeft { .. }) {
                    self.roster_revision += 1;
                }
                session.apply(event, &mut self.notices);
            }
        }
    }

    /// Lets the others know of another name or picture.
    pub(super) fn hand_down_profile(&mut self) {
        let Some(session) = self.session.as_mut().filter(|_| self.is_profile_changed) else {
            return;
        };
        self.is_profile_changed = false;
        let picture = self
            .avatar_image
            .as_ref()
            .map(picture::from_texture)
            .transpose()
            .unwrap_or_else(|message| {
                self.notices.push_back(Notice::Failed(message));
                None
            });
        session
            .net
            .set_profile(Name::clean(&self.display_name.to_string()), picture);
        if let Some(roster) = &mut session.roster {
            roster.set_local_image(self.avatar_image.clone());
        }
    }
}
