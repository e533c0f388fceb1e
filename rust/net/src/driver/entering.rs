//! What the game asks for: entering a space, leaving it, and what is done in between.

use std::sync::atomic::Ordering;

use metaverse_protocol::{
    id::SpaceId,
    invite::{Invite, InviteError},
    limits::MEMBERS,
    profile::SpaceDescription,
};
use metaverse_space::{
    Space,
    io::{self, Event, Input, JoinError, Local, Start},
};
use tokio::time::Instant;

use super::{Command, Driver, Entering, Leaving};
use crate::{PeerEvent, SpaceSettings, clock, config::LEAVE_PATIENCE, random};

const ALREADY_IN_A_SPACE: &str = "Leave the space you are in before you enter another one.";
const GIVEN_UP: &str = "You have cancelled it.";

impl Driver {
    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::CreateSpace(settings) => self.try_enter(Entering::New(settings)),
            Command::JoinSpace(invite) => match Invite::from_text(&invite, clock::unix()) {
                Ok(invite) => self.try_enter(Entering::Invited(Box::new(invite))),
                Err(error) => self.join_failed(join_error(&error), error.to_string()),
            },
            Command::LeaveSpace => self.leave(),
            Command::SendMessage { to, frame } => {
                self.handle(Input::Command(io::Command::Send { to, frame }));
            }
            Command::Speaking {
                number,
                is_speaking,
            } => self.handle(Input::Command(io::Command::Speaking {
                number,
                is_speaking,
            })),
        }
    }

    fn try_enter(&mut self, entering: Entering) {
        if self.machine.is_some() || self.entering.is_some() {
            self.join_failed(JoinError::Refused, ALREADY_IN_A_SPACE.to_owned());
            return;
        }
        self.enter(entering);
    }

    /// Begins a machine, now or when there is an endpoint for it.
    pub(super) fn enter(&mut self, entering: Entering) {
        self.attend();
        let Some(home) = &self.home else {
            self.entering = Some(entering);
            return;
        };
        let start = match entering {
            Entering::New(settings) => match random::secret() {
                Ok(secret) => Start::Create {
                    secret,
                    description: description(settings),
                },
                Err(error) => {
                    let message = format!("The space could not be created: {error}.");
                    return self.join_failed(JoinError::Refused, message);
                }
            },
            Entering::Invited(invite) => Start::Join(invite),
        };
        let local = Local {
            identity: home.identity.clone(),
            name: self.name.clone(),
            image: self.image.clone(),
            addresses: home.links.addresses(),
        };
        home.links.open();
        self.is_overflowed = false;
        self.machine = Some(Space::new(clock::moment(), local, start));
    }

    /// Nothing was joined, or created: the game hears the same.
    pub(super) fn join_failed(&mut self, error: JoinError, message: String) {
        self.tell(PeerEvent::Space(Event::JoinFailed { error, message }));
    }

    fn leave(&mut self) {
        if self.entering.take().is_some() {
            self.join_failed(JoinError::Cancelled, GIVEN_UP.to_owned());
            return;
        }
        self.leave_by(Instant::now() + LEAVE_PATIENCE);
    }

    /// Leaves the space when the others have had their last messages, or else at `deadline`.
    pub(super) fn leave_by(&mut self, deadline: Instant) {
        if self.machine.is_none() {
            return;
        }
        self.shared.is_in_space.store(false, Ordering::Relaxed);
        self.attend();
        let by = self
            .leaving
            .as_ref()
            .map_or(deadline, |earlier| earlier.by.min(deadline));
        self.leaving = Some(Leaving {
            by,
            is_state_taken: false,
        });
        self.handle(Input::Command(io::Command::FlushState));
    }
}

fn description(settings: SpaceSettings) -> SpaceDescription {
    let SpaceSettings {
        name,
        visibility,
        capacity,
        activity,
        scene,
    } = settings;
    let capacity = capacity.clamp(1, MEMBERS as u16);
    // The machine sets the id, which grows from the space's secret.
    SpaceDescription {
        id: SpaceId([0; 32]),
        name,
        visibility,
        capacity,
        activity,
        scene,
    }
}

fn join_error(error: &InviteError) -> JoinError {
    match error {
        InviteError::Version(_) => JoinError::Incompatible,
        InviteError::Expired => JoinError::Expired,
        InviteError::Empty
        | InviteError::NotAnInvite
        | InviteError::Truncated
        | InviteError::Damaged
        | InviteError::Invalid(_) => JoinError::InvalidInvite,
    }
}
