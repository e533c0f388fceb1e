//! The avatar images that members wear: kept by hash, fetched once each.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use metaverse_protocol::{
    id::{ContentHash, PeerId},
    time::Time,
};

use crate::config::{IMAGE_PAUSE, IMAGE_TIMEOUT, IMAGES};

#[derive(Debug, Default)]
pub(crate) struct Images {
    kept: BTreeMap<ContentHash, Bytes>,
    wanted: BTreeMap<ContentHash, Want>,
}

/// An image that somebody wears and we do not have.
#[derive(Debug, Default)]
struct Want {
    asked: Option<(PeerId, Time)>,
    /// Who did not have it, and when they may be asked again: who hands on may have got it by then.
    failed: BTreeMap<PeerId, Time>,
}

impl Images {
    pub(crate) fn get(&self, hash: ContentHash) -> Option<&Bytes> {
        self.kept.get(&hash)
    }

    /// Keeps an image. Where there are too many, one that nobody in `worn` wears goes, and is returned.
    pub(crate) fn keep(
        &mut self,
        hash: ContentHash,
        bytes: Bytes,
        worn: &BTreeSet<ContentHash>,
    ) -> Option<ContentHash> {
        let is_crowded = self.kept.len() >= IMAGES;
        let mut unworn = self.kept.keys().filter(|kept| !worn.contains(kept));
        let forgotten = unworn.next().copied().filter(|_| is_crowded);
        if let Some(forgotten) = forgotten {
            self.kept.remove(&forgotten);
        }
        if self.kept.len() < IMAGES {
            self.kept.insert(hash, bytes);
        }
        forgotten
    }

    /// Whether `hash` should now be asked of `wearer`, who is linked, or of who hands on from it; if so it is taken as asked.
    pub(crate) fn ask(&mut self, now: Time, hash: ContentHash, wearer: PeerId) -> bool {
        if self.kept.contains_key(&hash) {
            return false;
        }
        let want = self.wanted.entry(hash).or_default();
        let is_early = want.failed.get(&wearer).is_some_and(|&at| now < at);
        if want.asked.is_some() || is_early {
            return false;
        }
        want.asked = Some((wearer, now));
        true
    }

    /// Whether `hash` was asked of `from` and has not come; if so it is no longer wanted.
    pub(crate) fn take_answer(&mut self, hash: ContentHash, from: PeerId) -> bool {
        let asked = self
            .wanted
            .get(&hash)
            .is_some_and(|want| want.asked.is_some_and(|(peer, _)| peer == from));
        if asked {
            self.wanted.remove(&hash);
        }
        asked
    }

    /// `from` does not have the image that it was asked for: somebody else may be asked.
    pub(crate) fn fail(&mut self, now: Time, hash: ContentHash, from: PeerId) {
        if let Some(want) = self.wanted.get_mut(&hash)
            && want.asked.is_some_and(|(peer, _)| peer == from)
        {
            want.asked = None;
            want.failed.insert(from, now + IMAGE_PAUSE);
        }
    }

    /// What was asked of `peer` may be asked of others, or of itself once it is back.
    pub(crate) fn release(&mut self, peer: PeerId) {
        for want in self.wanted.values_mut() {
            want.failed.remove(&peer);
            if want.asked.is_some_and(|(asked, _)| asked == peer) {
                want.asked = None;
            }
        }
    }

    /// Images that have not come in time, with whom they were asked of.
    pub(crate) fn overdue(&self, now: Time) -> Vec<(ContentHash, PeerId)> {
        let late = |want: &Want| {
            want.asked
                .filter(|&(_, since)| now.since(since) >= IMAGE_TIMEOUT)
        };
        self.wanted
            .iter()
            .filter_map(|(&hash, want)| late(want).map(|(peer, _)| (hash, peer)))
            .collect()
    }

    /// Whether there are images still wanted that nobody is asked for.
    pub(crate) fn is_any_unasked(&self) -> bool {
        self.wanted.values().any(|want| want.asked.is_none())
    }

    /// When the next image is overdue, or somebody may be asked again.
    pub(crate) fn due(&self, now: Time) -> Option<Time> {
        self.wanted
            .values()
            .filter_map(|want| match want.asked {
                Some((_, since)) => Some(since + IMAGE_TIMEOUT),
                None => want.failed.values().copied().filter(|at| *at > now).min(),
            })
            .min()
    }

    /// Forgets wishes for what nobody in `worn` wears any more.
    pub(crate) fn forget_unworn(&mut self, worn: &BTreeSet<ContentHash>) {
        self.wanted.retain(|hash, _| worn.contains(hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: PeerId = PeerId([1; 32]);
    const BOB: PeerId = PeerId([2; 32]);

    #[test]
    fn one_hash_is_asked_of_one_peer() {
        let mut images = Images::default();
        let hash = ContentHash::of(b"x");
        assert!(images.ask(Time(0), hash, ANN));
        assert!(!images.ask(Time(0), hash, BOB));
        assert!(!images.take_answer(hash, BOB));
        assert!(images.take_answer(hash, ANN));
        images.keep(hash, Bytes::from_static(b"x"), &BTreeSet::new());
        assert!(!images.ask(Time(0), hash, BOB));
    }

    #[test]
    fn who_failed_is_not_asked_again_for_a_while_or_until_it_comes_back() {
        let mut images = Images::default();
        let hash = ContentHash::of(b"x");
        assert!(images.ask(Time(0), hash, ANN));
        images.fail(Time(0), hash, ANN);
        assert_eq!(images.due(Time(0)), Some(Time(0) + IMAGE_PAUSE));
        assert!(!images.ask(Time(0), hash, ANN));
        assert!(images.ask(Time(0), hash, BOB));
        images.release(BOB);
        images.release(ANN);
        assert!(images.ask(Time(0), hash, ANN));
        images.fail(Time(0), hash, ANN);
        assert!(images.ask(Time(0) + IMAGE_PAUSE, hash, ANN));
    }

    #[test]
    fn what_is_worn_stays() {
        let mut images = Images::default();
        let worn = BTreeSet::from([ContentHash::of(&[0, 0])]);
        for number in 0..=IMAGES as u16 {
            images.keep(ContentHash::of(&number.to_le_bytes()), Bytes::new(), &worn);
        }
        assert!(images.get(ContentHash::of(&[0, 0])).is_some());
        assert!(
            images
                .get(ContentHash::of(&(IMAGES as u16).to_le_bytes()))
                .is_some()
        );
    }
}
