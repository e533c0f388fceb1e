//! People vanish at random, often the host and with all that they sent last, while others come: nobody who is in is lost, and
//! nothing that was said.

mod common;

use std::{collections::BTreeMap, time::Duration};

use common::{Who, World};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
/// Worlds of a run, and kills in each: a hundred in all.
const WORLDS: u32 = 25;
const KILLS: usize = 4;

/// One kill: who, as a part of those who are there; whether it is the host; whether its last frames are lost; whether
/// somebody comes meanwhile; how long it is quiet before and after.
type Step = (usize, bool, bool, bool, u64, u64);

fn step() -> impl Strategy<Value = Step> {
    let flag = any::<bool>();
    (0_usize..12, flag, flag, flag, 0_u64..60, 0_u64..3_000)
}

/// What was said to whom, in order.
type Said = BTreeMap<(Who, Who), Vec<String>>;

fn inside(world: &World) -> Vec<Who> {
    let everyone = 0..world.people.len();
    everyone
        .filter(|&who| world.people[who].is_alive && world.is_inside(who))
        .collect()
}

/// Everyone says something. It is noted for whom of those it lists, and who know that they are in.
fn everyone_speaks(world: &mut World, said: &mut Said) {
    for who in inside(world) {
        let listed = world.list(who);
        let text = format!("{who} at {:012}", world.time.0);
        for other in inside(world).into_iter().filter(|&other| other != who) {
            let is_listed = listed.values().any(|view| view.peer == world.peer(other));
            if is_listed {
                said.entry((who, other)).or_default().push(text.clone());
            }
        }
        world.say(who, None, &text);
    }
}

fn kill(world: &mut World, (part, is_host, with_frames, ..): &Step) {
    let inside = inside(world);
    let hosts = |who: &Who| world.host(*who) == Some(world.number(*who));
    let host = inside.iter().copied().find(hosts).filter(|_| *is_host);
    let who = host.unwrap_or(inside[part % inside.len()]);
    if *with_frames {
        world.kill_with_frames(who);
    } else {
        world.kill(who);
    }
}

/// What `who` has heard of `from`, in order.
fn heard_of(world: &World, who: Who, from: Who) -> Vec<String> {
    let mark = format!("{from} at ");
    let heard = world.heard(who).into_iter().map(|(_, text)| text);
    heard.filter(|text| text.starts_with(&mark)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(WORLDS))]

    #[test]
    fn nobody_and_nothing_is_lost_with_those_who_vanish(
        seed in any::<u64>(),
        members in 8_usize..=12,
        steps in prop::collection::vec(step(), KILLS),
    ) {
        let mut world = World::meeting(seed, members);
        let mut said = Said::new();
        for step in steps {
            if step.3 {
                let invite = world.invite(inside(&world)[step.0 % 3]);
                world.join(&invite);
            }
            world.run(Duration::from_millis(step.4));
            everyone_speaks(&mut world, &mut said);
            world.run(Duration::from_millis(1 + step.4 / 2));
            kill(&mut world, &step);
            everyone_speaks(&mut world, &mut said);
            world.run(Duration::from_millis(step.5));
        }
        let admitted = inside(&world);
        world.run(20 * SECOND);
        for &who in &admitted {
            prop_assert!(world.is_inside(who), "{} was admitted and is lost", who);
        }
        // Somebody may have come to a door behind which nobody is any more.
        for person in &mut world.people {
            person.is_alive &= person.space.is_some();
        }
        prop_assert!(world.agrees());
        for ((from, to), texts) in said {
            if world.people[from].is_alive && world.people[to].is_alive {
                let mut heard = heard_of(&world, to, from);
                prop_assert!(heard.is_sorted_by(|one, next| one < next), "once and in order");
                heard.retain(|text| texts.contains(text));
                prop_assert_eq!(heard, texts, "{} to {}", from, to);
            }
        }
    }
}
