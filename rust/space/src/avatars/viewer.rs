//! What one member sees of the local avatars, and what it is to be sent next.

use std::{collections::BTreeMap, time::Duration};

use metaverse_avatar::Level;
use metaverse_protocol::{
    datagram::{Bundle, BundleSequence, PoseEntry, Receipt},
    id::AvatarId,
    time::{Tick, Time},
};

use super::local::{LocalAvatars, References};
use crate::{
    config::{
        CAPTURE_PATIENCE, REFERENCE_AGE, REFERENCES, RESEND, RIG_PATIENCE, UNANSWERED,
        UPDATE_TOLERANCE,
    },
    interest::Wanted,
};

/// Before any capture, and so due with the next one and with the last.
const AT_ONCE: Time = Time(0);

/// The member at the other end of a link, as it watches the local avatars.
#[derive(Debug)]
pub(crate) struct Viewer {
    seen: BTreeMap<AvatarId, Seen>,
    sent: [Sent; BundleSequence::COUNT],
    next: BundleSequence,
}

/// The poses in a bundle that was not confirmed yet.
type Sent = Vec<(AvatarId, Level, Time)>;

/// One avatar in the viewer's eyes.
#[derive(Debug)]
struct Seen {
    wanted: Wanted,
    /// When the next update is due.
    due: Time,
    /// The pose that was sent last: when it was captured, in which detail, and when it was sent.
    sent: Option<(Time, Level, Time)>,
    /// Poses sent since the viewer has confirmed one.
    unanswered: u32,
    /// The newest poses that the viewer has, for each level, newest first.
    confirmed: [Vec<Time>; Level::ALL.len()],
}

impl Viewer {
    pub(crate) fn new() -> Self {
        Self {
            seen: BTreeMap::new(),
            sent: std::array::from_fn(|_| Sent::new()),
            next: BundleSequence::default(),
        }
    }

    /// Watches an avatar more or less closely from now on.
    pub(crate) fn watch(&mut self, avatar: AvatarId, wanted: Wanted) {
        let seen = self.seen.entry(avatar).or_insert_with(Seen::new);
        if seen.wanted != wanted {
            seen.wanted = wanted;
            seen.due = AT_ONCE;
        }
    }

    /// Forgets everything about an avatar that has gone or has got another skeleton. How it is watched is kept.
    pub(crate) fn forget(&mut self, avatar: AvatarId) {
        if let Some(seen) = self.seen.get_mut(&avatar) {
            *seen = Seen {
                wanted: seen.wanted,
                ..Seen::new()
            };
        }
        for bundle in &mut self.sent {
            bundle.retain(|(sent, ..)| *sent != avatar);
        }
    }

    /// Takes in what the viewer has confirmed.
    pub(crate) fn confirm(&mut self, receipt: Receipt) {
        for bundle in receipt.bundles() {
            for (avatar, level, captured) in std::mem::take(&mut self.sent[bundle.index()]) {
                if let Some(seen) = self.seen.get_mut(&avatar) {
                    seen.confirm(level, captured);
                }
            }
        }
    }

    /// The bundles that are due, and when the next ones will be if nothing changes until then.
    pub(crate) fn bundles(
        &mut self,
        now: Time,
        round_trip: Duration,
        avatars: &mut LocalAvatars,
    ) -> (Vec<Vec<u8>>, Option<Time>) {
        let mut due: Vec<(Time, AvatarId)> = self
            .outstanding(round_trip, avatars)
            .filter(|(_, _, at)| *at <= now)
            .map(|(avatar, captured, _)| (captured, avatar))
            .collect();
        due.sort_unstable();
        let bundles = due
            .chunk_by(|(a, _), (b, _)| a == b)
            .flat_map(|together| self.bundle(now, together, avatars))
            .collect();
        let later = self
            .outstanding(round_trip, avatars)
            .map(|(_, _, at)| at)
            .min();
        (bundles, later)
    }

    /// The avatars whose newest pose the viewer has not got: when it was captured, and when it is to be sent.
    fn outstanding(
        &mut self,
        round_trip: Duration,
        avatars: &LocalAvatars,
    ) -> impl Iterator<Item = (AvatarId, Time, Time)> {
        avatars.iter().filter_map(move |(avatar, shown)| {
            let seen = self.seen.entry(avatar).or_insert_with(Seen::new);
            let newest = shown.newest()?;
            let level = shown.level(seen.wanted.level);
            Some((avatar, newest, seen.due(newest, level, round_trip)?))
        })
    }

    /// Packs poses that were captured at the same moment.
    fn bundle(
        &mut self,
        now: Time,
        poses: &[(Time, AvatarId)],
        avatars: &mut LocalAvatars,
    ) -> Vec<Vec<u8>> {
        let mut full = Vec::new();
        let mut open: Option<Bundle> = None;
        for &(captured, avatar) in poses {
            let (Some(seen), Some(shown)) = (self.seen.get_mut(&avatar), avatars.get_mut(avatar))
            else {
                continue;
            };
            let level = seen.send(now, captured, shown.level(seen.wanted.level));
            let payload = shown.encode(level, &seen.references(now, level));
            let entry = PoseEntry {
                avatar,
                level: level.number(),
                payload: &payload,
            };
            if !open.as_mut().is_some_and(|bundle| bundle.push(entry)) {
                full.extend(open.take().and_then(Bundle::finish));
                let mut bundle = Bundle::new(self.next, Tick::from(captured));
                self.sent[self.next.index()].clear();
                self.next = self.next.next();
                bundle.push(entry);
                open = Some(bundle);
            }
            self.sent[self.next.back(1).index()].push((avatar, level, captured));
        }
        full.extend(open.and_then(Bundle::finish));
        full
    }
}

impl Seen {
    fn new() -> Self {
        Self {
            wanted: Wanted::WHATEVER_COMES,
            due: AT_ONCE,
            sent: None,
            unanswered: 0,
            confirmed: Default::default(),
        }
    }

    /// When the pose captured at `newest` is to be sent at `level`; `None` if the viewer has it so, or better.
    fn due(&self, newest: Time, level: Level, round_trip: Duration) -> Option<Time> {
        let is_confirmed = Level::ALL
            .into_iter()
            .take_while(|finer| *finer <= level)
            .any(|finer| self.confirmed[finer as usize].first() == Some(&newest));
        if is_confirmed {
            return None;
        }
        match self.sent {
            Some((captured, sent, at)) if captured == newest && sent == level => {
                Some(at + round_trip + RESEND)
            }
            _ => Some(self.turn(newest)),
        }
    }

    /// When the pose captured at `newest` has its turn: at once if it was captured when an update was due. One from before
    /// waits, as a newer one is likely to come.
    fn turn(&self, newest: Time) -> Time {
        let due = self.due.before(UPDATE_TOLERANCE);
        if newest >= due {
            return newest;
        }
        due + CAPTURE_PATIENCE
    }

    /// Notes that a pose is sent. Returns the level of detail that it is to have: the very first is the place alone,
    /// which is understood before the skeleton is known.
    fn send(&mut self, now: Time, captured: Time, level: Level) -> Level {
        let is_first = self.sent.is_none();
        let level = if is_first { Level::Far } else { level };
        self.due = if is_first {
            now + RIG_PATIENCE + UPDATE_TOLERANCE
        } else {
            let interval = Duration::from_secs(1) / u32::from(self.wanted.rate.max(1));
            (self.due + interval).max(captured + interval.saturating_sub(UPDATE_TOLERANCE))
        };
        self.sent = Some((captured, level, now));
        self.unanswered += 1;
        if self.unanswered > UNANSWERED {
            // Perhaps it has lost what it once had.
            self.unanswered = 0;
            self.confirmed = Default::default();
        }
        level
    }

    fn confirm(&mut self, level: Level, captured: Time) {
        self.unanswered = 0;
        let confirmed = &mut self.confirmed[level as usize];
        let place = confirmed.partition_point(|known| *known > captured);
        if confirmed.get(place) != Some(&captured) {
            confirmed.insert(place, captured);
            confirmed.truncate(REFERENCES);
        }
    }

    /// The poses of this level that the viewer has and that are not too old to name.
    fn references(&self, now: Time, level: Level) -> References {
        self.confirmed[level as usize]
            .iter()
            .filter(|captured| now.since(**captured) < REFERENCE_AGE)
            .map(|captured| Tick::from(*captured))
            .collect()
    }
}
