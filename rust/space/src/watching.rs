//! Who sees what of whom: the local avatars on their way to the others, theirs on their way here.

use std::{collections::BTreeSet, sync::Arc};

use metaverse_avatar::{Level, Pose, Rig};
use metaverse_protocol::{
    control::{Control, Watch},
    datagram::PoseEntry,
    id::{AvatarId, MemberNumber, PeerId},
    time::{Tick, Time},
};

use crate::{
    activity::ActivityProfile,
    avatars::{Taken, encoded},
    config::{STALE, WATCH_INTERVAL},
    core::{Core, Poses},
    inside::Inside,
    interest::{self, Viewpoint, Wanted},
    io::{CloseReason, Now, Output},
    link::Link,
    roster::Member,
};

/// How the local person watches the others.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    profile: ActivityProfile,
    viewpoint: Option<Viewpoint>,
    /// When it is next decided how closely each avatar is watched.
    due: Time,
}

impl Watching {
    pub(crate) fn set(&mut self, viewpoint: Option<Viewpoint>, profile: ActivityProfile) {
        self.viewpoint = viewpoint.filter(Viewpoint::is_finite);
        self.profile = profile.within_limits();
    }
}

impl Core {
    /// Takes poses of local avatars that were captured together.
    pub(crate) fn capture(&mut self, captured: Time, poses: &[(AvatarId, Pose)]) {
        for (avatar, pose) in poses {
            if self.avatars.capture(*avatar, captured, pose).is_err() {
                self.counters.rejected_poses += 1;
            }
        }
    }

    /// Shows a member that has just been linked every local avatar.
    pub(crate) fn show_all(&mut self, now: Now, peer: PeerId) {
        let rigs: Vec<Control> = self.avatars.rigs().collect();
        for rig in rigs {
            self.send(peer, &rig);
        }
        self.show_avatars(now, peer);
        self.alarm(now.time);
    }

    /// A member tells how closely it watches the local avatars.
    pub(crate) fn watched(&mut self, now: Now, from: PeerId, watches: &[Watch]) {
        let Some(link) = self.links.get_mut(&from) else {
            return;
        };
        for watch in watches {
            let Some(level) = Level::from_number(watch.level) else {
                continue;
            };
            let rate = watch.rate.max(1);
            link.viewer.watch(watch.avatar, Wanted { level, rate });
        }
        self.show_avatars(now, from);
    }
}

impl Inside {
    /// Begins to show one of the local avatars, or shows it with another skeleton.
    pub(crate) fn show_avatar(&mut self, core: &mut Core, avatar: AvatarId, rig: Arc<Rig>) {
        let message = Control::Avatar {
            avatar,
            rig: Some(encoded(&rig)),
        };
        if core.avatars.show(avatar, rig) {
            self.tell_of_avatar(core, avatar, &message);
        }
    }

    /// Ends showing one of the local avatars.
    pub(crate) fn hide_avatar(&mut self, core: &mut Core, avatar: AvatarId) {
        if core.avatars.hide(avatar) {
            let message = Control::Avatar { avatar, rig: None };
            self.tell_of_avatar(core, avatar, &message);
        }
    }

    fn tell_of_avatar(&self, core: &mut Core, avatar: AvatarId, message: &Control) {
        for peer in self.roster.linked() {
            core.send(peer, message);
            if let Some(link) = core.links.get_mut(&peer) {
                link.viewer.forget(avatar);
            }
        }
    }

    /// Sends every linked member what is due.
    pub(crate) fn tend_viewers(&mut self, core: &mut Core, now: Now) {
        for peer in self.roster.linked() {
            core.show_avatars(now, peer);
        }
    }

    /// A member shows one of its avatars, or ends showing it.
    pub(crate) fn avatar_told(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        avatar: AvatarId,
        rig: Option<&[u8]>,
    ) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        if self.take_rig(core, number, avatar, rig).is_err() {
            core.counters.malformed_rigs += 1;
            self.shun(core, now, from, CloseReason::Malformed);
        }
    }

    /// Poses have come.
    pub(crate) fn take_poses(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        poses: &Poses<'_>,
    ) {
        let offset = core.links.get(&from).and_then(Link::clock_offset);
        let Some(captured) = local_time(now.time, poses.captured, offset) else {
            core.counters.undecodable_poses += 1;
            return;
        };
        let Some(member) = self.roster.by_peer_mut(from) else {
            core.counters.unauthorized += 1;
            return;
        };
        if !take_entries(core, member, captured, poses) {
            return;
        }
        if let Some(link) = core.links.get_mut(&from) {
            link.receipts.add(now.time, poses.sequence);
            let due = link.receipts.due();
            if let Some(due) = due {
                core.alarm(due);
            }
        }
    }

    /// Decides how closely each avatar is watched, and tells those for whom that is something new.
    pub(crate) fn tend_watching(&mut self, core: &mut Core, now: Now) {
        if now.time < core.watching.due {
            return core.alarm(core.watching.due);
        }
        let mut owners = Vec::new();
        let mut candidates = Vec::new();
        let is_full_mesh = self.topology.is_full_mesh();
        for member in self.roster.iter() {
            if is_full_mesh && !member.is_linked {
                continue;
            }
            for (avatar, candidate) in member.avatars.candidates(member.is_speaking) {
                owners.push((member.admission.number, avatar));
                candidates.push(candidate);
            }
        }
        if candidates.is_empty() {
            return;
        }
        core.watching.due = now.time + WATCH_INTERVAL;
        core.alarm(core.watching.due);
        let Watching {
            profile, viewpoint, ..
        } = &core.watching;
        let wanted = interest::choose(profile, *viewpoint, &candidates);
        let decisions = owners.iter().zip(&wanted);
        let near = decisions.filter(|(_, wanted)| wanted.level == Level::Near);
        let near: BTreeSet<MemberNumber> = near.map(|((number, _), _)| *number).collect();
        self.keep_close(&near);
        self.tell_watching(core, &owners, &wanted);
    }

    /// Whether a member shows its avatars on a link of its own.
    fn is_shown_directly(&self, core: &Core, number: MemberNumber) -> bool {
        let member = self.roster.get(number).filter(|member| member.is_linked);
        let link = member.and_then(|member| core.links.get(&member.admission.peer));
        link.is_some_and(|link| link.need.poses)
    }

    fn tell_watching(
        &mut self,
        core: &mut Core,
        owners: &[(MemberNumber, AvatarId)],
        wanted: &[Wanted],
    ) {
        let decisions: Vec<_> = owners.iter().zip(wanted).collect();
        for decisions in decisions.chunk_by(|((a, _), _), ((b, _), _)| a == b) {
            let number = decisions[0].0.0;
            let is_direct = self.is_shown_directly(core, number);
            for (owned, wanted) in decisions {
                let over_forwarders = if is_direct { Wanted::PLACE } else { **wanted };
                self.follow(**owned, over_forwarders);
            }
            let Some(member) = self.roster.get_mut(number) else {
                continue;
            };
            for ((_, avatar), wanted) in decisions {
                member.avatars.watch(*avatar, **wanted);
            }
            if !is_direct {
                member.avatars.forget_told();
                continue;
            }
            let watches: Vec<Watch> = decisions
                .iter()
                .filter(|((_, avatar), _)| member.avatars.tell(*avatar))
                .map(|((_, avatar), wanted)| Watch {
                    avatar: *avatar,
                    level: wanted.level.number(),
                    rate: wanted.rate,
                })
                .collect();
            if !watches.is_empty() {
                core.send(member.admission.peer, &Control::Watch(watches));
            }
        }
    }
}

/// Whether every pose in a bundle was understood.
fn take_entries(core: &mut Core, member: &mut Member, captured: Time, poses: &Poses<'_>) -> bool {
    let mut is_whole = true;
    for entry in poses.entries.clone() {
        is_whole &= show_pose(core, member, captured, poses.captured, entry);
    }
    is_whole
}

/// Shows the game a pose, if it is news. False if it was not understood.
pub(crate) fn show_pose(
    core: &mut Core,
    member: &mut Member,
    captured: Time,
    tick: Tick,
    entry: PoseEntry<'_>,
) -> bool {
    match member.avatars.take(captured, tick, entry) {
        Taken::Newest(captured, level, pose) => core.output(Output::Pose {
            member: member.admission.number,
            avatar: entry.avatar,
            captured,
            level,
            pose,
        }),
        Taken::Late => core.counters.late_poses += 1,
        Taken::Unknown => {
            core.counters.undecodable_poses += 1;
            return false;
        }
    }
    true
}

/// When, on our clock, a pose was captured; `None` if it is from another time. As long as the other's clock is unknown,
/// that is now.
pub(crate) fn local_time(now: Time, captured: Tick, offset: Option<i64>) -> Option<Time> {
    let Some(offset) = offset else {
        return Some(now);
    };
    let captured = captured
        .near(now.offset(offset))
        .offset(offset.saturating_neg());
    let is_stale = captured.micros_after(now).unsigned_abs() > STALE.as_micros() as u64;
    (!is_stale).then(|| captured.min(now))
}
