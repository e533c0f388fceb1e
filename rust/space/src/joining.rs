//! A newcomer's way in: dial whom the invite names, ask, follow to the host, and be welcomed or not.

use std::collections::BTreeMap;

use metaverse_protocol::{
    control::{Control, Listed, Refusal, Welcome},
    id::PeerId,
    invite::Invite,
    lane::Lane,
    profile::Contact,
    time::Time,
};

use crate::{
    config::{ADMISSION_TIMEOUT, ASK_AGAIN, REACH_TIMEOUT, REDIRECTS},
    core::Core,
    inside::Inside,
    io::{CloseReason, Command, DialError, Event, Input, JoinError, Now, Output},
};

#[derive(Debug)]
pub(crate) struct Joining {
    invite: Invite,
    doors: BTreeMap<PeerId, Door>,
    redirects: usize,
    /// A welcome that does not name all members yet, and who has sent it.
    welcome: Option<(PeerId, Welcome)>,
    /// Introductions of members that came before the welcome.
    early: BTreeMap<PeerId, Control>,
    reach_by: Time,
    /// From the first link on: when the patience with the answer ends.
    admitted_by: Option<Time>,
}

/// Somebody who can be asked.
#[derive(Debug)]
struct Door {
    contact: Contact,
    state: DoorState,
}

#[derive(Debug, PartialEq)]
enum DoorState {
    Dialling,
    /// Asked and waiting for an answer.
    Asked,
    /// To be tried again: there was no host, or the host did not answer.
    AgainAt(Time),
    Failed(DialError),
    /// Reached, but of no use.
    Closed,
}

/// How a phase ends.
pub(crate) enum Outcome {
    Entered(Box<Inside>),
    Ended,
}

impl Joining {
    pub(crate) fn new(core: &mut Core, now: Now, invite: Invite) -> Self {
        let mut joining = Self {
            doors: BTreeMap::new(),
            redirects: 0,
            welcome: None,
            early: BTreeMap::new(),
            reach_by: now.time + REACH_TIMEOUT,
            admitted_by: None,
            invite,
        };
        core.alarm(joining.reach_by);
        for contact in joining.invite.contacts.clone() {
            joining.try_door(core, contact);
        }
        joining
    }

    pub(crate) fn handle(&mut self, core: &mut Core, now: Now, input: Input) -> Option<Outcome> {
        match input {
            Input::Connected { peer } => {
                core.open_link(now, peer);
                self.ask(core, now, peer);
            }
            Input::Disconnected { peer, .. } => {
                if core.links.remove(&peer).is_some() {
                    self.again(core, now, peer);
                }
            }
            Input::DialFailed { peer, error } => self.dial_failed(core, now, peer, error),
            Input::Frame { from, lane, bytes } => return self.frame(core, now, from, lane, &bytes),
            Input::Datagram { from, bytes } => {
                // A pose before the welcome: its sender will send more.
                core.take_datagram(now, from, &bytes);
            }
            Input::Path { peer, kind } => {
                if let Some(link) = core.links.get_mut(&peer) {
                    link.path = kind;
                }
            }
            Input::Addresses(addresses) => {
                core.set_addresses(addresses);
            }
            Input::Wake => return self.wake(core, now),
            Input::Command(Command::Leave) => {
                return Some(fail(core, JoinError::Cancelled, "Joining was cancelled."));
            }
            Input::Command(Command::SetProfile { name, image }) => {
                core.set_profile(name, image);
            }
            Input::Command(Command::ShowAvatar { avatar, rig }) => {
                core.avatars.show(avatar, rig);
            }
            Input::Command(Command::HideAvatar { avatar }) => {
                core.avatars.hide(avatar);
            }
            Input::Command(Command::Poses { captured, poses }) => core.capture(captured, &poses),
            Input::Command(Command::Watch { viewpoint, profile }) => {
                core.watching.set(viewpoint, profile);
            }
            // There is nobody yet.
            Input::Packet { .. }
            | Input::Command(
                Command::Send { .. } | Command::Speaking { .. } | Command::WriteState { .. },
            ) => {}
            Input::Command(Command::FlushState) => core.output(Output::StateTaken),
        }
        self.hopeless(core)
    }

    fn try_door(&mut self, core: &mut Core, contact: Contact) {
        if contact.peer == core.me() {
            return;
        }
        core.dial(contact.clone());
        self.doors.insert(
            contact.peer,
            Door {
                contact,
                state: DoorState::Dialling,
            },
        );
    }

    fn ask(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        let Some(door) = self.doors.get_mut(&peer) else {
            return;
        };
        door.state = DoorState::Asked;
        if self.admitted_by.is_none() {
            let by = now.time + ADMISSION_TIMEOUT;
            self.admitted_by = Some(by);
            core.alarm(by);
        }
        let message = Control::Join {
            space: self.invite.space,
            permission: self.invite.permission.clone(),
            profile: core.signed_profile.clone(),
        };
        core.send(peer, &message);
    }

    fn again(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        if let Some(door) = self.doors.get_mut(&peer) {
            let at = now.time + ASK_AGAIN;
            door.state = DoorState::AgainAt(at);
            core.alarm(at);
        }
    }

    fn dial_failed(&mut self, core: &mut Core, now: Now, peer: PeerId, error: DialError) {
        if self.admitted_by.is_some() && error == DialError::Unreachable {
            // Somebody in the space is there: the host that did not answer may just be followed by another.
            return self.again(core, now, peer);
        }
        if let Some(door) = self.doors.get_mut(&peer) {
            door.state = DoorState::Failed(error);
        }
    }

    fn frame(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        lane: Lane,
        bytes: &[u8],
    ) -> Option<Outcome> {
        if let Err(reason) = core.take_frame(now, from, lane) {
            core.close(from, reason);
            return self.hopeless(core);
        }
        if !self.doors.contains_key(&from) || lane != Lane::Control {
            core.counters.unauthorized += 1;
            return None;
        }
        match Control::decode(bytes) {
            Ok(Control::Welcome(welcome)) => return self.welcomed(core, now, from, *welcome),
            Ok(Control::Roster(listed)) => return self.listed(core, now, from, listed),
            Ok(Control::Redirect(host)) => self.redirected(core, now, from, host),
            Ok(Control::Refused(Refusal::NoHost | Refusal::Busy)) => self.again(core, now, from),
            Ok(Control::Refused(Refusal::WrongSpace)) if self.doors.len() > 1 => {
                self.shut(core, from, CloseReason::Done);
            }
            Ok(Control::Refused(refusal)) => return Some(refused(core, refusal)),
            // It has heard of the admission before the local peer has.
            Ok(meet @ Control::Meet { .. }) => {
                self.early.insert(from, meet);
            }
            Ok(Control::Side { .. }) => {}
            Ok(_) => core.counters.unauthorized += 1,
            Err(_) => {
                core.counters.malformed_frames += 1;
                self.shut(core, from, CloseReason::Malformed);
            }
        }
        self.hopeless(core)
    }

    fn shut(&mut self, core: &mut Core, peer: PeerId, reason: CloseReason) {
        core.close(peer, reason);
        if let Some(door) = self.doors.get_mut(&peer) {
            door.state = DoorState::Closed;
        }
    }

    /// Goes to the host. Whoever named it stays linked, to meet later, and is asked again if the host does not answer.
    fn redirected(&mut self, core: &mut Core, now: Now, from: PeerId, host: Contact) {
        self.again(core, now, from);
        self.redirects += 1;
        if self.redirects <= REDIRECTS && !self.doors.contains_key(&host.peer) {
            self.try_door(core, host);
        }
    }

    fn welcomed(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        welcome: Welcome,
    ) -> Option<Outcome> {
        if welcome.more > 0 {
            self.welcome = Some((from, welcome));
            return None;
        }
        let Some(mut inside) = Inside::welcomed(core, now, from, self.invite.space, welcome) else {
            core.counters.malformed_frames += 1;
            self.shut(core, from, CloseReason::Malformed);
            return self.hopeless(core);
        };
        for (from, meet) in std::mem::take(&mut self.early) {
            inside.introduced(core, now, from, meet);
        }
        Some(Outcome::Entered(Box::new(inside)))
    }

    /// More members than a welcome could name.
    fn listed(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        listed: Vec<Listed>,
    ) -> Option<Outcome> {
        let begun = self.welcome.take_if(|(by, _)| *by == from);
        let Some((_, mut welcome)) = begun else {
            core.counters.unauthorized += 1;
            return None;
        };
        let count = u16::try_from(listed.len()).unwrap_or(u16::MAX).max(1);
        welcome.more = welcome.more.saturating_sub(count);
        welcome.roster.extend(listed);
        self.welcomed(core, now, from, welcome)
    }

    fn wake(&mut self, core: &mut Core, now: Now) -> Option<Outcome> {
        core.woken();
        for peer in core.tend_links(now) {
            core.close(peer, CloseReason::Silent);
            self.again(core, now, peer);
        }
        if let Some(by) = self.admitted_by {
            if now.time >= by {
                return Some(fail(
                    core,
                    JoinError::TimedOut,
                    "The space did not answer in time. Try again in a moment.",
                ));
            }
            core.alarm(by);
        } else if now.time >= self.reach_by {
            return Some(unreachable(core));
        } else {
            core.alarm(self.reach_by);
        }
        let mut due = Vec::new();
        for door in self.doors.values_mut() {
            match door.state {
                DoorState::AgainAt(at) if now.time >= at => {
                    door.state = DoorState::Dialling;
                    due.push(door.contact.clone());
                }
                DoorState::AgainAt(at) => core.alarm(at),
                _ => {}
            }
        }
        for contact in due {
            if core.links.contains_key(&contact.peer) {
                self.ask(core, now, contact.peer);
            } else {
                core.dial(contact);
            }
        }
        None
    }

    /// Ends the attempt when no door is left that could open.
    fn hopeless(&self, core: &mut Core) -> Option<Outcome> {
        let is_over = |door: &Door| matches!(door.state, DoorState::Failed(_) | DoorState::Closed);
        if !self.doors.values().all(is_over) {
            return None;
        }
        if self
            .doors
            .values()
            .any(|door| door.state == DoorState::Failed(DialError::Incompatible))
        {
            return Some(fail(
                core,
                JoinError::Incompatible,
                "The people in this space use another version of the game's network. Both sides need the same version.",
            ));
        }
        if self
            .doors
            .values()
            .any(|door| door.state == DoorState::Closed)
        {
            return Some(fail(
                core,
                JoinError::InvalidInvite,
                "The people this invite names are not in its space any more.",
            ));
        }
        Some(unreachable(core))
    }
}

fn unreachable(core: &mut Core) -> Outcome {
    fail(
        core,
        JoinError::Unreachable,
        "Nobody in this space could be reached. They may have left, or a router or firewall on either side is in the way.",
    )
}

fn refused(core: &mut Core, refusal: Refusal) -> Outcome {
    let (error, message) = match refusal {
        Refusal::WrongSpace => (
            JoinError::InvalidInvite,
            "The people this invite names are not in its space any more.",
        ),
        Refusal::InvalidPermission => (
            JoinError::InvalidInvite,
            "The space does not accept this invite. Ask for a new one.",
        ),
        Refusal::Expired => (
            JoinError::Expired,
            "This invite has expired. Ask somebody in the space for a new one.",
        ),
        Refusal::UsedUp => (
            JoinError::Expired,
            "This invite has been used as often as it allows. Ask somebody in the space for a new one.",
        ),
        Refusal::Full => (
            JoinError::Full,
            "The space is full. Try again when somebody has left.",
        ),
        Refusal::InvalidProfile | Refusal::NoHost | Refusal::Busy => {
            (JoinError::Refused, "The space did not let you in.")
        }
    };
    fail(core, error, message)
}

fn fail(core: &mut Core, error: JoinError, message: &str) -> Outcome {
    let peers: Vec<PeerId> = core.links.keys().copied().collect();
    for peer in peers {
        core.close(peer, CloseReason::Done);
    }
    core.event(Event::JoinFailed {
        error,
        message: message.to_owned(),
    });
    core.output(Output::Ended);
    Outcome::Ended
}
