//! One open link: whether the other side lives, how far away it is, what its clock shows, how much it may send.

use std::time::Duration;

use metaverse_protocol::{
    control::Need,
    id::PeerId,
    lane::Lane,
    quality::{LinkQuality, LossStep, RoundTripStep},
    time::Time,
};

use crate::{
    avatars::{Receipts, Viewer},
    config::{
        CARRIED_PER_SECOND, CONTROL_PER_SECOND, DATAGRAMS_PER_SECOND, FRAMES_PER_SECOND,
        HEARD_PER_MINUTE, IMAGES_PER_MINUTE, JOINS_PER_PEER, LIAR_PATIENCE, PING_INTERVAL, SILENCE,
        STRAIGHT_SILENCE, WATCH_CHANCE, WATCH_PAUSE, WATCH_PINGS, WORRY,
    },
    echoes::Echoes,
    io::PathKind,
    rate::Bucket,
    way::{Answers, Way},
};

/// How often a link is pinged until the first answer, without which the other's clock is unknown, and whenever the
/// other side is strangely silent: lost datagrams alone must not look like death.
const WORRIED_PINGS: Duration = Duration::from_millis(150);

#[derive(Debug)]
pub(crate) struct Link {
    /// When it was opened.
    pub opened: Time,
    /// How the transport reaches the other side.
    pub path: PathKind,
    /// For what the local member needs the link, and for what the other side does, as they have told.
    pub need: Need,
    pub needed: Need,
    /// Since when neither does.
    pub idle_since: Option<Time>,
    /// Which way poses go.
    pub way: Way,
    /// Over whom the other side says that its poses come.
    pub comes_over: Option<PeerId>,
    /// Who was believed, without the other side's word, to hand on from it, and since when.
    unchecked: Option<(PeerId, Time)>,
    /// Who is not, and until when.
    liar: Option<(PeerId, Time)>,
    /// Whether what goes straight is answered.
    pub straight: Answers,
    /// Whether what is handed on is answered.
    pub carried: Answers,
    last_heard: Time,
    straight_heard: Time,
    next_ping: Time,
    last_ping: Time,
    /// When the last ping was sent that was to be handed on.
    carried_ping: Option<Time>,
    echoes: Echoes,
    datagrams: Bucket,
    /// Packets that are still carried for the other side.
    carries: Bucket,
    control: Bucket,
    frames: Bucket,
    /// How often the other side may still ask to be admitted.
    pub joins: Bucket,
    /// How often the other side may still ask for announcements that it lacks.
    pub heard: Bucket,
    /// Images that the other side may still ask for.
    pub images: Bucket,
    /// What the other side sees of the local avatars.
    pub viewer: Viewer,
    /// What the other side is to know of the poses that have come.
    pub receipts: Receipts,
}

impl Link {
    pub(crate) fn new(now: Time) -> Self {
        let second = Duration::from_secs(1);
        let minute = Duration::from_mins(1);
        Self {
            opened: now,
            path: PathKind::Unknown,
            need: Need::default(),
            needed: Need::default(),
            idle_since: None,
            way: Way::Straight,
            comes_over: None,
            unchecked: None,
            liar: None,
            straight: Answers::default(),
            carried: Answers::default(),
            last_heard: now,
            straight_heard: now,
            next_ping: now,
            last_ping: now,
            carried_ping: None,
            echoes: Echoes::default(),
            datagrams: Bucket::new(now, DATAGRAMS_PER_SECOND, second),
            carries: Bucket::new(now, CARRIED_PER_SECOND, second),
            control: Bucket::new(now, CONTROL_PER_SECOND, second),
            frames: Bucket::new(now, FRAMES_PER_SECOND, second),
            joins: Bucket::new(now, JOINS_PER_PEER, second),
            heard: Bucket::new(now, HEARD_PER_MINUTE, minute),
            images: Bucket::new(now, IMAGES_PER_MINUTE, minute),
            viewer: Viewer::new(),
            receipts: Receipts::default(),
        }
    }

    /// Notes a datagram; false if it is one too many.
    pub(crate) fn hear_datagram(&mut self, now: Time) -> bool {
        self.hear_straight(now);
        self.datagrams.take(now)
    }

    /// Whether one more packet is carried for the other side.
    pub(crate) fn may_carry(&mut self, now: Time) -> bool {
        self.carries.take(now)
    }

    /// Notes a frame; false if it is one too many.
    pub(crate) fn hear_frame(&mut self, now: Time, lane: Lane) -> bool {
        self.hear_straight(now);
        match lane {
            Lane::Control => self.control.take(now),
            Lane::Message | Lane::Announcement | Lane::State | Lane::Bulk => self.frames.take(now),
        }
    }

    fn hear_straight(&mut self, now: Time) {
        self.last_heard = now;
        self.straight_heard = now;
    }

    /// Notes that something came over another member.
    pub(crate) fn hear_carried(&mut self, now: Time) {
        self.last_heard = now;
    }

    /// Whether nothing has come straight for longer than usual.
    pub(crate) fn is_straight_silent(&self, now: Time) -> bool {
        now.since(self.straight_heard) >= STRAIGHT_SILENCE
    }

    /// Whether the other side is heard, but not straight.
    pub(crate) fn is_heard_over_others(&self, now: Time) -> bool {
        self.is_straight_silent(now) && now.since(self.last_heard) < 2 * PING_INTERVAL
    }

    pub(crate) fn is_silent(&self, now: Time) -> bool {
        now.since(self.last_heard) >= SILENCE
    }

    /// Whether it is time for a ping, which is then taken as sent, in all ways that there are.
    pub(crate) fn take_ping(&mut self, now: Time) -> bool {
        if now < self.next_ping {
            return false;
        }
        let silence = now.since(self.straight_heard);
        let is_worrying = self.round_trip().is_none() || silence > PING_INTERVAL && silence < WORRY;
        let pause = if is_worrying {
            WORRIED_PINGS
        } else {
            PING_INTERVAL
        };
        self.next_ping = now + pause;
        self.last_ping = now;
        self.echoes.sent(now);
        self.straight.asked(now);
        true
    }

    /// Listens closely from `since` on, and pings wherever nothing is heard. Returns when the other side must be taken for gone unless it
    /// is heard before.
    pub(crate) fn watch(&mut self, now: Time, since: Time) -> Time {
        let ping = self.last_heard.max(self.last_ping) + WATCH_PAUSE;
        self.next_ping = self.next_ping.min(ping.max(now));
        let loss = self.echoes.loss(now).clamp(0.0, 0.9);
        let pings = (WATCH_CHANCE.ln() / loss.max(f32::MIN_POSITIVE).ln()).ceil() as u32;
        let patience = WATCH_PAUSE * (pings.max(WATCH_PINGS) + 1);
        self.last_heard.max(since) + self.round_trip().unwrap_or(SILENCE) + patience
    }

    /// Pings at the next occasion.
    pub(crate) fn check(&mut self, now: Time) {
        self.next_ping = self.next_ping.min(now);
    }

    /// Notes a ping that is handed on.
    pub(crate) fn ping_carried(&mut self, now: Time) {
        self.carried_ping = Some(now);
        self.carried.asked(now);
    }

    /// Believes for now that `by` hands on from the other side, and pings that. If it answers straight without having
    /// said so, `by` is a liar. Where several hand on by turns, they are not all pinged for: that would make more to hand on.
    pub(crate) fn believe_unchecked(&mut self, now: Time, by: PeerId) {
        if self.unchecked.is_none_or(|(believed, _)| believed != by) {
            self.unchecked = Some((by, now));
            self.check(now.max(self.last_ping + WORRIED_PINGS));
        }
    }

    /// Whether `by` was found to hand on what the other side did not send.
    pub(crate) fn is_liar(&self, now: Time, by: PeerId) -> bool {
        self.liar
            .is_some_and(|(liar, until)| liar == by && now < until)
    }

    /// Notes on which ways answers are overdue.
    pub(crate) fn tend_answers(&mut self, now: Time) {
        let round_trip = self.round_trip().unwrap_or_default();
        self.straight.tend(now, round_trip);
        self.carried.tend(now, round_trip);
    }

    /// When the link next needs to be looked at.
    pub(crate) fn due(&self) -> Time {
        let round_trip = self.round_trip().unwrap_or_default();
        let answers = [self.straight.due(round_trip), self.carried.due(round_trip)];
        let silent = self.last_heard + SILENCE;
        answers
            .into_iter()
            .flatten()
            .fold(self.next_ping.min(silent), Time::min)
    }

    /// Takes in the answer to a ping. False if no such ping can have been sent.
    pub(crate) fn pong(&mut self, now: Time, sent: Time, received: Time) -> bool {
        if self.straight.is_overdue() {
            // What was lost while the way was dead says nothing of how it is alive.
            self.echoes.forget_lost();
        }
        self.straight.answered(now);
        if let Some((by, _)) = self.unchecked.take_if(|(_, since)| sent >= *since)
            && self.comes_over != Some(by)
        {
            self.liar = Some((by, now + LIAR_PATIENCE));
        }
        self.echoes.answered(now, self.opened, sent, received)
    }

    /// Takes in an answer that was handed on, be it after the next ping. False if no such ping can have been.
    pub(crate) fn pong_carried(&mut self, now: Time, sent: Time) -> bool {
        let may_have_been = |last| sent <= last && now.since(sent) < SILENCE;
        if !self.carried_ping.is_some_and(may_have_been) {
            return false;
        }
        self.carried.answered(now);
        true
    }

    /// Poses have gone out that are to be confirmed.
    pub(crate) fn poses_sent(&mut self, now: Time) {
        match self.way {
            Way::Straight => self.straight.asked(now),
            Way::Over { .. } => self.carried.asked(now),
        }
    }

    /// Poses were confirmed.
    pub(crate) fn poses_confirmed(&mut self, now: Time) {
        match self.way {
            Way::Straight => self.straight.answered(now),
            Way::Over { .. } => self.carried.answered(now),
        }
    }

    /// Whether it goes from here to the other side without another member's help.
    pub(crate) fn is_straight(&self) -> bool {
        matches!(self.path, PathKind::Direct | PathKind::Relay)
    }

    /// How poses reach the other side.
    pub(crate) fn shown_path(&self) -> PathKind {
        match self.way {
            Way::Straight => self.path,
            Way::Over { .. } => PathKind::Forwarded,
        }
    }

    /// The smoothed round trip.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.echoes.round_trip()
    }

    /// The other's clock minus ours in microseconds.
    pub(crate) fn clock_offset(&self) -> Option<i64> {
        self.echoes.clock_offset()
    }

    /// How good the link is, if that is known and it needs nobody's help.
    pub(crate) fn quality(&self, now: Time) -> Option<LinkQuality> {
        if !self.is_straight() {
            return None;
        }
        Some(LinkQuality {
            is_relayed: self.path == PathKind::Relay,
            round_trip: RoundTripStep::of(self.echoes.least_round_trip()?),
            loss: LossStep::of(self.echoes.loss(now)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_word() {
        let mut link = Link::new(Time(0));
        link.hear_datagram(Time(1_000_000));
        assert!(!link.is_silent(Time(0) + SILENCE));
        assert!(link.is_silent(Time(1_000_000) + SILENCE));
    }

    #[test]
    fn answers_over_an_ocean_count_though_the_next_ping_is_under_way() {
        let mut link = Link::new(Time(0));
        link.ping_carried(Time(1_000_000));
        link.ping_carried(Time(1_150_000));
        assert!(link.pong_carried(Time(1_250_000), Time(1_000_000)));
        assert!(link.pong_carried(Time(1_400_000), Time(1_150_000)));
        assert!(!link.pong_carried(Time(1_400_000), Time(1_200_000)));
        assert!(!link.pong_carried(Time(9_000_000), Time(1_150_000)));
    }

    #[test]
    fn two_that_hand_on_by_turns_make_no_storm_of_pings() {
        let mut link = Link::new(Time(0));
        let pings = (1_000..2_000_u64).filter(|&millis| {
            let now = Time(millis * 1_000);
            link.believe_unchecked(now, PeerId([millis as u8 % 2; 32]));
            link.take_ping(now)
        });
        assert!(pings.count() <= 8);
    }

    #[test]
    fn what_is_carried_counts_as_a_word_but_not_as_a_straight_one() {
        let mut link = Link::new(Time(0));
        link.hear_carried(Time(1_000_000));
        assert!(!link.is_silent(Time(0) + SILENCE));
        assert!(link.is_straight_silent(Time(1_000_000)));
    }
}
