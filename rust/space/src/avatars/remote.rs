//! The avatars of one other member, as it shows them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use metaverse_avatar::{Decoded, Decoder, Level, Pose, Rig, RootPose, Solver};
use metaverse_protocol::{
    datagram::{BundleSequence, PoseEntry, Receipt},
    id::AvatarId,
    limits::AVATARS,
    time::{Tick, Time},
};

use crate::{
    config::RECEIPT_DELAY,
    interest::{Candidate, Wanted},
};

/// Over so long a time ticks tell which pose is the later one: less than half of their range.
pub(crate) const TICKS_TELL: Duration = Duration::from_secs(30);

/// A member's avatars, as far as they have been seen.
#[derive(Debug, Default)]
pub(crate) struct RemoteAvatars(BTreeMap<AvatarId, RemoteAvatar>);

#[derive(Debug)]
pub(crate) struct RemoteAvatar {
    /// Its skeleton, once that was told.
    rig: Option<Arc<Rig>>,
    decoder: Decoder,
    solver: Solver,
    newest: Option<Newest>,
    /// The whole figure as it is known: each pose replaces what has come of it.
    pose: Pose,
    /// How it is watched, and what the member was told of that.
    wanted: Option<Wanted>,
    told: Option<Wanted>,
}

/// The newest pose of an avatar.
#[derive(Clone, Copy, Debug)]
struct Newest {
    captured: Time,
    tick: Tick,
    level: Level,
}

/// What became of a pose.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It is the newest, or the newest in more detail: when it was captured, how it came, and the whole figure.
    Newest(Time, Level, Box<Pose>),
    /// A newer one was there before; it serves to predict others.
    Late,
    /// It was not understood, or of one avatar too many.
    Unknown,
}

impl RemoteAvatars {
    /// Takes in what an avatar's skeleton is. False if there are too many avatars.
    pub(crate) fn show(&mut self, avatar: AvatarId, rig: &Arc<Rig>) -> bool {
        let has_room = self.has_room();
        match self.0.entry(avatar) {
            Entry::Occupied(mut shown) => shown.get_mut().set_rig(rig),
            Entry::Vacant(place) if has_room => {
                place.insert(RemoteAvatar::default()).set_rig(rig);
            }
            Entry::Vacant(_) => return false,
        }
        true
    }

    /// Whether an avatar is known to have this skeleton.
    pub(crate) fn has_rig(&self, avatar: AvatarId, rig: &Rig) -> bool {
        let known = self.0.get(&avatar).and_then(|shown| shown.rig.as_ref());
        known.is_some_and(|known| **known == *rig)
    }

    /// Whether poses of this level can be understood: without a skeleton, places alone.
    pub(crate) fn understands(&self, avatar: AvatarId, level: Level) -> bool {
        level == Level::Far || self.0.get(&avatar).is_some_and(|shown| shown.rig.is_some())
    }

    /// The skeletons that are known.
    pub(crate) fn rigs(&self) -> impl Iterator<Item = (AvatarId, &Rig)> {
        self.0
            .iter()
            .filter_map(|(avatar, shown)| Some((*avatar, &**shown.rig.as_ref()?)))
    }

    /// Forgets an avatar; false if it was not there.
    pub(crate) fn hide(&mut self, avatar: AvatarId) -> bool {
        self.0.remove(&avatar).is_some()
    }

    /// Takes in a pose captured at `captured`, which stands for `tick`.
    pub(crate) fn take(&mut self, captured: Time, tick: Tick, entry: PoseEntry<'_>) -> Taken {
        let has_room = self.has_room();
        let shown = match self.0.entry(entry.avatar) {
            Entry::Occupied(shown) => shown.into_mut(),
            // A place is understood before the skeleton is known.
            Entry::Vacant(place) if has_room => place.insert(RemoteAvatar::default()),
            Entry::Vacant(_) => return Taken::Unknown,
        };
        shown.take(captured, tick, entry)
    }

    /// The avatars as candidates to be watched.
    pub(crate) fn candidates(
        &self,
        is_speaking: bool,
    ) -> impl Iterator<Item = (AvatarId, Candidate)> {
        self.0.iter().map(move |(avatar, shown)| {
            let level = shown.wanted.map_or(Level::Near, |wanted| wanted.level);
            let candidate = Candidate {
                position: shown.pose.root.position(),
                is_speaking,
                level,
            };
            (*avatar, candidate)
        })
    }

    /// Watches an avatar more or less closely from now on.
    pub(crate) fn watch(&mut self, avatar: AvatarId, wanted: Wanted) {
        if let Some(shown) = self.0.get_mut(&avatar) {
            shown.wanted = Some(wanted);
        }
    }

    /// Whether the member does not know how an avatar is watched; it is taken as told.
    pub(crate) fn tell(&mut self, avatar: AvatarId) -> bool {
        let shown = self.0.get_mut(&avatar);
        shown.is_some_and(|shown| std::mem::replace(&mut shown.told, shown.wanted) != shown.wanted)
    }

    /// The link is gone, and with it what the member was told on it.
    pub(crate) fn forget_told(&mut self) {
        for shown in self.0.values_mut() {
            shown.told = None;
        }
    }

    fn has_room(&self) -> bool {
        self.0.len() < AVATARS
    }
}

impl Default for RemoteAvatar {
    fn default() -> Self {
        let rig = Rig::default();
        Self {
            rig: None,
            solver: Solver::new(&rig),
            decoder: Decoder::new(rig),
            newest: None,
            pose: Pose::rest(RootPose::default()),
            wanted: None,
            told: None,
        }
    }
}

impl RemoteAvatar {
    /// Another skeleton: nothing is known of how it is bent.
    fn set_rig(&mut self, rig: &Arc<Rig>) {
        self.rig = Some(Arc::clone(rig));
        self.decoder.set_rig(Rig::clone(rig));
        self.solver = Solver::new(rig);
        self.pose = Pose::rest(self.pose.root);
    }

    fn take(&mut self, captured: Time, tick: Tick, entry: PoseEntry<'_>) -> Taken {
        let Some(level) = Level::from_number(entry.level) else {
            return Taken::Unknown;
        };
        let Ok(decoded) = self.decoder.decode(tick, level, entry.payload) else {
            return Taken::Unknown;
        };
        let came = Newest {
            captured,
            tick,
            level,
        };
        let Some(newest) = came.after(self.newest) else {
            return Taken::Late;
        };
        self.newest = Some(newest);
        match decoded {
            Decoded::Near(pose) => self.pose.clone_from(pose),
            Decoded::Middle(middle) => self.solver.solve(middle, &mut self.pose),
            Decoded::Far(root) => self.pose.root = *root,
        }
        Taken::Newest(newest.captured, level, Box::new(self.pose.clone()))
    }
}

impl Newest {
    /// This one, if it says more than the newest so far. Poses are told apart by their ticks, since what is known of the
    /// sender's clock, and with it the moment of a capture, changes by and by.
    fn after(self, newest: Option<Self>) -> Option<Self> {
        let Some(newest) = newest else {
            return Some(self);
        };
        let apart = self.captured.micros_after(newest.captured);
        if apart.unsigned_abs() > TICKS_TELL.as_micros() as u64 {
            return (apart > 0).then_some(self);
        }
        match self.tick.millis_after(newest.tick) {
            0 if self.level < newest.level => Some(Self {
                captured: newest.captured,
                ..self
            }),
            later if later > 0 => Some(Self {
                captured: self.captured.max(newest.captured),
                ..self
            }),
            _ => None,
        }
    }
}

/// The bundles of a link that its sender does not know to have arrived.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    receipt: Option<Receipt>,
    due: Option<Time>,
}

impl Receipts {
    /// Notes a bundle that was decoded in full.
    pub(crate) fn add(&mut self, now: Time, sequence: BundleSequence) {
        match &mut self.receipt {
            Some(receipt) => {
                receipt.add(sequence);
            }
            None => self.receipt = Some(Receipt::of(sequence)),
        }
        self.due.get_or_insert(now + RECEIPT_DELAY);
    }

    /// When the receipt must go, if there is one to give.
    pub(crate) fn due(&self) -> Option<Time> {
        self.due
    }

    /// The receipt, if there is one to give.
    pub(crate) fn take(&mut self) -> Option<Receipt> {
        self.due.take()?;
        self.receipt
    }
}
