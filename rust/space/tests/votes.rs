//! Claims to be host: nobody believes more than the witnesses of the host have signed.

mod common;

use std::time::Duration;

use common::{Who, World, secret};
use metaverse_protocol::{
    control::Control,
    id::{Epoch, PeerId},
    lane::Lane,
    rights::Chain,
    sign::{Identity, Signed},
    vote::Vote,
};
use metaverse_space::Counters;

const SECOND: Duration = Duration::from_secs(1);
/// Who would like to be host.
const LIAR: Who = 3;
const MEMBERS: usize = 6;

/// A vote signed by `voter`.
fn vote(world: &World, voter: &Identity, epoch: u32, candidate: PeerId) -> Signed<Vote> {
    let vote = Vote {
        space: world.invite(0).space,
        epoch: Epoch(epoch),
        round: 1,
        candidate,
    };
    Signed::new(voter, &vote)
}

fn votes_of(world: &World, voters: &[Who], epoch: u32, candidate: Who) -> Vec<Signed<Vote>> {
    let candidate = world.peer(candidate);
    voters
        .iter()
        .map(|&voter| vote(world, &world.people[voter].identity, epoch, candidate))
        .collect()
}

/// What `who` says when it claims to be host of this epoch.
fn claim_of(world: &World, who: Who, epoch: u32, votes: &[Signed<Vote>]) -> Vec<u8> {
    let space = world.invite(0).space;
    let key = Identity::from_secret(&secret(1));
    let creator = world.people[0].identity.clone();
    let chain = Chain::default()
        .delegate(&key, space, creator.peer_id())
        .and_then(|chain| chain.delegate(&creator, space, world.peer(who)))
        .expect("short");
    let claim = Control::HostClaim {
        epoch: Epoch(epoch),
        chain,
        votes: votes.to_vec(),
    };
    claim.encode()
}

/// The liar claims to be host of this epoch, to everyone.
fn claim(world: &mut World, epoch: u32, votes: &[Signed<Vote>]) {
    let claim = claim_of(world, LIAR, epoch, votes);
    for who in (0..MEMBERS).filter(|&who| who != LIAR) {
        world.forge(who, LIAR, Lane::Control, claim.clone());
    }
    world.run(SECOND);
}

fn counters(world: &World, who: Who) -> Counters {
    world.people[who].space.as_ref().expect("inside").counters()
}

fn nobody_follows(world: &World, why: &str) {
    for who in (0..MEMBERS).filter(|&who| who != LIAR) {
        assert_eq!(world.host(who), Some(world.number(0)), "{why}");
    }
}

#[test]
fn who_has_the_votes_of_most_witnesses_is_followed() {
    let mut world = World::meeting(1, MEMBERS);
    let votes = votes_of(&world, &[1, 2, LIAR], 0, LIAR);
    claim(&mut world, 1, &votes);
    for who in (0..MEMBERS).filter(|&who| who != LIAR) {
        assert_eq!(world.host(who), Some(world.number(LIAR)));
    }
}

#[test]
fn less_than_that_is_not_enough() {
    let outsider = Identity::from_secret(&[9; 32]);
    let world = World::meeting(2, MEMBERS);
    let of = |voters: &[Who], epoch, candidate| votes_of(&world, voters, epoch, candidate);
    let forged = {
        // Signed by the liar in the name of others.
        let own = vote(&world, &world.people[LIAR].identity, 0, world.peer(LIAR));
        let mut votes = of(&[LIAR], 0, LIAR);
        votes.push(own);
        votes.push(vote(&world, &outsider, 0, world.peer(LIAR)));
        votes
    };
    let cases = [
        ("no votes", 1, Vec::new()),
        ("two of five", 1, of(&[1, LIAR], 0, LIAR)),
        ("the same vote three times", 1, of(&[1, 1, 1], 0, LIAR)),
        ("votes for somebody else", 1, of(&[1, 2, 4], 0, 1)),
        ("votes of another epoch", 1, of(&[1, 2, 4], 7, LIAR)),
        ("a future epoch", 9, of(&[1, 2, 4], 8, LIAR)),
        ("an epoch skipped", 2, of(&[1, 2, 4], 0, LIAR)),
        ("outsiders and the liar", 1, forged),
    ];
    for (why, epoch, votes) in cases {
        let mut world = World::meeting(2, MEMBERS);
        claim(&mut world, epoch, &votes);
        nobody_follows(&world, why);
    }
}

#[test]
fn votes_do_not_count_in_a_later_epoch() {
    let mut world = World::meeting(3, MEMBERS);
    let votes = votes_of(&world, &[1, 2, LIAR], 0, LIAR);
    for gone in 0..2 {
        world.kill(gone);
        world.run(SECOND);
    }
    let next = world.host(5);
    assert_eq!(next, Some(world.number(2)));
    claim(&mut world, 1, &votes);
    for who in [2, 4, 5] {
        assert_eq!(world.host(who), next, "the epoch is over");
        assert_eq!(counters(&world, who).invalid_claims, 1);
    }
}

const RIVALS: [Who; 2] = [1, 5];

/// The liar votes for two at once, and both have votes enough.
fn two_hosts_at_once(world: &mut World) {
    for (candidate, voters) in RIVALS.into_iter().zip([[2, LIAR, 5], [LIAR, 4, 1]]) {
        let votes = votes_of(world, &voters, 0, candidate);
        for (voter, vote) in voters.into_iter().zip(votes) {
            world.forge(
                candidate,
                voter,
                Lane::Control,
                Control::Vote(vote).encode(),
            );
        }
        assert_eq!(world.host(candidate), Some(world.number(candidate)));
    }
}

/// Of two with as many votes, the one with the lesser id stays.
fn winner(world: &World) -> Who {
    let [one, other] = RIVALS;
    if world.peer(one) < world.peer(other) {
        one
    } else {
        other
    }
}

#[test]
fn of_two_hosts_that_a_liar_has_made_everyone_keeps_the_same() {
    for seed in 0..10 {
        let mut world = World::meeting(50 + seed, MEMBERS);
        world.loss = 100;
        two_hosts_at_once(&mut world);
        world.run(5 * common::LATENCY);
        for who in 0..MEMBERS {
            assert_eq!(world.host(who), Some(world.number(winner(&world))));
            let found = u64::from(who != LIAR);
            assert_eq!(counters(&world, who).double_voters.max(found), 1, "{who}");
        }
        world.run(5 * SECOND);
        assert!(world.agrees(), "everybody is there");
    }
}

#[test]
fn whom_either_of_two_hosts_admits_is_a_member() {
    for seed in 0..10 {
        let mut world = World::meeting(60 + seed, MEMBERS);
        let invites = RIVALS.map(|who| world.invite(who));
        two_hosts_at_once(&mut world);
        for invite in &invites {
            world.join(invite);
        }
        world.run(5 * SECOND);
        assert!(world.agrees());
        let newcomers = [MEMBERS, MEMBERS + 1].map(|who| world.number(who));
        assert_ne!(newcomers[0], newcomers[1]);
        assert_eq!(world.host(0), Some(world.number(winner(&world))));
    }
}

#[test]
fn who_has_voted_for_two_is_not_asked_again() {
    let mut world = World::meeting(70, MEMBERS);
    two_hosts_at_once(&mut world);
    world.run(SECOND);
    let host = winner(&world);
    let epoch = 2;
    for who in (0..MEMBERS).filter(|&who| who != host && who != LIAR) {
        let before = counters(&world, who).invalid_votes;
        let vote = votes_of(&world, &[LIAR], epoch, who).remove(0);
        world.forge(who, LIAR, Lane::Control, Control::Vote(vote).encode());
        assert_eq!(counters(&world, who).invalid_votes, before + 1);
    }
    // No vote of the liar is needed for the next host.
    world.kill(host);
    world.run(SECOND);
    let next = world.host(0);
    assert_ne!(next, Some(world.number(host)));
    assert_ne!(next, Some(world.number(LIAR)));
    for who in (0..MEMBERS).filter(|&who| who != host) {
        assert_eq!(world.host(who), next);
    }
}

#[test]
fn votes_that_are_not_the_sender_s_are_counted_and_nothing_else() {
    let mut world = World::meeting(4, MEMBERS);
    let candidate = world.peer(1);
    for voter in [2, 4, 5] {
        let vote = vote(&world, &world.people[voter].identity, 0, candidate);
        world.forge(1, LIAR, Lane::Control, Control::Vote(vote).encode());
    }
    world.run(SECOND);
    nobody_follows(&world, "one member may not vote for three");
    assert_eq!(counters(&world, 1).invalid_votes, 3);
}

#[test]
fn only_the_host_names_its_successors() {
    let mut world = World::meeting(5, MEMBERS);
    let listed = vec![world.number(LIAR)];
    let naming = Control::Successors(listed).encode();
    world.forge(1, LIAR, Lane::Control, naming);
    world.run(SECOND);
    assert_eq!(counters(&world, 1).unauthorized, 1);
    let votes = votes_of(&world, &[LIAR], 0, LIAR);
    claim(&mut world, 1, &votes);
    nobody_follows(&world, "the list is the host's");
}
