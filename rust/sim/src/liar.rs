//! Members that break the rules, each in one way.

use std::time::Duration;

use bytes::Bytes;
use glam::{Quat, Vec3};
use metaverse_avatar::{Encoder, Level, Pose, Rig, RootPose};
use metaverse_protocol::{
    control::Control,
    datagram::{Bundle, BundleSequence, Datagram, PoseEntry},
    id::AvatarId,
    lane::Lane,
    quality::{LinkQuality, LossStep, RoundTripStep},
    time::Tick,
};

use crate::{agenda::Task, member::Member, net::Net, scenario::Lie};

/// How often a liar does what it does.
const LYING: Duration = Duration::from_millis(100);
/// Bytes of noise.
const NOISE_BYTES: usize = 40;

impl Member {
    /// A frame as it is sent: a boaster's links are the best there are.
    pub(crate) fn bent_frame(&self, lane: Lane, bytes: Bytes) -> Bytes {
        let boasts = matches!(self.lie, Some(Lie::Boasts | Lie::Drops)) && lane == Lane::Control;
        let Some(Control::Links(mut reports)) =
            boasts.then(|| Control::decode(&bytes).ok()).flatten()
        else {
            return bytes;
        };
        for report in &mut reports {
            report.quality = Some(LinkQuality {
                is_relayed: false,
                round_trip: RoundTripStep::of(Duration::ZERO),
                loss: LossStep::default(),
            });
        }
        Control::Links(reports).encode().into()
    }

    /// Whether a datagram is not sent, as it would serve others.
    pub(crate) fn swallows(&self, bytes: &Bytes) -> bool {
        self.lie == Some(Lie::Drops)
            && matches!(
                Datagram::decode(bytes),
                Ok(Datagram::Carried { .. } | Datagram::Forwarded { .. })
            )
    }

    /// Sends somebody what nobody has sent.
    pub(crate) fn tell_lie(&mut self, net: &Net) {
        self.agenda.add(self.now + LYING, Task::Lie);
        let members = self.journal.members.len();
        if members < 3 || !matches!(self.lie, Some(Lie::Forges | Lie::Babbles)) {
            return;
        }
        let [victim, to] = [(); 2].map(|()| self.chance.below(members));
        let mut listed = self.journal.members.iter();
        let (Some((&from, _)), Some(&to)) =
            (listed.nth(victim), self.journal.members.values().nth(to))
        else {
            return;
        };
        if self.lie == Some(Lie::Babbles) {
            let mut noise = vec![0; NOISE_BYTES];
            self.chance.fill(&mut noise);
            return self.send_datagram(net, to, noise.into());
        }
        self.lies = self.lies.wrapping_add(1);
        if let Some(bytes) = place_elsewhere(self.lies) {
            let bytes = &bytes[..];
            let forged = Datagram::Forwarded { from, bytes }.encode();
            self.send_datagram(net, to, forged.into());
        }
    }
}

/// A bundle with a pose far away from everybody.
fn place_elsewhere(sequence: u8) -> Option<Vec<u8>> {
    let elsewhere = RootPose::new(Vec3::splat(1_000.0), Quat::IDENTITY).ok()?;
    let mut encoder = Encoder::new(Rig::default());
    let tick = Tick(u16::from(sequence));
    encoder.push(tick, &Pose::rest(elsewhere)).ok()?;
    let mut payload = Vec::new();
    encoder.encode(Level::Far, &[], &mut payload);
    let mut bundle = Bundle::new(BundleSequence::new(sequence), tick);
    bundle.push(PoseEntry {
        avatar: AvatarId(0),
        level: Level::Far.number(),
        payload: &payload,
    });
    bundle.finish()
}
