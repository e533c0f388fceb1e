//! A clip on its way through the codec, over a network that loses poses and confirmations.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use glam::{Quat, Vec3};
use metaverse_avatar::{
    Decoded, Decoder, Encoder, Level, Pose, Precision, RootPose, limits::POSES_REMEMBERED,
};
use metaverse_motion::Clip;
use metaverse_protocol::time::Tick;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::{
    HEADER_BYTES, PAYLOAD_BYTES,
    errors::{Errors, moving},
};

/// How long a figure stands still to be measured, in seconds, after it was sent first.
const IDLE_SECONDS: usize = 60;
const SEED: u64 = 7;

/// How to play.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Poses a second.
    pub rate: f64,
    /// How old the newest confirmed pose is, in seconds, when nothing is lost.
    pub confirm_delay: f64,
    /// The share of poses and, again, of confirmations that are lost.
    pub loss: f64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Played {
    pub poses: usize,
    pub joints: usize,
    /// Everything above the datagram, of each pose that had a confirmed one before it.
    pub bytes: Vec<f64>,
    /// The same of what each pose would be without.
    pub keyframe_bytes: Vec<f64>,
    pub errors: Errors,
    pub encode_us: Vec<f64>,
    pub decode_us: Vec<f64>,
}

/// A pose that was sent, and whether the sender has heard of its arrival.
struct Sent {
    captured: Tick,
    is_confirmed: bool,
}

/// Plays a clip once.
pub fn play(clip: &Clip, setting: &Setting, precision: Precision) -> Result<Played> {
    let poses = poses(clip, setting.rate)?;
    let rig = clip.rig();
    let moving = moving(rig, &poses);
    let mut played = Played {
        poses: poses.len(),
        joints: moving.len(),
        ..Played::default()
    };
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut is_lost = || f64::from(random.next_u32()) < setting.loss * f64::from(u32::MAX);
    let mut encoder = Encoder::with_precision(rig.clone(), precision);
    let mut decoder = Decoder::with_precision(rig.clone(), precision);
    let delay = (setting.confirm_delay * setting.rate).round().max(1.0) as usize;
    let mut sent: Vec<Sent> = Vec::new();
    let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
    for (beat, pose) in poses.iter().enumerate() {
        let captured = captured(beat, setting.rate);
        let references: Vec<Tick> = sent
            .iter()
            .rev()
            .skip(delay - 1)
            .take(POSES_REMEMBERED)
            .filter(|sent| sent.is_confirmed)
            .map(|sent| sent.captured)
            .collect();
        payload.clear();
        let begin = Instant::now();
        encoder.push(captured, pose)?;
        encoder.encode(Level::Near, &references, &mut payload);
        played.encode_us.push(micros(begin.elapsed()));
        if !references.is_empty() {
            played.bytes.push((HEADER_BYTES + payload.len()) as f64);
        }
        let has_arrived = !is_lost();
        if has_arrived {
            let begin = Instant::now();
            let arrived = decoder.decode(captured, Level::Near, &payload)?;
            played.decode_us.push(micros(begin.elapsed()));
            let Decoded::Near(arrived) = arrived else {
                bail!("a near pose decodes as another");
            };
            played.errors.add(rig, &moving, pose, arrived);
        }
        sent.push(Sent {
            captured,
            is_confirmed: has_arrived && !is_lost(),
        });
        payload.clear();
        encoder.encode(Level::Near, &[], &mut payload);
        played
            .keyframe_bytes
            .push((HEADER_BYTES + payload.len()) as f64);
    }
    Ok(played)
}

/// Bytes a second of a figure that stands as the clip begins, once it has come to rest.
pub fn idle(clip: &Clip, setting: &Setting) -> Result<f64> {
    let mut pose = Pose::rest(RootPose::new(Vec3::ZERO, Quat::IDENTITY)?);
    clip.pose_at(0.0, &mut pose)?;
    let mut encoder = Encoder::new(clip.rig().clone());
    let mut sent: Vec<(usize, Tick)> = Vec::new();
    let mut bytes = 0;
    let mut payload = Vec::new();
    let second = setting.rate.round() as usize;
    let delay = (setting.confirm_delay * setting.rate).round().max(1.0) as usize;
    for beat in 0..(IDLE_SECONDS + 1) * second {
        let captured = captured(beat, setting.rate);
        if !encoder.push_if_changed(captured, &pose)? {
            continue;
        }
        let references: Vec<Tick> = sent
            .iter()
            .rev()
            .filter(|(then, _)| beat - then >= delay)
            .map(|(_, captured)| *captured)
            .take(POSES_REMEMBERED)
            .collect();
        payload.clear();
        encoder.encode(Level::Near, &references, &mut payload);
        sent.push((beat, captured));
        if beat >= second {
            bytes += HEADER_BYTES + payload.len();
        }
    }
    Ok(bytes as f64 / IDLE_SECONDS as f64)
}

/// The poses of a clip at another rate than its own.
pub fn poses(clip: &Clip, rate: f64) -> Result<Vec<Pose>> {
    let rest = Pose::rest(RootPose::new(Vec3::ZERO, Quat::IDENTITY)?);
    // What rounding lacks of the last frame is still that frame.
    let count = (clip.seconds() * rate + 1e-6) as usize + 1;
    (0..count)
        .map(|beat| {
            let mut pose = rest.clone();
            clip.pose_at(beat as f64 / rate, &mut pose)?;
            Ok(pose)
        })
        .collect()
}

fn captured(beat: usize, rate: f64) -> Tick {
    Tick((beat as f64 * 1000.0 / rate).round() as u64 as u16)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
