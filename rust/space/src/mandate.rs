//! What makes a host: the votes of most witnesses of the host before, or the word of that host itself.

use std::cmp::Reverse;

use metaverse_protocol::{
    id::{Epoch, PeerId, SpaceId},
    sign::Signed,
    vote::Vote,
};

use crate::config::QUORUM_LEAST;

/// Who decides who follows the host of an epoch.
#[derive(Clone, Debug)]
pub(crate) struct Electorate {
    pub space: SpaceId,
    pub epoch: Epoch,
    pub host: PeerId,
    /// The witnesses that the host has named, as far as they are known here.
    pub witnesses: Vec<PeerId>,
    /// How many it has named.
    pub named: usize,
}

/// What votes are worth; the greater counts where two have followed the same host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Weight {
    /// So many witnesses, more than half of them, have voted.
    Votes(usize),
    /// The host has given its office away.
    Office,
}

impl Electorate {
    /// How many votes make a host: more than half of the witnesses, and never so few that chance could give them.
    fn quorum(&self) -> usize {
        (self.named / 2 + 1).max(QUORUM_LEAST)
    }

    /// What the votes are worth to `candidate`; `None` if they do not make it host.
    pub(crate) fn weigh(&self, candidate: PeerId, votes: &[Signed<Vote>]) -> Option<Weight> {
        let mut signers: Vec<PeerId> = votes
            .iter()
            .filter(|signed| {
                self.opened(signed)
                    .is_some_and(|vote| vote.candidate == candidate)
            })
            .map(Signed::signer)
            .collect();
        if signers.contains(&self.host) {
            return Some(Weight::Office);
        }
        signers.sort_unstable();
        signers.dedup();
        (signers.len() >= self.quorum()).then_some(Weight::Votes(signers.len()))
    }

    /// Which of two candidates follows, each with what its votes are worth: everybody who knows both says the same.
    pub(crate) fn prefers(
        (one, weight_of_one): (PeerId, Option<Weight>),
        (other, weight_of_other): (PeerId, Option<Weight>),
    ) -> bool {
        (weight_of_one, Reverse(one)) > (weight_of_other, Reverse(other))
    }

    /// Who has voted for two candidates at once.
    pub(crate) fn double_voters(
        &self,
        some: &[Signed<Vote>],
        others: &[Signed<Vote>],
    ) -> Vec<PeerId> {
        let contradicts = |one: &Signed<Vote>, other: &Signed<Vote>| {
            let pair = self.opened(one).zip(self.opened(other));
            one.signer() == other.signer()
                && pair.is_some_and(|(one, other)| {
                    one.round == other.round && one.candidate != other.candidate
                })
        };
        let is_double = |one: &&Signed<Vote>| others.iter().any(|other| contradicts(one, other));
        some.iter().filter(is_double).map(Signed::signer).collect()
    }

    /// A vote of this electorate about this epoch.
    fn opened(&self, signed: &Signed<Vote>) -> Option<Vote> {
        let by = signed.signer();
        if by != self.host && !self.witnesses.contains(&by) {
            return None;
        }
        let vote = signed.open().ok()?;
        (vote.space == self.space && vote.epoch == self.epoch).then_some(vote)
    }
}
