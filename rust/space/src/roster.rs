//! The members of a space as one of them knows them.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use metaverse_protocol::{
    control::Side,
    id::{ContentHash, MemberNumber, PeerId, SpaceId},
    limits::MEMBERS,
    packet::Assembler,
    profile::{Contact, MemberRecord, Profile},
    rights::{Admission, Standing},
    sign::Signed,
    time::Time,
};

use crate::{
    avatars::RemoteAvatars,
    config::{DIAL_PAUSE, DIAL_PAUSE_MOST, PROFILES_PER_MINUTE},
    io::{MemberView, PathKind},
    outbox::Outbox,
    rate::Bucket,
};

/// Members that have left and are remembered, so that an old admission does not bring them back.
const REMEMBERED: usize = 4 * MEMBERS;

#[derive(Debug)]
pub(crate) struct Member {
    pub record: MemberRecord,
    pub admission: Admission,
    pub profile: Profile,
    /// When the local member heard of it.
    pub since: Time,
    /// Whether the link is open and both sides know each other.
    pub is_linked: bool,
    /// Since when there is no link; for the host to judge.
    pub unlinked_since: Time,
    /// When the host was last asked whether it is a member, as there is no link.
    pub asked: Option<Time>,
    pub redial: Redial,
    /// The game's messages to the member.
    pub outbox: Outbox,
    /// The game's messages had from the member, and how many of them it knows of.
    pub received: Received,
    /// What it shows of itself.
    pub avatars: RemoteAvatars,
    /// Parts of packets that others have carried from it, and who was the last to do so.
    pub packets: Assembler,
    pub carried_by: Option<PeerId>,
    /// Packets that others were asked to carry to it; wraps.
    pub packets_sent: u8,
    /// Whether it is heard to speak.
    pub is_speaking: bool,
    /// Profile changes that it may still make.
    pub profiles: Bucket,
    /// Whom it follows, as it has said on the open link.
    pub side: Option<Side>,
    /// It broke the rules: its links are refused until the host removes it.
    pub is_shunned: bool,
}

/// How many messages were had from a member.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub count: u64,
    pub confirmed: u64,
    pub unconfirmed_bytes: usize,
}

/// When to dial a member again.
#[derive(Debug)]
pub(crate) struct Redial {
    /// `None` while a dial is under way or a link open.
    pub at: Option<Time>,
    pause: Duration,
}

impl Redial {
    pub(crate) fn at(time: Time) -> Self {
        Self {
            at: Some(time),
            pause: DIAL_PAUSE,
        }
    }

    /// Nobody needs the link for now.
    pub(crate) fn rest(&mut self, now: Time) {
        *self = Self::at(now);
    }

    /// Whether the last dial was in vain, or the last link was lost.
    pub(crate) fn has_failed(&self) -> bool {
        self.pause > DIAL_PAUSE
    }

    pub(crate) fn back_off(&mut self, now: Time) {
        self.at = Some(now + self.pause);
        self.pause = (self.pause * 2).min(DIAL_PAUSE_MOST);
    }
}

impl Member {
    /// Reads a record, checking every signature in it.
    pub(crate) fn open(now: Time, space: SpaceId, record: MemberRecord) -> Option<Self> {
        let admission = record.admission.open(space).ok()?;
        let profile = open_profile(admission.peer, &record.profile)?;
        Some(Self {
            record,
            admission,
            profile,
            since: now,
            is_linked: false,
            unlinked_since: now,
            asked: None,
            redial: Redial::at(now),
            outbox: Outbox::default(),
            received: Received::default(),
            avatars: RemoteAvatars::default(),
            packets: Assembler::default(),
            carried_by: None,
            packets_sent: 0,
            is_speaking: false,
            profiles: Bucket::new(now, PROFILES_PER_MINUTE, Duration::from_mins(1)),
            side: None,
            is_shunned: false,
        })
    }

    /// Takes a newer profile; true if it changes what others see.
    pub(crate) fn update_profile(&mut self, signed: Signed<Profile>) -> bool {
        let Some(profile) = open_profile(self.admission.peer, &signed) else {
            return false;
        };
        if profile.revision <= self.profile.revision {
            return false;
        }
        let seen = profile.name != self.profile.name || profile.image != self.profile.image;
        self.profile = profile;
        self.record.profile = signed;
        seen
    }

    /// The member again that was lost: what it had and was sent goes on.
    pub(crate) fn found_again(&mut self, now: Time, lost: Self) {
        self.outbox = lost.outbox;
        self.received = lost.received;
        self.packets_sent = lost.packets_sent;
        self.side = lost.side;
        self.redial = Redial::at(now);
        self.update_profile(lost.record.profile);
    }

    pub(crate) fn contact(&self) -> Contact {
        Contact {
            peer: self.admission.peer,
            addresses: self.profile.addresses.clone(),
        }
    }

    pub(crate) fn view(&self, path: PathKind) -> MemberView {
        MemberView {
            peer: self.admission.peer,
            number: self.admission.number,
            name: self.profile.name.clone(),
            image: self.profile.image,
            path,
        }
    }
}

/// The profile that `peer` signed, if it did and keeps the limits.
pub(crate) fn open_profile(peer: PeerId, signed: &Signed<Profile>) -> Option<Profile> {
    if signed.signer() != peer {
        return None;
    }
    signed.open().ok().filter(Profile::is_within_limits)
}

/// All members but the local one.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: BTreeMap<MemberNumber, Member>,
    numbers: BTreeMap<PeerId, MemberNumber>,
    left: VecDeque<(PeerId, Standing)>,
}

impl Roster {
    /// Adds a member unless its number or its peer is there already, or it has left before.
    pub(crate) fn add(&mut self, member: Member) -> bool {
        let Admission {
            peer,
            number,
            standing,
            ..
        } = member.admission;
        let is_known = self.members.contains_key(&number) || self.numbers.contains_key(&peer);
        if is_known || self.left.contains(&(peer, standing)) || self.members.len() >= MEMBERS {
            return false;
        }
        self.numbers.insert(peer, number);
        self.members.insert(number, member);
        true
    }

    pub(crate) fn remove(&mut self, number: MemberNumber) -> Option<Member> {
        let member = self.members.remove(&number)?;
        self.numbers.remove(&member.admission.peer);
        Some(member)
    }

    /// Ends an admission for good.
    pub(crate) fn end(&mut self, admission: &Admission) {
        self.left.push_back((admission.peer, admission.standing));
        if self.left.len() > REMEMBERED {
            self.left.pop_front();
        }
    }

    /// An admission that was ended holds after all.
    pub(crate) fn renew(&mut self, admission: &Admission) {
        let ended = (admission.peer, admission.standing);
        self.left.retain(|other| *other != ended);
    }

    /// Whether this admission was ended before.
    pub(crate) fn has_left(&self, admission: &Admission) -> bool {
        self.left.contains(&(admission.peer, admission.standing))
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn number(&self, peer: PeerId) -> Option<MemberNumber> {
        self.numbers.get(&peer).copied()
    }

    pub(crate) fn get(&self, number: MemberNumber) -> Option<&Member> {
        self.members.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: MemberNumber) -> Option<&mut Member> {
        self.members.get_mut(&number)
    }

    pub(crate) fn by_peer(&self, peer: PeerId) -> Option<&Member> {
        self.get(self.number(peer)?)
    }

    pub(crate) fn by_peer_mut(&mut self, peer: PeerId) -> Option<&mut Member> {
        self.get_mut(self.number(peer)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.members.values_mut()
    }

    /// The peers of all linked members.
    pub(crate) fn linked(&self) -> Vec<PeerId> {
        self.iter()
            .filter(|member| member.is_linked)
            .map(|member| member.admission.peer)
            .collect()
    }

    /// The hashes of all images that members wear.
    pub(crate) fn worn(&self) -> BTreeSet<ContentHash> {
        self.iter()
            .filter_map(|member| member.profile.image)
            .collect()
    }
}
