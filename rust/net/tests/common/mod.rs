//! Players as a game would have them: a peer, and a loop that fetches its events.
#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use metaverse_net::{Options, Peer, PeerEvent, Reach, ReceivedPose, SpaceSettings};
use metaverse_protocol::{
    id::{MemberNumber, PeerId},
    name::{Name, Tag},
    profile::{SpaceDescription, Visibility},
};
use metaverse_space::io::{Event, JoinError, MemberView};

/// Longer than anything takes; whoever waits longer has failed.
pub const LONG: Duration = Duration::from_secs(30);
/// One frame of a game at 250 frames a second.
pub const FRAME: Duration = Duration::from_millis(4);

/// Somebody who plays.
pub struct Player {
    pub peer: Peer,
}

/// What the game is told as it enters a space.
pub struct Joined {
    pub description: SpaceDescription,
    pub local: MemberNumber,
    pub host: MemberNumber,
    pub members: Vec<MemberView>,
}

impl Player {
    pub fn start(name: &str) -> Self {
        Self::with(Options {
            name: Name::clean(name),
            ..Options::default()
        })
    }

    pub fn with(options: Options) -> Self {
        Self {
            peer: Peer::start(options).expect("it starts"),
        }
    }

    pub fn on_the_local_network(name: &str) -> Self {
        Self::with(Options {
            name: Name::clean(name),
            reach: Reach::LocalNetwork,
            secret: None,
        })
    }

    /// Waits for the first event of which `pick` makes something.
    pub fn wait<T>(&self, what: &str, pick: impl FnMut(PeerEvent) -> Option<T>) -> T {
        self.wait_for(LONG, what, pick)
    }

    pub fn wait_for<T>(
        &self,
        time: Duration,
        what: &str,
        mut pick: impl FnMut(PeerEvent) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + time;
        let mut others = Vec::new();
        while Instant::now() < deadline {
            while let Some(event) = self.peer.next_event() {
                let told = if is_steady(&event) {
                    None
                } else {
                    Some(format!("{event:?}"))
                };
                if let Some(picked) = pick(event) {
                    return picked;
                }
                others.extend(told.map(|told| told.chars().take(300).collect::<String>()));
            }
            sleep(FRAME);
        }
        panic!(
            "{what} did not come within {time:?}, but {others:#?}\n{:#?}",
            self.peer.statistics()
        );
    }

    /// Waits for the first event of the space of which `pick` makes something.
    pub fn space<T>(&self, what: &str, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        self.wait(what, |event| match event {
            PeerEvent::Space(event) => pick(event),
            _ => None,
        })
    }

    pub fn online(&self) -> PeerId {
        self.wait("an endpoint", |event| match event {
            PeerEvent::Online { peer } => Some(peer),
            _ => None,
        })
    }

    pub fn create(&self) -> Joined {
        self.peer.create_space(settings());
        self.joined()
    }

    pub fn join(&self, invite: &str) -> Joined {
        self.peer.join_space(invite);
        self.joined()
    }

    pub fn joined(&self) -> Joined {
        self.space("the space", |event| match event {
            Event::Joined {
                description,
                local,
                host,
                members,
            } => Some(Joined {
                description,
                local,
                host,
                members,
            }),
            Event::JoinFailed { error, message } => panic!("not joined: {error:?}: {message}"),
            _ => None,
        })
    }

    pub fn join_failed(&self) -> (JoinError, String) {
        self.space("a refusal", |event| match event {
            Event::JoinFailed { error, message } => Some((error, message)),
            Event::Joined { .. } => panic!("joined"),
            _ => None,
        })
    }

    pub fn left(&self) -> String {
        self.space("the end", |event| match event {
            Event::Left { reason } => Some(reason),
            _ => None,
        })
    }

    pub fn member_joined(&self) -> MemberView {
        self.space("a new member", |event| match event {
            Event::MemberJoined(member) => Some(member),
            _ => None,
        })
    }

    pub fn member_left(&self) -> MemberNumber {
        self.space("a departure", |event| match event {
            Event::MemberLeft { number, .. } => Some(number),
            _ => None,
        })
    }

    pub fn message(&self) -> (MemberNumber, String, Vec<u8>) {
        self.space("a message", |event| match event {
            Event::Message {
                from, topic, data, ..
            } => Some((from, topic, data.to_vec())),
            _ => None,
        })
    }

    pub fn failed(&self) -> String {
        self.wait("a failure", |event| match event {
            PeerEvent::Failed(message) => Some(message),
            _ => None,
        })
    }

    pub fn invite(&self) -> String {
        self.peer.create_invite(None, None).expect("in a space")
    }

    /// Sends a message as soon as there is room for it.
    pub fn send(&self, topic: &str, data: &[u8], to: Option<MemberNumber>) {
        let deadline = Instant::now() + LONG;
        while self.peer.send_message(topic, data.to_vec(), to).is_err() {
            assert!(
                Instant::now() < deadline,
                "it stays busy: {:#?}",
                self.peer.statistics()
            );
            sleep(FRAME);
        }
    }

    /// Waits for the first pose.
    pub fn pose(&self) -> ReceivedPose {
        let deadline = Instant::now() + LONG;
        let mut poses = Vec::new();
        while Instant::now() < deadline {
            self.peer.take_poses(&mut poses);
            if let Some(pose) = poses.pop() {
                return pose;
            }
            sleep(FRAME);
        }
        panic!("no pose came: {:#?}", self.peer.statistics());
    }
}

/// Whether it comes all the time, and says nothing to whoever reads why a test failed.
fn is_steady(event: &PeerEvent) -> bool {
    matches!(event, PeerEvent::Space(Event::RoundTrip { .. }))
}

/// A space for tests.
pub fn settings() -> SpaceSettings {
    SpaceSettings {
        name: Name::clean("The Garden"),
        visibility: Visibility::Private,
        capacity: 32,
        activity: Tag::clean("party"),
        scene: Tag::clean("garden"),
    }
}

/// A player in a space of their own, and another one who has come in.
pub fn two() -> (Player, Joined, Player, Joined) {
    let (ada, ben) = (Player::start("Ada"), Player::start("Ben"));
    let ada_joined = ada.create();
    let ben_joined = ben.join(&ada.invite());
    assert_eq!(ada.member_joined().number, ben_joined.local);
    (ada, ada_joined, ben, ben_joined)
}
