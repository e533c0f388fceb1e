//! How many bytes a pose takes on the wire, and how true it is: `cargo xtask bench pose -- [--clip FILE.bvh]...
//! [--rate 20] [--confirm-delay-ms 100] [--loss 0] [--svg FILE]`.

mod arguments;
mod errors;
mod play;
mod plot;

use anyhow::{Context, Result, ensure};
use metaverse_avatar::{Precision, limits::PAYLOAD_BYTES};
use metaverse_motion::{Activity, Clip};
use serde::Serialize;

use self::{arguments::Arguments, play::Played};
use crate::quantile::quantile;

/// Bytes before the payload of a lone avatar: kind, time of capture, avatar and level.
const HEADER_BYTES: usize = 4;
/// Seconds that each generated motion lasts.
const GENERATED_SECONDS: f64 = 20.0;
/// Times that everything is played for the times of encoding and decoding.
const ROUNDS: usize = 5;

/// What is printed.
#[derive(Debug, Serialize)]
pub struct Figures {
    clips: Vec<ClipFigures>,
    /// Of a figure that stands still, with headers.
    idle_bytes_per_second: f64,
    /// The median of the time for a pose to be rounded and written, in microseconds.
    encode_us: f64,
    /// The median of the time for it to be read.
    decode_us: f64,
    /// Over all poses of all clips.
    mean_bytes: f64,
}

/// Errors are 95th percentiles: of all moving joints in all poses, of both wrists, of the root.
#[derive(Debug, Serialize)]
struct ClipFigures {
    name: String,
    poses: usize,
    joints: usize,
    mean_bytes: f64,
    p95_bytes: f64,
    keyframe_bytes: f64,
    joint_error_deg_p95: f64,
    wrist_error_cm_p95: f64,
    root_error_cm_p95: f64,
}

/// Plays clips through the codec.
///
/// # Errors
/// When an argument is wrong, or a clip cannot be read or sent.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<Figures> {
    let arguments = Arguments::parse(arguments)?;
    let clips = clips(&arguments)?;
    let setting = arguments.setting();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let played: Vec<Played> = clips
            .iter()
            .map(|(name, clip)| {
                play::play(clip, &setting, Precision::USUAL).with_context(|| name.clone())
            })
            .collect::<Result<_>>()?;
        rounds.push(played);
    }
    let times = |of: fn(&Played) -> &[f64]| -> Result<f64> {
        let all: Vec<f64> = rounds.iter().flatten().flat_map(of).copied().collect();
        quantile(&all, 0.5).context("no poses")
    };
    if let Some(path) = &arguments.svg {
        plot::write(path, &clips, &setting)?;
    }
    let played = &rounds[0];
    let bytes: Vec<f64> = played
        .iter()
        .flat_map(|played| &played.bytes)
        .copied()
        .collect();
    let figures = clips
        .iter()
        .zip(played)
        .map(|((name, _), played)| figures(name, played))
        .collect::<Result<_>>()?;
    Ok(Figures {
        clips: figures,
        idle_bytes_per_second: play::idle(&clips[0].1, &setting)?,
        encode_us: times(|played| &played.encode_us)?,
        decode_us: times(|played| &played.decode_us)?,
        mean_bytes: mean(&bytes)?,
    })
}

fn clips(arguments: &Arguments) -> Result<Vec<(String, Clip)>> {
    if arguments.clips.is_empty() {
        let generate = |activity: &Activity| {
            let name = format!("{activity:?}").to_lowercase();
            (name, Clip::generate(*activity, GENERATED_SECONDS))
        };
        return Ok(Activity::ALL.iter().map(generate).collect());
    }
    arguments
        .clips
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            // Names may be in any old encoding; all else is ASCII.
            let text = String::from_utf8_lossy(&bytes);
            let clip = Clip::read(&text).with_context(|| path.display().to_string())?;
            Ok((name.into_owned(), clip))
        })
        .collect()
}

fn figures(name: &str, played: &Played) -> Result<ClipFigures> {
    let p95 = |samples: &[f64]| quantile(samples, 0.95).unwrap_or(0.0);
    Ok(ClipFigures {
        name: name.to_owned(),
        poses: played.poses,
        joints: played.joints,
        mean_bytes: mean(&played.bytes).with_context(|| format!("{name} is too short"))?,
        p95_bytes: p95(&played.bytes),
        keyframe_bytes: mean(&played.keyframe_bytes)?,
        joint_error_deg_p95: p95(&played.errors.joints),
        wrist_error_cm_p95: p95(&played.errors.wrists),
        root_error_cm_p95: p95(&played.errors.roots),
    })
}

fn mean(samples: &[f64]) -> Result<f64> {
    ensure!(!samples.is_empty(), "no pose had a confirmed one before it");
    Ok(samples.iter().sum::<f64>() / samples.len() as f64)
}
