//! The world: who comes and goes, what breaks when, and time itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use metaverse_protocol::{
    id::SpaceId,
    limits::MEMBERS,
    name::{Name, Tag},
    profile::{SpaceDescription, Visibility},
    sign::Identity,
    time::Time,
};
use metaverse_space::{activity::ActivityProfile, io::Start};

use crate::{
    Scenario, ScenarioError,
    chance::{self, Chance},
    crowd::{Motion, Walker},
    findings::{Figures, Findings},
    journal::Gap,
    member::{Beginning, Member},
    net::{Net, Who},
    scenario::{Crash, Deaths, Lie, Victim},
};

/// How often it is seen to that there are as many members as there should be.
const DOOR: Duration = Duration::from_millis(50);
/// Newcomers at a time: a few, or this part of all.
const NEWCOMERS: usize = 4;
const NEWCOMERS_PART: usize = 16;
/// How long it may take until everybody is there; then things go on with those who are.
const ARRIVING: Duration = Duration::from_mins(3);
/// Then links, clocks and levels settle.
const SETTLING: Duration = Duration::from_secs(5);
/// How often it is looked how old the poses are, who is reached, and which ways are used.
const AGES: Duration = Duration::from_millis(93);
const REACHED: Duration = Duration::from_secs(1);
const ROUTES: Duration = Duration::from_secs(10);
/// How long whoever leaves still sends what it has to.
const BURYING: Duration = Duration::from_secs(1);
/// How long somebody who is gone may stay on lists.
const HAUNTING: Duration = Duration::from_secs(10);
/// How long after a crash all should know the new host.
const CROWNING: Duration = Duration::from_secs(10);
/// How long it is watched what a dead link does to poses.
const MISSING: Duration = Duration::from_secs(5);
/// Pairs that are looked at to find one that sees each other well.
const LOOKS: usize = 2_000;

/// Who lets members live for a while: alone, or several at once, as none of them touches another.
pub trait Crew {
    /// Does `work` with each of `members`, in whatever order.
    fn each(&self, members: &mut [Member], work: &(dyn Fn(&mut Member) + Sync));
}

/// One after the other.
pub struct Alone;

impl Crew for Alone {
    fn each(&self, members: &mut [Member], work: &(dyn Fn(&mut Member) + Sync)) {
        members.iter_mut().for_each(work);
    }
}

/// Plays a scenario: everybody comes in, settles, and is then observed for so many `seconds`, in which everything happens.
///
/// # Errors
/// When the scenario cannot be played.
pub fn play(
    scenario: &Scenario,
    seed: u64,
    seconds: u32,
    crew: &dyn Crew,
) -> Result<Figures, ScenarioError> {
    scenario.check()?;
    let mut world = World::new(scenario, seed)?;
    let limit = world.time + ARRIVING;
    while world.time < limit && world.inside().count() < scenario.members {
        world.step(crew);
    }
    world.go_on(SETTLING, crew);
    world.observe();
    world.go_on(Duration::from_secs(seconds.into()), crew);
    Ok(world
        .findings
        .figures(&world.net, &mut world.members, world.time))
}

/// Something that happens to the world.
enum Happening {
    Door,
    Replace,
    Crash(Crash),
    Crowned(Time, Vec<Who>),
    Part(Option<(f64, u64)>),
    Die(Deaths),
    Revive(Vec<(Who, Who)>),
    Bury(Who),
    Haunt(Who),
    Ages,
    Reached,
    Routes,
}

struct World<'a> {
    scenario: &'a Scenario,
    seed: u64,
    profile: ActivityProfile,
    motion: Arc<Motion>,
    time: Time,
    window: Duration,
    net: Net,
    members: Vec<Member>,
    /// Which of the crowd's places each one has.
    slots: Vec<usize>,
    chance: Chance,
    happenings: BTreeMap<(Time, u64), Happening>,
    next: u64,
    /// How many are to be inside.
    wanted: usize,
    lies: Vec<Lie>,
    findings: Findings,
}

impl<'a> World<'a> {
    fn new(scenario: &'a Scenario, seed: u64) -> Result<Self, ScenarioError> {
        let [nearest, _] = scenario.home.last_mile_ms;
        let lies = scenario.liars.iter();
        let mut world = Self {
            scenario,
            seed,
            profile: scenario.profile()?,
            motion: Arc::new(Motion::new().expect("the generated walk stays in bounds")),
            time: Time(1_000_000),
            window: Duration::from_secs_f64(2.0 * nearest / 1_000.0),
            net: Net::new(scenario, seed),
            members: Vec::new(),
            slots: Vec::new(),
            chance: Chance::new(seed, u64::MAX),
            happenings: BTreeMap::new(),
            next: 0,
            wanted: scenario.members,
            lies: lies
                .flat_map(|liars| vec![liars.kind; liars.count])
                .collect(),
            findings: Findings::new(scenario.members),
        };
        world.found();
        world.after(Duration::ZERO, Happening::Door);
        Ok(world)
    }

    // ---- time ----

    fn go_on(&mut self, time: Duration, crew: &dyn Crew) {
        let end = self.time + time;
        while self.time < end {
            self.step(crew);
        }
    }

    /// Lets everybody live for one window, and then delivers what they have sent.
    fn step(&mut self, crew: &dyn Crew) {
        while let Some(entry) = self.happenings.first_entry() {
            if entry.key().0 > self.time {
                break;
            }
            let happening = entry.remove();
            self.happen(happening);
        }
        let until = self.time + self.window;
        let net = &self.net;
        crew.each(&mut self.members, &|member| member.run(net, until));
        self.time = until;
        for who in 0..self.members.len() {
            let mut sent = std::mem::take(&mut self.members[who].outbox);
            for (to, at, arrival) in sent.drain(..) {
                self.members[to].expect(at, arrival);
            }
            self.members[who].outbox = sent;
        }
    }

    fn after(&mut self, time: Duration, happening: Happening) {
        self.happenings
            .insert((self.time + time, self.next), happening);
        self.next += 1;
    }

    fn after_seconds(&mut self, seconds: f64, happening: Happening) {
        self.after(Duration::from_secs_f64(seconds), happening);
    }

    /// From now on the scenario happens, and everything counts.
    fn observe(&mut self) {
        let scenario = self.scenario;
        self.findings.begin(self.time, &self.members);
        for crash in &scenario.crashes {
            self.after_seconds(crash.at, Happening::Crash(*crash));
        }
        for partition in &scenario.partitions {
            let salt = chance::mix(self.seed, self.next);
            self.after_seconds(
                partition.from,
                Happening::Part(Some((partition.share, salt))),
            );
            self.after_seconds(partition.to, Happening::Part(None));
        }
        for deaths in &scenario.deaths {
            self.after_seconds(deaths.at, Happening::Die(*deaths));
        }
        self.replace_later();
        self.after(AGES, Happening::Ages);
        self.after(REACHED, Happening::Reached);
        self.after(ROUTES, Happening::Routes);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Door => self.open_door(),
            Happening::Replace => self.replace(),
            Happening::Crash(crash) => self.crash(crash),
            Happening::Crowned(since, survivors) => {
                self.findings
                    .crowned(&self.members, since, self.time, &survivors);
            }
            Happening::Part(parted) => self.net.parted = parted,
            Happening::Die(deaths) => self.let_die(deaths),
            Happening::Revive(links) => {
                for link in links {
                    self.net.dead.remove(&link);
                }
            }
            Happening::Bury(who) => self.bury(who),
            Happening::Haunt(who) => self.findings.haunted(&self.members, who),
            Happening::Ages => {
                self.findings.ages(&self.net, &self.members, self.time);
                self.after(AGES, Happening::Ages);
            }
            Happening::Reached => {
                self.findings.reached(&self.members, self.time);
                self.after(REACHED, Happening::Reached);
            }
            Happening::Routes => {
                self.findings.routes(&self.net, &self.members, self.time);
                self.after(ROUTES, Happening::Routes);
            }
        }
    }

    // ---- who is there ----

    fn inside(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_inside())
    }

    /// The first member makes the space.
    fn found(&mut self) {
        let description = SpaceDescription {
            id: SpaceId([0; 32]),
            name: Name::clean("Simulated"),
            visibility: Visibility::Private,
            capacity: MEMBERS as u16,
            activity: Tag::clean(&self.scenario.activity),
            scene: Tag::clean(""),
        };
        let mut secret = [0; 32];
        self.chance.fill(&mut secret);
        let start = Start::Create {
            secret,
            description,
        };
        self.add(start, None);
    }

    /// Lets newcomers in where members are missing, and notes who is out.
    fn open_door(&mut self) {
        self.after(DOOR, Happening::Door);
        let out: Vec<Who> = (0..self.members.len())
            .filter(|&who| self.members[who].is_out())
            .collect();
        for who in out {
            self.findings.out(&mut self.members[who]);
            self.gone(who);
            self.after(BURYING, Happening::Bury(who));
        }
        let there = self
            .members
            .iter()
            .filter(|member| member.is_there())
            .count();
        let coming = there - self.inside().count();
        let most = NEWCOMERS.max(self.scenario.members / NEWCOMERS_PART);
        if there < self.wanted && coming < most {
            self.invite();
        }
    }

    /// Somebody comes with an invite of somebody inside.
    fn invite(&mut self) {
        let serial = self.next;
        let inviters: Vec<&Member> = self
            .inside()
            .filter(|member| member.lie.is_none())
            .collect();
        if inviters.is_empty() {
            return;
        }
        let chosen = chance::mix(self.seed, serial) as usize % inviters.len();
        let Some(inviter) = &inviters[chosen].journal.inviter else {
            return;
        };
        let invite = inviter.issue(serial, None, None);
        self.next += 1;
        // The first that come are honest, as somebody has to invite.
        let are_most = self.members.len() > self.scenario.members / 2;
        let lie = if are_most { self.lies.pop() } else { None };
        self.add(Start::Join(Box::new(invite)), lie);
    }

    fn add(&mut self, start: Start, lie: Option<Lie>) {
        let mut secret = [0; 32];
        self.chance.fill(&mut secret);
        let identity = Identity::from_secret(&secret);
        let last_mile = self.chance.between(self.scenario.home.last_mile_ms);
        let who = self
            .net
            .add(identity.peer_id(), last_mile, &mut self.chance);
        let slot = self.free_slot();
        self.slots.push(slot);
        let mut chance = Chance::new(self.seed, who as u64);
        let begin = Beginning {
            identity,
            start,
            home: self.scenario.home,
            motion: Arc::clone(&self.motion),
            profile: self.profile,
            walker: Walker::new(self.seed, slot, &mut chance),
            lie,
        };
        self.members
            .push(Member::new(&self.net, who, self.time, chance, begin));
    }

    /// The first place of the crowd that nobody has.
    fn free_slot(&self) -> usize {
        let taken: BTreeSet<usize> = self
            .members
            .iter()
            .filter(|member| member.is_there())
            .map(|member| self.slots[member.who])
            .collect();
        let free = (0..=taken.len()).find(|slot| !taken.contains(slot));
        free.unwrap_or_default()
    }

    fn anyone(&mut self) -> Option<Who> {
        let inside: Vec<Who> = self.inside().map(|member| member.who).collect();
        (!inside.is_empty()).then(|| inside[self.chance.below(inside.len())])
    }

    fn replace_later(&mut self) {
        let a_minute = self.scenario.churn / 100.0 * self.scenario.members as f64;
        if a_minute > 0.0 {
            self.after_seconds(60.0 / a_minute, Happening::Replace);
        }
    }

    /// Somebody goes, with or without a word, and the door lets somebody else in.
    fn replace(&mut self) {
        self.replace_later();
        let Some(who) = self.anyone() else { return };
        if self.chance.share() < 0.5 {
            return self.kill(who);
        }
        self.members[who].leave(&self.net, self.time);
        self.members[who].journal.is_noted = true;
        self.gone(who);
        self.after(BURYING, Happening::Bury(who));
    }

    fn gone(&mut self, who: Who) {
        self.after(HAUNTING, Happening::Haunt(who));
    }

    fn bury(&mut self, who: Who) {
        self.findings.bury(&self.members[who]);
        self.members[who].kill();
    }

    fn kill(&mut self, who: Who) {
        self.bury(who);
        self.gone(who);
    }

    // ---- what breaks ----

    fn crash(&mut self, crash: Crash) {
        for nth in 0..crash.count {
            let host = Findings::host(&self.members);
            let is_host = crash.who == Victim::Host && nth == 0;
            let Some(who) = host.filter(|_| is_host).or_else(|| self.anyone()) else {
                return;
            };
            self.kill(who);
            self.wanted -= 1;
        }
        if crash.who == Victim::Host {
            let survivors = self.inside().map(|member| member.who).collect();
            self.after(CROWNING, Happening::Crowned(self.time, survivors));
        }
    }

    /// Links die, of members that see each other well if there are such.
    fn let_die(&mut self, deaths: Deaths) {
        let mut dead = Vec::new();
        for _ in 0..deaths.pairs {
            let Some((from, to)) = self.well_linked() else {
                return;
            };
            let links = [(from, to), (to, from)];
            let links = &links[..if deaths.one_way { 1 } else { 2 }];
            for &(from, to) in links {
                self.net.dead.insert((from, to));
                self.watch_gap(from, to);
            }
            dead.extend(links);
        }
        self.after_seconds(deaths.seconds, Happening::Revive(dead));
    }

    /// Two whose link lives and who see each other from near.
    fn well_linked(&mut self) -> Option<(Who, Who)> {
        let inside: Vec<Who> = self.inside().map(|member| member.who).collect();
        (0..LOOKS).find_map(|_| {
            let [a, b] = [(); 2].map(|()| inside[self.chance.below(inside.len())]);
            let sees = |by: Who, of: Who| {
                let seen = self.members[by].journal.seen(of);
                seen.is_some_and(|seen| Findings::is_near_for_long(&seen, self.time))
            };
            let is_fit = a != b && self.net.carries(a, b) && self.net.carries(b, a);
            (is_fit && sees(a, b) && sees(b, a)).then_some((a, b))
        })
    }

    fn watch_gap(&mut self, of: Who, by: Who) {
        let usual = Duration::from_secs_f32(1.0 / self.profile.near.rate);
        let journal = &mut self.members[by].journal;
        let last = journal.seen(of).map_or(self.time, |seen| seen.arrived);
        journal.gaps.push(Gap {
            of,
            usual,
            last,
            until: self.time + MISSING,
            longest: Duration::ZERO,
        });
    }
}
