//! What showing a crowd costs: `cargo bench -p metaverse-avatar --bench playback`.

use std::time::{Duration, Instant};

use glam::{Quat, Vec3};
use metaverse_avatar::{Level, Limb, LimbEnd, MiddlePose, Playback, Pose, Rig, RootPose, Solver};
use metaverse_protocol::time::Time;

/// How many avatars there are at each level, and how many poses of theirs come in a second.
const CROWD: [(Level, usize, u64); 3] = [
    (Level::Near, 16, 20),
    (Level::Middle, 48, 8),
    (Level::Far, 136, 1),
];
const FRAMES: u64 = 1_200;
const FRAME_MICROS: u64 = 16_667;

fn pose_at(micros: u64) -> Pose {
    let seconds = micros as f32 / 1e6;
    let root = RootPose::new(
        Vec3::X * seconds.sin(),
        Quat::from_rotation_y(seconds.sin()),
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let mut pose = Pose::rest(root);
    for (bone, rotation) in pose.rotations.iter_mut().enumerate() {
        *rotation = Quat::from_rotation_x(0.5 * (seconds + bone as f32).sin());
    }
    pose
}

fn middle_at(rig: &Rig, micros: u64) -> MiddlePose {
    let pose = pose_at(micros);
    let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 56];
    rig.solve_forward(pose.hips, &pose.rotations, &mut globals);
    let place = |name: &str| globals[rig.find(name).unwrap_or(0)];
    MiddlePose {
        root: pose.root,
        hips_height: pose.hips.y,
        head: place("Head").1,
        ends: Limb::ALL.map(|limb| {
            let (position, rotation) = place(limb.end());
            LimbEnd { position, rotation }
        }),
    }
}

struct Avatar {
    playback: Playback,
    level: Level,
    interval: u64,
    /// When its next pose is captured.
    next: u64,
}

fn main() {
    let rig = Rig::humanoid();
    let mut solver = Solver::new(&rig);
    let mut avatars: Vec<Avatar> = CROWD
        .into_iter()
        .flat_map(|(level, count, rate)| {
            (0..count).map(move |at| Avatar {
                playback: Playback::new(),
                level,
                interval: 1_000_000 / rate,
                next: at as u64 * 7_919 % (1_000_000 / rate),
            })
        })
        .collect();
    let (mut pushes, mut samples) = (Vec::new(), Vec::new());
    let mut solving = (Duration::ZERO, 0);
    let mut known = pose_at(0);
    let mut buffer = pose_at(0);
    for frame in 0..FRAMES {
        let now = frame * FRAME_MICROS;
        let mut pushing = Duration::ZERO;
        for avatar in &mut avatars {
            if avatar.next > now {
                continue;
            }
            if avatar.level == Level::Middle {
                let middle = middle_at(&rig, avatar.next);
                let start = Instant::now();
                solver.solve(&middle, &mut known);
                solving = (solving.0 + start.elapsed(), solving.1 + 1);
            } else {
                known = pose_at(avatar.next);
            }
            let (received, captured) = (Time(1_000_000 + now), Time(1_000_000 + avatar.next));
            let start = Instant::now();
            avatar
                .playback
                .push(received, captured, avatar.level, &known);
            pushing += start.elapsed();
            avatar.next += avatar.interval;
        }
        pushes.push(pushing);
        let start = Instant::now();
        for avatar in &mut avatars {
            std::hint::black_box(avatar.playback.sample(Time(1_000_000 + now), &mut buffer));
        }
        samples.push(start.elapsed());
    }
    let percentile = |times: &mut Vec<Duration>, share: usize| {
        times.sort_unstable();
        times[times.len() * share / 100].as_secs_f32() * 1e6
    };
    println!(
        "sampling 200 avatars: {:.0} us a frame (median), {:.0} us (p95)",
        percentile(&mut samples, 50),
        percentile(&mut samples, 95)
    );
    println!(
        "pushing: {:.0} us a frame (p95)",
        percentile(&mut pushes, 95)
    );
    println!(
        "solving: {:.1} us a pose",
        solving.0.as_secs_f32() * 1e6 / solving.1 as f32
    );
}
