//! The machine against a small model of a space: whoever comes, goes, vanishes, talks and writes, whatever links break, when it
//! has settled everyone has what the model has.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use common::{Who, World};
use metaverse_protocol::name::Name;
use metaverse_space::io::Command;
use proptest::{prelude::*, test_runner::RngSeed};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

const CASES: u32 = 24;
/// Always the same cases: whoever changes the machine tries others, and more.
const SEED: u64 = 1;
const SETTLED: Duration = Duration::from_secs(20);
/// How long somebody takes to come in who was sent to a host that is gone.
const ENTERED: Duration = Duration::from_secs(10);
const PEOPLE: usize = 14;
const MEMBERS: usize = 4;

/// What should be so when nothing is under way.
#[derive(Clone, Debug)]
struct Model {
    seed: u64,
    people: Vec<Person>,
    /// Whether some were cut off from each other and may not be together again. Nobody comes in then: two hosts might admit
    /// the same person, and if the one who has done so vanished, nobody would know of both sides.
    is_divided: bool,
}

#[derive(Clone, Debug)]
struct Person {
    is_there: bool,
    name: String,
    /// The value of the key that only this person writes.
    value: Option<String>,
}

#[derive(Clone, Debug)]
enum Step {
    Join { to: Who },
    Leave { who: Who },
    Kill { who: Who, with_frames: bool },
    BreakLink { a: Who, b: Who },
    Cut { a: Who, b: Who },
    Heal,
    Say { who: Who },
    Rename { who: Who, name: u8 },
    Write { who: Who, value: u8 },
    Pass { millis: u64 },
    Settle,
}

impl Model {
    fn there(&self) -> Vec<Who> {
        let everyone = 0..self.people.len();
        everyone.filter(|&who| self.people[who].is_there).collect()
    }

    fn is_there(&self, who: Who) -> bool {
        self.people.get(who).is_some_and(|person| person.is_there)
    }

    fn join(&mut self) {
        self.people.push(Person {
            is_there: true,
            name: format!("Person {}", self.people.len()),
            value: None,
        });
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        let meeting = |seed| {
            let people = Vec::new();
            let mut model = Self {
                seed,
                people,
                is_divided: false,
            };
            (0..MEMBERS).for_each(|_| model.join());
            model
        };
        any::<u64>().prop_map(meeting).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let who = || prop::sample::select(state.there());
        prop_oneof![
            3 => who().prop_map(|to| Step::Join { to }),
            1 => who().prop_map(|who| Step::Leave { who }),
            2 => (who(), any::<bool>()).prop_map(|(who, with_frames)| Step::Kill { who, with_frames }),
            2 => (who(), who()).prop_map(|(a, b)| Step::BreakLink { a, b }),
            1 => (who(), who()).prop_map(|(a, b)| Step::Cut { a, b }),
            1 => Just(Step::Heal),
            5 => who().prop_map(|who| Step::Say { who }),
            2 => (who(), any::<u8>()).prop_map(|(who, name)| Step::Rename { who, name }),
            3 => (who(), any::<u8>()).prop_map(|(who, value)| Step::Write { who, value }),
            6 => (0..2_000_u64).prop_map(|millis| Step::Pass { millis }),
            1 => Just(Step::Settle),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        match *step {
            Step::Join { to } => {
                state.is_there(to) && state.people.len() < PEOPLE && !state.is_divided
            }
            Step::Leave { who } | Step::Kill { who, .. } => {
                state.is_there(who) && state.there().len() > 2
            }
            Step::BreakLink { a, b } | Step::Cut { a, b } => {
                a != b && state.is_there(a) && state.is_there(b)
            }
            Step::Say { who } | Step::Rename { who, .. } | Step::Write { who, .. } => {
                state.is_there(who)
            }
            Step::Heal | Step::Pass { .. } | Step::Settle => true,
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match *step {
            Step::Join { .. } => state.join(),
            Step::Leave { who } | Step::Kill { who, .. } => state.people[who].is_there = false,
            Step::Rename { who, name } => state.people[who].name = format!("Name {name}"),
            Step::Write { who, value } => state.people[who].value = Some(value.to_string()),
            Step::BreakLink { .. } | Step::Cut { .. } => state.is_divided = true,
            Step::Settle => state.is_divided = false,
            Step::Heal | Step::Say { .. } | Step::Pass { .. } => {}
        }
        state
    }
}

/// The machines, and what was said among them.
struct Space {
    world: World,
    /// What was said, by whom and to whom, in order.
    said: BTreeMap<(Who, Who), Vec<String>>,
    texts: usize,
}

impl Space {
    fn say(&mut self, who: Who) {
        self.texts += 1;
        let text = format!("{who}: {:06}", self.texts);
        let listed: BTreeSet<_> = self
            .world
            .list(who)
            .into_values()
            .map(|view| view.peer)
            .collect();
        for other in (0..self.world.people.len()).filter(|&other| other != who) {
            if listed.contains(&self.world.peer(other)) {
                self.said
                    .entry((who, other))
                    .or_default()
                    .push(text.clone());
            }
        }
        self.world.say(who, None, &text);
    }

    fn heard(&self, who: Who, from: Who) -> Vec<String> {
        let mark = format!("{from}: ");
        let heard = self.world.heard(who).into_iter().map(|(_, text)| text);
        heard.filter(|text| text.starts_with(&mark)).collect()
    }

    fn take(&mut self, step: &Step) {
        let world = &mut self.world;
        match *step {
            Step::Join { to } => {
                let invite = world.invite(to);
                let who = world.join(&invite);
                world.run_until(ENTERED, |world| world.is_inside(who));
            }
            Step::Leave { who } => {
                world.command(who, Command::Leave);
                world.people[who].is_alive = false;
            }
            Step::Kill { who, with_frames } if with_frames => world.kill_with_frames(who),
            Step::Kill { who, .. } => world.kill(who),
            Step::BreakLink { a, b } => world.break_link(a, b),
            Step::Cut { a, b } => {
                world.cuts.insert((a.min(b), a.max(b)));
            }
            Step::Heal => world.cuts.clear(),
            Step::Say { who } => self.say(who),
            Step::Rename { who, name } => {
                let name = Name::clean(&format!("Name {name}"));
                world.command(who, Command::SetProfile { name, image: None });
            }
            Step::Write { who, value } => {
                world.write(who, &format!("of {who}"), &value.to_string());
            }
            Step::Pass { millis } => world.run(Duration::from_millis(millis)),
            Step::Settle => {}
        }
    }

    /// Waits until nothing changes any more, and compares with the model.
    fn settle(&mut self, model: &Model) {
        self.world.cuts.clear();
        self.world.run(SETTLED);
        assert!(self.world.agrees(), "one list and one host");
        assert!(self.world.shares(), "one state");
        let there = model.there();
        let alive = |who: &Who| self.world.people[*who].is_alive;
        let living: Vec<Who> = (0..model.people.len()).filter(alive).collect();
        assert_eq!(living, there, "nobody is lost");
        for &who in &there {
            for &other in &there {
                let person = &model.people[other];
                let view = &self.world.list(who)[&self.world.number(other)];
                assert_eq!(view.name, Name::clean(&person.name));
                let value = self.world.value(who, &format!("of {other}"));
                assert_eq!(value, person.value.as_deref());
            }
        }
        for ((from, to), texts) in &self.said {
            if model.is_there(*from) && model.is_there(*to) {
                let mut heard = self.heard(*to, *from);
                assert!(
                    heard.is_sorted_by(|one, next| one < next),
                    "once and in order"
                );
                heard.retain(|text| texts.contains(text));
                assert_eq!(heard, *texts, "from {from} to {to}");
            }
        }
    }
}

impl StateMachineTest for Space {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        Self {
            world: World::meeting(model.seed, MEMBERS),
            said: BTreeMap::new(),
            texts: 0,
        }
    }

    fn apply(mut space: Self, model: &Model, step: Step) -> Self {
        match step {
            Step::Settle => space.settle(model),
            step => space.take(&step),
        }
        space
    }

    fn teardown(mut space: Self, model: Model) {
        space.settle(&model);
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(SEED),
        ..ProptestConfig::with_cases(CASES)
    })]

    #[test]
    fn a_space_is_what_the_model_says(sequential 1..40 => Space);
}
