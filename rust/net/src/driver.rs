//! The actor behind a [`crate::Peer`]: it alone touches the machine and the links, and hands things from one to the
//! other.

mod entering;
mod outputs;

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use iroh::Endpoint;
use metaverse_protocol::{
    id::{ContentHash, MemberNumber},
    invite::Invite,
    name::Name,
    sign::Identity,
    time::Time,
};
use metaverse_space::{
    Space,
    io::{self, Input, JoinError},
    picture::{Decoded, PictureError},
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Options, PeerEvent, Reach, SpaceSettings,
    backlog::Backlog,
    clock,
    config::{STOP_PATIENCE, STOP_TIMEOUT, WRITES_AT_ONCE},
    endpoint,
    links::Links,
    over_members::{self, Crossing},
    pictures::Pictures,
    random,
    runtime::Stop,
    shared::{Profile, Shared},
    statistics::Counters,
};

/// What the game asks for.
#[derive(Debug)]
pub(crate) enum Command {
    CreateSpace(SpaceSettings),
    JoinSpace(String),
    LeaveSpace,
    SendMessage {
        to: Option<MemberNumber>,
        frame: Bytes,
    },
    Speaking {
        number: MemberNumber,
        is_speaking: bool,
    },
}

/// Runs a peer until its handle is dropped, or the runtime is to end.
pub(crate) async fn run(
    options: Options,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    stop: Stop,
) {
    let mut actor = JoinSet::new();
    actor.spawn(Driver::new(options, Arc::clone(&shared), commands, stop).run());
    if let Some(Err(error)) = actor.join_next().await {
        tracing::error!(%error, "a peer has failed");
        shared.forget_space();
        tell(
            &shared,
            PeerEvent::Failed(
                "The network has failed because of a fault in the program.".to_owned(),
            ),
        );
    }
    tell(&shared, PeerEvent::Stopped);
}

fn tell(shared: &Shared, event: PeerEvent) {
    if shared.inbox.push(event).is_err() {
        tracing::warn!("the game fetches no events, so that one is lost");
    }
}

struct Driver {
    secret: Option<[u8; 32]>,
    reach: Reach,
    name: Name,
    image: Option<Bytes>,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    stop: Stop,
    /// The endpoint for the present or the next space, once it is bound.
    home: Option<Home>,
    machine: Option<Space>,
    /// What is to be entered as soon as there is an endpoint.
    entering: Option<Entering>,
    /// Until when the others may take their last messages before the space is left.
    leaving: Option<Leaving>,
    wake: Option<Time>,
    pictures: Pictures,
    is_encoding: bool,
    is_overflowed: bool,
    is_stopping: bool,
    work: JoinSet<Done>,
    /// Endpoints of spaces that were left.
    closing: JoinSet<()>,
}

/// The time between the wish to leave and the farewell.
struct Leaving {
    by: Instant,
    /// Whether the others have the last shared values.
    is_state_taken: bool,
}

/// An identity, and the links made in its name.
struct Home {
    identity: Identity,
    links: Links,
    crossing: Crossing,
}

enum Entering {
    New(SpaceSettings),
    Invited(Box<Invite>),
}

/// Work that was done beside.
enum Done {
    Bound(Result<(Identity, Endpoint, Crossing), String>),
    Encoded(Result<Bytes, PictureError>),
    Decoded(ContentHash, Result<Decoded, PictureError>),
}

/// What the actor wakes up for.
enum Happening {
    Command(Command),
    Input(Input),
    Attention,
    Done(Done),
    Stop,
}

impl Driver {
    fn new(
        options: Options,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
        stop: Stop,
    ) -> Self {
        Self {
            secret: options.secret,
            reach: options.reach,
            name: options.name,
            image: None,
            shared,
            commands,
            stop,
            home: None,
            machine: None,
            entering: None,
            leaving: None,
            wake: None,
            pictures: Pictures::new(),
            is_encoding: false,
            is_overflowed: false,
            is_stopping: false,
            work: JoinSet::new(),
            closing: JoinSet::new(),
        }
    }

    async fn run(mut self) {
        self.bind();
        while !self.is_stopping || self.machine.is_some() {
            match self.next().await {
                Happening::Command(command) => self.obey(command),
                Happening::Input(input) => self.handle(input),
                Happening::Attention => self.attend(),
                Happening::Done(done) => self.done(done),
                Happening::Stop => self.stop(),
            }
            self.dispatch_outputs();
            self.publish();
            while self.closing.try_join_next().is_some() {}
        }
        self.finish().await;
    }

    /// What happens next. Cancel-safe, as every branch is.
    async fn next(&mut self) -> Happening {
        tokio::select! {
            command = self.commands.recv(), if !self.is_stopping => command.map_or(Happening::Stop, Happening::Command),
            input = next_input(self.home.as_mut()) => Happening::Input(input),
            () = sleep_until(self.wake) => {
                self.wake = None;
                Happening::Input(Input::Wake)
            }
            () = self.shared.attention.notified() => Happening::Attention,
            Some(done) = self.work.join_next(), if !self.work.is_empty() => match done {
                Ok(done) => Happening::Done(done),
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Happening::Stop,
                },
            },
            () = last_words_taken(&self.shared.backlog, self.leaving.as_ref()) => {
                self.leaving = None;
                Happening::Input(Input::Command(io::Command::Leave))
            }
            () = asked_to_stop(&mut self.stop), if !self.is_stopping => Happening::Stop,
        }
    }

    /// Ends the actor as soon as the space is left.
    fn stop(&mut self) {
        self.is_stopping = true;
        self.leave_by(Instant::now() + STOP_PATIENCE);
    }

    /// Closes everything, as far as there is time.
    async fn finish(mut self) {
        self.close_home();
        self.publish();
        let all_closed = async { while self.closing.join_next().await.is_some() {} };
        if timeout(STOP_TIMEOUT, all_closed).await.is_err() {
            tracing::debug!("a peer was stopped before everything was closed");
        }
    }

    /// Binds an endpoint for the next space.
    fn bind(&mut self) {
        let (secret, counters) = (self.secret, Arc::clone(&self.shared.counters));
        self.work
            .spawn(async move { Done::Bound(bind(secret, &counters).await) });
    }

    fn close_home(&mut self) {
        self.shared.forget_space();
        self.machine = None;
        self.leaving = None;
        self.wake = None;
        if let Some(home) = self.home.take() {
            self.closing.spawn(home.links.shut_down());
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Bound(Ok((identity, endpoint, crossing))) => {
                self.bound(identity, endpoint, crossing);
            }
            Done::Bound(Err(message)) => self.not_bound(message),
            Done::Encoded(result) => self.encoded(result),
            Done::Decoded(
                hash,
                Ok(Decoded {
                    width,
                    height,
                    rgba,
                }),
            ) => {
                self.tell(PeerEvent::Image {
                    hash,
                    width,
                    height,
                    rgba,
                });
            }
            Done::Decoded(hash, Err(error)) => {
                tracing::debug!(?hash, %error, "an image of somebody else cannot be shown");
                self.shared.counters.images_rejected.increment();
            }
        }
    }

    fn bound(&mut self, identity: Identity, endpoint: Endpoint, crossing: Crossing) {
        let (room, backlog) = (self.shared.inbox.room(), Arc::clone(&self.shared.backlog));
        let links = Links::new(
            endpoint,
            self.reach,
            room,
            backlog,
            Arc::clone(&self.shared.counters),
        );
        self.tell(PeerEvent::Online {
            peer: links.local(),
        });
        self.home = Some(Home {
            identity,
            links,
            crossing,
        });
        if let Some(entering) = self.entering.take() {
            self.enter(entering);
        }
    }

    fn not_bound(&mut self, message: String) {
        match self.entering.take() {
            Some(_) => self.join_failed(JoinError::Unreachable, message),
            None => self.tell(PeerEvent::Failed(message)),
        }
        self.is_stopping = true;
    }

    /// Takes what the game has put down: avatars, shared values, how it watches, and how the local person wants to be seen.
    fn attend(&mut self) {
        if let Some(machine) = &mut self.machine {
            let view = self.shared.view.lock().take().map(io::Command::from);
            for command in view.into_iter().chain(self.shared.local_avatars.take()) {
                machine.handle(clock::moment(), Input::Command(command));
            }
        }
        self.write_state();
        if self.is_encoding {
            return;
        }
        let wanted = self.shared.profile.lock().take();
        if let Some(profile) = wanted {
            self.set_profile(profile);
        }
    }

    /// Gives the machine what the game has written. Once it has taken that in, the game is told: what comes later of the
    /// same keys is later.
    fn write_state(&mut self) {
        for _ in 0..WRITES_AT_ONCE {
            let Some((key, written)) = self.shared.written_state.take() else {
                return;
            };
            self.handle(Input::Command(io::Command::WriteState {
                key: key.clone(),
                value: written.value,
            }));
            if self.shared.state_inbox.put_written(key, written.count) {
                self.tell(PeerEvent::StateChanged);
            }
        }
        self.shared.attention.notify_one();
    }

    fn set_profile(&mut self, profile: Profile) {
        self.name = profile.name;
        let Some(picture) = profile.picture else {
            self.image = None;
            self.show_profile();
            return;
        };
        self.is_encoding = true;
        let pictures = self.pictures.clone();
        self.work
            .spawn(async move { Done::Encoded(pictures.encode(picture).await) });
    }

    fn encoded(&mut self, result: Result<Bytes, PictureError>) {
        self.is_encoding = false;
        self.image = match result {
            Ok(image) => Some(image),
            Err(error) => {
                self.tell(PeerEvent::Failed(error.to_string()));
                None
            }
        };
        self.show_profile();
        self.attend();
    }

    fn show_profile(&mut self) {
        let (name, image) = (self.name.clone(), self.image.clone());
        self.handle(Input::Command(io::Command::SetProfile { name, image }));
    }

    /// Gives the machine what is for it. Without a machine nothing is for anybody.
    fn handle(&mut self, input: Input) {
        if let Some(machine) = &mut self.machine {
            machine.handle(clock::moment(), input);
        }
    }

    /// Lets the game's thread read the present numbers.
    fn publish(&self) {
        let links = self.home.as_ref().map_or(0, |home| home.links.count());
        self.shared.links.store(links as u64, Ordering::Relaxed);
        if let Some(machine) = &self.machine {
            *self.shared.space.lock() = machine.counters();
            let now = clock::moment();
            self.shared
                .routing
                .renew(now.time, || machine.routing_map(now));
        }
    }
}

async fn next_input(home: Option<&mut Home>) -> Input {
    match home {
        Some(Home {
            links, crossing, ..
        }) => tokio::select! {
            input = links.next() => input,
            (to, bytes) = crossing.next() => Input::Packet { to, bytes },
        },
        None => std::future::pending().await,
    }
}

async fn sleep_until(time: Option<Time>) {
    match time {
        Some(time) => tokio::time::sleep_until(clock::instant(time)).await,
        None => std::future::pending().await,
    }
}

async fn last_words_taken(backlog: &Backlog, leaving: Option<&Leaving>) {
    match leaving {
        // Whoever has not taken them by then will not.
        Some(leaving) if leaving.is_state_taken => {
            drop(timeout_at(leaving.by, backlog.emptied()).await);
        }
        Some(leaving) => tokio::time::sleep_until(leaving.by).await,
        None => std::future::pending().await,
    }
}

async fn asked_to_stop(stop: &mut Stop) {
    // Without a sender the runtime is ending, too.
    let _ = stop.wait_for(|is_ending| *is_ending).await;
}

async fn bind(
    secret: Option<[u8; 32]>,
    counters: &Arc<Counters>,
) -> Result<(Identity, Endpoint, Crossing), String> {
    let secret = match secret {
        Some(secret) => secret,
        None => random::secret()
            .map_err(|error| format!("There is no randomness for an identity: {error}."))?,
    };
    let identity = Identity::from_secret(&secret);
    let (over_members, crossing) = over_members::over_members(identity.peer_id(), counters);
    match endpoint::bind(&secret, over_members).await {
        Ok(endpoint) => Ok((identity, endpoint, crossing)),
        Err(error) => Err(format!("The network cannot be used: {error:#}.")),
    }
}
