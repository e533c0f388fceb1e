//! What is found out about a world, and the figures that come of it.

use std::{collections::BTreeMap, time::Duration};

use metaverse_avatar::Level;
use metaverse_protocol::time::Time;
use metaverse_space::{Route, Traffic, io::PathKind};
use serde::Serialize;

use crate::{
    journal::Seen,
    member::{BEAT, Member},
    net::{Net, Who},
};

/// Receivers that are looked at, at most.
const RECEIVERS: usize = 64;
/// How long both must have been there, or a level have been kept, before it counts.
const SETTLED: Duration = Duration::from_secs(2);
/// How old the last sign of somebody may be who is reached.
const REACHED: Duration = Duration::from_secs(5);
/// Packets a second that make a member a forwarder.
const FORWARDING: f64 = 1.0;

/// What a simulation has shown. Times are in milliseconds; what has not happened has none.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Members inside at the end.
    pub members: usize,
    /// Kilobits a second that the median member sends, with all headers.
    pub uplink_kbps_p50: Option<f64>,
    /// Kilobits a second that 95 % of members do not exceed.
    pub uplink_kbps_p95: Option<f64>,
    /// The same of those that carry for others.
    pub forwarder_uplink_kbps_p95: Option<f64>,
    /// Age of poses of members that are seen in full, beyond the direct delay.
    pub near_age_ms_p95: Option<f64>,
    /// Of those of which head, hands and feet are seen.
    pub middle_age_ms_p95: Option<f64>,
    /// Of those of which the place is seen.
    pub far_age_ms_p95: Option<f64>,
    /// Share of ordered pairs of which the one has seen the other in the last 5 s, at the end.
    pub reachable_pairs: f64,
    /// The same share over all seconds.
    pub reachable_pairs_mean: f64,
    /// Round trip of the ways in use, divided by that of the best way there is.
    pub route_over_best_p95: Option<f64>,
    /// The longest gap between poses of a pair whose link dies, beyond the usual one.
    pub failover_ms_p95: Option<f64>,
    /// From the crash of a host until a member names the next one, for those who name the same.
    pub host_crash_ms_p95: Option<f64>,
    /// Members on somebody's list 10 s after they were gone.
    pub ghosts: u64,
    /// Members listed twice, and messages delivered twice.
    pub duplicates: u64,
    /// Newcomers that did not get in.
    pub refused: u64,
    /// Members that were sent away, or gave up.
    pub evicted: u64,
    /// Pieces that found no room in a queue.
    pub dropped: u64,
    /// Ways in use that lead nowhere: no link, or a dead one.
    pub routes_missing: u64,
    /// Receivers of whose poses the age was taken.
    pub receivers: usize,
    /// Seconds until everybody was there and settled, and in all.
    pub arrival_seconds: f64,
    /// Of virtual time.
    pub seconds: f64,
    /// What the machines have counted, without what is zero.
    pub counters: BTreeMap<&'static str, u64>,
    /// For distances between avatars in metres: the median and the 95th percentile of the age of poses.
    #[serde(skip)]
    pub ages_by_metres: Vec<(f64, f64, f64)>,
    /// Each gap between poses of a pair whose link died, beyond the usual one.
    #[serde(skip)]
    pub failovers_ms: Vec<f64>,
    /// How long each survivor of a crash needed to name the next host.
    #[serde(skip)]
    pub host_crashes_ms: Vec<f64>,
    /// A hash of all that happened.
    pub digest: String,
}

/// How often each age was found, by milliseconds.
#[derive(Clone)]
struct Ages(Vec<u64>);

/// Metres of a step of the distance, and how many there are; the last has all beyond.
const DISTANCE_STEP: f32 = 2.5;
const DISTANCES: usize = 40;
/// The longest age that is told from longer ones, in milliseconds.
const AGE_MOST: usize = 10_000;

pub(crate) struct Findings {
    began: Time,
    /// Bytes sent and packets carried before that, by member.
    before: Vec<(u64, u64)>,
    stride: usize,
    ages: [Ages; Level::ALL.len()],
    /// By steps of the distance.
    ages_by_distance: Vec<Ages>,
    reached: u64,
    pairs: u64,
    detours: Vec<f64>,
    routes_missing: u64,
    crownings: Vec<f64>,
    ghosts: u64,
    refused: u64,
    evicted: u64,
    counters: BTreeMap<&'static str, u64>,
}

impl Findings {
    pub(crate) fn new(members: usize) -> Self {
        Self {
            began: Time(0),
            before: Vec::new(),
            stride: members.div_ceil(RECEIVERS),
            ages: Level::ALL.map(|_| Ages::new()),
            ages_by_distance: vec![Ages::new(); DISTANCES],
            reached: 0,
            pairs: 0,
            detours: Vec::new(),
            routes_missing: 0,
            crownings: Vec::new(),
            ghosts: 0,
            refused: 0,
            evicted: 0,
            counters: BTreeMap::new(),
        }
    }

    pub(crate) fn begin(&mut self, now: Time, members: &[Member]) {
        self.began = now;
        let sent = |member: &Member| (member.journal.sent_bytes, member.counters().packets_carried);
        self.before = members.iter().map(sent).collect();
    }

    // ---- who is looked at ----

    fn honest(members: &[Member]) -> impl Iterator<Item = &Member> {
        members
            .iter()
            .filter(|member| member.is_inside() && member.lie.is_none())
    }

    fn has_settled(member: &Member, now: Time, time: Duration) -> bool {
        member
            .journal
            .entered
            .is_some_and(|entered| now.since(entered) >= time)
    }

    fn receivers<'a>(
        &self,
        members: &'a [Member],
        now: Time,
    ) -> impl Iterator<Item = &'a Member> + use<'a> {
        Self::honest(members)
            .step_by(self.stride)
            .filter(move |member| Self::has_settled(member, now, SETTLED))
    }

    pub(crate) fn is_near_for_long(seen: &Seen, now: Time) -> bool {
        seen.level == Level::Near && now.since(seen.since) >= SETTLED
    }

    // ---- while it goes on ----

    pub(crate) fn ages(&mut self, net: &Net, members: &[Member], now: Time) {
        for by in self.receivers(members, now) {
            for of in Self::honest(members) {
                let Some(seen) = by.journal.seen(of.who) else {
                    continue;
                };
                if now.since(seen.since) < SETTLED || !Self::has_settled(of, now, SETTLED) {
                    continue;
                }
                let age = now.since(exact_capture(of, seen.captured));
                let beyond = age.saturating_sub(net.delay(of.who, by.who));
                self.ages[usize::from(seen.level.number())].add(beyond);
                let step = (by.place().distance(of.place()) / DISTANCE_STEP) as usize;
                self.ages_by_distance[step.min(DISTANCES - 1)].add(beyond);
            }
        }
    }

    pub(crate) fn reached(&mut self, members: &[Member], now: Time) {
        let (reached, pairs) = self.count_reached(members, now);
        self.reached += reached;
        self.pairs += pairs;
    }

    fn count_reached(&self, members: &[Member], now: Time) -> (u64, u64) {
        let (mut reached, mut pairs) = (0, 0);
        for by in self.receivers(members, now) {
            let others = Self::honest(members).filter(|of| of.who != by.who);
            for of in others.filter(|of| Self::has_settled(of, now, REACHED)) {
                let seen = by.journal.seen(of.who);
                pairs += 1;
                reached += u64::from(seen.is_some_and(|seen| now.since(seen.arrived) < REACHED));
            }
        }
        (reached, pairs)
    }

    pub(crate) fn routes(&mut self, net: &Net, members: &[Member], now: Time) {
        let settled: Vec<&Member> = Self::honest(members)
            .filter(|member| Self::has_settled(member, now, REACHED))
            .collect();
        for by in settled.iter().step_by(self.stride) {
            let map = by.routing_map();
            for route in map
                .routes
                .iter()
                .filter(|route| route.traffic == Traffic::Realtime)
            {
                let to = by.journal.members.get(&route.to);
                let Some(to) = to.filter(|&&to| settled.iter().any(|member| member.who == to))
                else {
                    continue;
                };
                let Some(used) = used_way(net, by, *to, route, &map.routes) else {
                    self.routes_missing += 1;
                    continue;
                };
                if let Some(best) = best_way(net, by.who, *to, &settled) {
                    self.detours.push(used / best);
                }
            }
        }
    }

    /// Whom most take for the host.
    pub(crate) fn host(members: &[Member]) -> Option<Who> {
        let mut votes: BTreeMap<Who, usize> = BTreeMap::new();
        for member in members.iter().filter(|member| member.is_inside()) {
            if let Some(&(_, host)) = member.journal.hosts.last() {
                *votes.entry(host).or_default() += 1;
            }
        }
        let most = votes
            .into_iter()
            .max_by_key(|(who, count)| (*count, usize::MAX - who));
        most.map(|(who, _)| who)
    }

    /// How long the survivors of a crash needed to name the same host.
    pub(crate) fn crowned(
        &mut self,
        members: &[Member],
        since: Time,
        now: Time,
        survivors: &[Who],
    ) {
        let host = Self::host(members);
        let survivors = survivors.iter().map(|&who| &members[who]);
        for member in survivors.filter(|member| member.is_inside() && member.lie.is_none()) {
            let named = member
                .journal
                .hosts
                .iter()
                .find(|(at, named)| *at >= since && Some(*named) == host);
            let took = named.map_or(now, |(at, _)| *at).since(since);
            self.crownings.push(millis(took));
        }
    }

    pub(crate) fn haunted(&mut self, members: &[Member], gone: Who) {
        let lists = Self::honest(members).map(|member| &member.journal.members);
        self.ghosts += lists
            .filter(|list| list.values().any(|who| *who == gone))
            .count() as u64;
    }

    /// Somebody is out, or has not got in.
    pub(crate) fn out(&mut self, member: &mut Member) {
        member.journal.is_noted = true;
        self.refused += u64::from(member.journal.is_refused);
        self.evicted += u64::from(member.journal.is_out);
    }

    /// Somebody's machine is about to be gone.
    pub(crate) fn bury(&mut self, member: &Member) {
        for (name, count) in member.counters().entries().filter(|(_, count)| *count > 0) {
            *self.counters.entry(name).or_default() += count;
        }
    }

    // ---- at the end ----

    pub(crate) fn figures(mut self, net: &Net, members: &mut [Member], now: Time) -> Figures {
        self.routes(net, members, now);
        let (reached, pairs) = self.count_reached(members, now);
        let (uplinks, forwarders) = self.uplinks(members, now);
        let mut failovers = Vec::new();
        let mut digest = blake3::Hasher::new();
        for member in members.iter_mut() {
            self.bury(member);
            for gap in &mut member.journal.gaps {
                gap.take(now);
                failovers.push(millis(gap.longest.saturating_sub(gap.usual)));
            }
            digest.update(member.digest().as_bytes());
        }
        let [near, middle, far] = [Level::Near, Level::Middle, Level::Far]
            .map(|level| self.ages[usize::from(level.number())].quantile(0.95));
        let by_metres = |(step, ages): (usize, &Ages)| {
            let metres = (step as f32 + 0.5) * DISTANCE_STEP;
            Some((metres.into(), ages.quantile(0.5)?, ages.quantile(0.95)?))
        };
        let ages_by_metres = self
            .ages_by_distance
            .iter()
            .enumerate()
            .filter_map(by_metres)
            .collect();
        Figures {
            members: members.iter().filter(|member| member.is_inside()).count(),
            uplink_kbps_p50: quantile(&uplinks, 0.5),
            uplink_kbps_p95: quantile(&uplinks, 0.95),
            forwarder_uplink_kbps_p95: quantile(&forwarders, 0.95),
            near_age_ms_p95: near,
            middle_age_ms_p95: middle,
            far_age_ms_p95: far,
            reachable_pairs: share(reached, pairs),
            reachable_pairs_mean: share(self.reached, self.pairs),
            route_over_best_p95: quantile(&self.detours, 0.95),
            failover_ms_p95: quantile(&failovers, 0.95),
            host_crash_ms_p95: quantile(&self.crownings, 0.95),
            ghosts: self.ghosts,
            duplicates: members.iter().map(|member| member.journal.duplicates).sum(),
            refused: self.refused,
            evicted: self.evicted,
            dropped: members.iter().map(|member| member.journal.dropped).sum(),
            routes_missing: self.routes_missing,
            receivers: self.receivers(members, now).count(),
            arrival_seconds: self.began.since(Time(1_000_000)).as_secs_f64(),
            seconds: now.since(self.began).as_secs_f64(),
            counters: self.counters,
            ages_by_metres,
            failovers_ms: failovers,
            host_crashes_ms: self.crownings,
            digest: digest.finalize().to_hex().to_string(),
        }
    }

    /// Kilobits a second of all that were there for long enough, and of those that carried for others.
    fn uplinks(&self, members: &[Member], now: Time) -> (Vec<f64>, Vec<f64>) {
        let (mut all, mut forwarders) = (Vec::new(), Vec::new());
        for member in Self::honest(members).filter(|member| Self::has_settled(member, now, REACHED))
        {
            let since = member.journal.entered.unwrap_or(now).max(self.began);
            let seconds = now.since(since).as_secs_f64();
            let (bytes, carried) = self.before.get(member.who).copied().unwrap_or_default();
            let kbps = (member.journal.sent_bytes - bytes) as f64 * 8.0 / 1_000.0 / seconds;
            let carried = member.counters().packets_carried - carried;
            all.push(kbps);
            if carried as f64 / seconds >= FORWARDING {
                forwarders.push(kbps);
            }
        }
        (all, forwarders)
    }
}

impl Ages {
    fn new() -> Self {
        Self(vec![0; AGE_MOST + 1])
    }

    fn add(&mut self, age: Duration) {
        self.0[(age.as_millis() as usize).min(AGE_MOST)] += 1;
    }

    fn quantile(&self, q: f64) -> Option<f64> {
        let count: u64 = self.0.iter().sum();
        let mut left = (count as f64 * q).ceil() as u64;
        let reaches = |found: &u64| {
            left = left.saturating_sub(*found);
            left == 0
        };
        let place = self.0.iter().position(reaches)?;
        (count > 0).then_some(place as f64 + 0.5)
    }
}

/// When a pose was captured, from when the receiver thinks it was: captures are a beat apart.
fn exact_capture(of: &Member, captured: Time) -> Time {
    let beats = captured.since(of.first_capture).as_secs_f64() / BEAT.as_secs_f64();
    of.first_capture + BEAT * beats.round() as u32
}

/// Seconds there and back without queues; `None` where one direction carries nothing.
fn round_trip(net: &Net, a: Who, b: Who) -> Option<f64> {
    let is_alive = net.carries(a, b) && net.carries(b, a);
    is_alive.then(|| 2.0 * net.delay(a, b).as_secs_f64())
}

fn over(net: &Net, from: Who, by: Who, to: Who) -> Option<f64> {
    Some(round_trip(net, from, by)? + round_trip(net, by, to)?)
}

/// What the way that is used takes.
fn used_way(net: &Net, by: &Member, to: Who, route: &Route, all: &[Route]) -> Option<f64> {
    if route.path != PathKind::Forwarded {
        return (route.path != PathKind::Unknown).then(|| round_trip(net, by.who, to))?;
    }
    // Without a carrier of their own poses go as everything else does.
    let reliable = all
        .iter()
        .find(|other| other.to == route.to && other.traffic == Traffic::Reliable);
    let carrier = route.over.or_else(|| reliable?.over)?;
    over(net, by.who, *by.journal.members.get(&carrier)?, to)
}

/// What the best way takes, straight or over one other.
fn best_way(net: &Net, from: Who, to: Who, members: &[&Member]) -> Option<f64> {
    let carriers = members
        .iter()
        .map(|member| member.who)
        .filter(|who| *who != from && *who != to);
    let detours = carriers.filter_map(|by| over(net, from, by, to));
    detours
        .chain(round_trip(net, from, to))
        .min_by(f64::total_cmp)
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 {
        1.0
    } else {
        part as f64 / all as f64
    }
}

/// The value that the share `q` of samples does not exceed, by the nearest-rank method.
fn quantile(samples: &[f64], q: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}
