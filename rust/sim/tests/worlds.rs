//! Small worlds: what holds in them holds every time.

use metaverse_sim::{
    Alone, Crash, Crew, Deaths, Figures, Liars, Lie, Loss, Member, Scenario, Victim, play,
};

/// A world without faults but loss.
fn lossy(members: usize) -> Scenario {
    Scenario {
        members,
        loss: Loss {
            share: 0.01,
            burst_ms: 40.0,
        },
        ..Scenario::default()
    }
}

fn played(scenario: &Scenario, seed: u64, seconds: u32) -> Figures {
    play(scenario, seed, seconds, &Alone).expect("a scenario that can be played")
}

/// Takes the members in another order.
struct Backwards;

impl Crew for Backwards {
    fn each(&self, members: &mut [Member], work: &(dyn Fn(&mut Member) + Sync)) {
        members.iter_mut().rev().for_each(work);
    }
}

#[test]
fn the_same_seed_gives_the_same_run_whoever_does_the_work() {
    let scenario = Scenario {
        walls: 0.2,
        churn: 100.0,
        ..lossy(6)
    };
    let first = played(&scenario, 1, 3);
    let again = play(&scenario, 1, 3, &Backwards).expect("the same scenario");
    assert_eq!(first.digest, again.digest);
    assert_ne!(first.digest, played(&scenario, 2, 3).digest);
}

#[test]
fn without_faults_everybody_is_seen_fresh_and_nothing_goes_wrong() {
    let figures = played(
        &Scenario {
            members: 8,
            ..Scenario::default()
        },
        1,
        4,
    );
    assert_eq!(
        (figures.members, figures.refused, figures.dropped),
        (8, 0, 0)
    );
    assert!(figures.reachable_pairs >= 1.0);
    assert!(figures.near_age_ms_p95.is_some_and(|age| age < 60.0));
    let wrong = ["malformed_datagrams", "malformed_frames", "unauthorized"];
    assert!(
        wrong
            .iter()
            .all(|name| !figures.counters.contains_key(name))
    );
}

#[test]
fn walls_keep_nobody_inside_apart() {
    let scenario = Scenario {
        walls: 0.3,
        ..lossy(8)
    };
    let figures = played(&scenario, 3, 4);
    assert_eq!(figures.members, 8);
    assert!(figures.reachable_pairs >= 1.0, "{figures:?}");
    assert_eq!((figures.ghosts, figures.duplicates), (0, 0));
}

#[test]
fn the_crash_of_the_host_is_survived() {
    let scenario = Scenario {
        crashes: vec![Crash {
            at: 1.0,
            who: Victim::Host,
            count: 1,
        }],
        ..lossy(8)
    };
    let figures = played(&scenario, 4, 12);
    assert_eq!(figures.members, 7, "the others are still there");
    assert!(
        figures.host_crash_ms_p95.is_some_and(|took| took < 2_000.0),
        "{figures:?}"
    );
    assert_eq!(figures.ghosts, 0);
}

#[test]
fn links_that_die_are_noticed_in_the_poses_and_mended() {
    let scenario = Scenario {
        deaths: vec![Deaths {
            at: 0.5,
            seconds: 10.0,
            pairs: 2,
            one_way: false,
        }],
        ..lossy(6)
    };
    let figures = played(&scenario, 5, 6);
    let gap = figures.failover_ms_p95.expect("links have died");
    assert!((300.0..2_000.0).contains(&gap), "{gap}");
    assert!(figures.reachable_pairs >= 1.0);
}

#[test]
fn who_comes_and_goes_leaves_no_ghost() {
    let scenario = Scenario {
        churn: 300.0,
        ..lossy(8)
    };
    let figures = played(&scenario, 6, 13);
    assert_eq!((figures.ghosts, figures.duplicates), (0, 0), "{figures:?}");
    assert!(figures.members >= 6, "others have come");
}

#[test]
fn liars_are_not_measured_and_do_not_stop_the_others() {
    let liars = [Lie::Boasts, Lie::Drops, Lie::Forges, Lie::Babbles];
    let scenario = Scenario {
        liars: liars.map(|kind| Liars { kind, count: 1 }).to_vec(),
        ..lossy(9)
    };
    let figures = played(&scenario, 7, 4);
    assert!(figures.reachable_pairs >= 1.0);
    assert!(
        figures.counters["unbelieved_datagrams"] > 0,
        "a forger was found"
    );
    assert!(
        figures.counters["malformed_datagrams"] > 0,
        "noise was counted"
    );
}
