//! The shared state against a model: whatever people do and whatever breaks, in the end everyone has the same, and where
//! nothing happens at once, it is what was written last.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use common::{Who, World};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Write { who: Who, key: u8, value: u16 },
    Erase { who: Who, key: u8 },
    Pass { millis: u64 },
    BreakLink { a: Who, b: Who },
    Cut { a: Who, b: Who },
    Heal,
    Slow { a: Who, b: Who },
    Kill { who: Who, with_frames: bool },
    Join,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..6_usize;
    prop_oneof![
        12 => (who(), 0..12_u8, any::<u16>()).prop_map(|(who, key, value)| Step::Write { who, key, value }),
        4 => (who(), 0..12_u8).prop_map(|(who, key)| Step::Erase { who, key }),
        8 => (0..400_u64).prop_map(|millis| Step::Pass { millis }),
        1 => (2_000..9_000_u64).prop_map(|millis| Step::Pass { millis }),
        1 => (who(), who()).prop_map(|(a, b)| Step::BreakLink { a, b }),
        1 => (who(), who()).prop_map(|(a, b)| Step::Cut { a, b }),
        1 => Just(Step::Heal),
        1 => (who(), who()).prop_map(|(a, b)| Step::Slow { a, b }),
        1 => (who(), any::<bool>()).prop_map(|(who, with_frames)| Step::Kill { who, with_frames }),
        1 => Just(Step::Join),
    ]
}

fn alive(world: &World) -> Vec<Who> {
    (0..world.people.len())
        .filter(|&who| world.people[who].is_alive && world.is_inside(who))
        .collect()
}

/// One of those who are there.
fn pick(world: &World, who: Who) -> Who {
    let alive = alive(world);
    alive[who % alive.len()]
}

fn pair(world: &World, a: Who, b: Who) -> Option<(Who, Who)> {
    let (a, b) = (pick(world, a), pick(world, b));
    (a != b).then_some((a.min(b), a.max(b)))
}

fn name(key: u8) -> String {
    format!("key/{key}")
}

fn take(world: &mut World, step: &Step) {
    match *step {
        Step::Write { who, key, value } => {
            world.write(pick(world, who), &name(key), &value.to_string());
        }
        Step::Erase { who, key } => {
            let who = pick(world, who);
            if world.value(who, &name(key)).is_some() {
                world.erase(who, &name(key));
            }
        }
        Step::Pass { millis } => world.run(Duration::from_millis(millis)),
        Step::BreakLink { a, b } => {
            if let Some((a, b)) = pair(world, a, b).filter(|&(a, b)| world.is_linked(a, b)) {
                world.break_link(a, b);
            }
        }
        // Nobody is cut off from everyone: who is, leaves the space, as the tests of the meeting show.
        Step::Cut { a, b } => {
            if let Some(cut) = pair(world, a, b).filter(|_| world.cuts.is_empty()) {
                world.cuts.insert(cut);
            }
        }
        Step::Heal => {
            world.cuts.clear();
            world.slow.clear();
        }
        Step::Slow { a, b } => world.slow.extend(pair(world, a, b)),
        Step::Kill { who, with_frames } => {
            let who = pick(world, who);
            if alive(world).len() <= 3 {
                return;
            }
            if with_frames {
                world.kill_with_frames(who);
            } else {
                world.kill(who);
            }
        }
        Step::Join => {
            if alive(world).len() < 6 {
                let invite = world.invite(pick(world, 0));
                world.join(&invite);
            }
        }
    }
}

/// Those who are in the space, by who is linked to whom: who loses the host and half of the others at once may begin a
/// space of their own.
fn groups(world: &World) -> Vec<Vec<Who>> {
    let mut left = alive(world);
    let mut groups = Vec::new();
    while let Some(first) = left.pop() {
        let mut group = vec![first];
        let mut at = 0;
        while let Some(&who) = group.get(at) {
            group.extend(left.extract_if(.., |other| world.is_linked(who, *other)));
            at += 1;
        }
        groups.push(group);
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn in_the_end_everyone_has_the_same(seed in any::<u64>(), steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::meeting(seed, 4);
        let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for step in &steps {
            take(&mut world, step);
            if let Step::Write { key, value, .. } = step {
                written.entry(name(*key)).or_default().insert(value.to_string());
            }
        }
        world.cuts.clear();
        world.slow.clear();
        world.run(Duration::from_mins(1));
        for group in groups(&world) {
            let seen: Vec<_> = group.iter().map(|&who| world.values(who)).collect();
            prop_assert!(seen.iter().all(|values| *values == seen[0]), "{group:?} see {seen:#?}");
            for (key, value) in &seen[0] {
                let value = std::str::from_utf8(value).expect("text");
                prop_assert!(written[*key].contains(value), "{key} was never {value}");
            }
        }
        let alive = alive(&world);
        let before: u64 = alive.iter().map(|&who| world.counters(who).state_differences).sum();
        world.run(Duration::from_secs(20));
        let after: u64 = alive.iter().map(|&who| world.counters(who).state_differences).sum();
        prop_assert_eq!(before, after, "what is the same is found to be the same");
    }

    #[test]
    fn one_after_another_the_last_write_holds(writes in prop::collection::vec((0..4_usize, 0..6_u8, any::<Option<u16>>()), 1..60)) {
        let mut world = World::meeting(1, 4);
        let mut model = BTreeMap::new();
        for (who, key, value) in writes {
            match value {
                Some(value) => {
                    world.write(who, &name(key), &value.to_string());
                    model.insert(name(key), value.to_string());
                }
                None if model.remove(&name(key)).is_some() => world.erase(who, &name(key)),
                None => {}
            }
            world.run(Duration::from_millis(70));
            for who in 0..4 {
                let seen: BTreeMap<String, String> = world.values(who).into_iter()
                    .map(|(key, value)| (key.to_owned(), String::from_utf8_lossy(value).into_owned()))
                    .collect();
                prop_assert_eq!(&seen, &model);
            }
        }
    }
}
