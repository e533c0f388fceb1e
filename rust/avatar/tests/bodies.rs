//! Whole bodies of a remote avatar over levels, losses and pauses, in virtual time.

mod attitude;

use attitude::{Attitude, summary};
use glam::{Quat, Vec3};
use metaverse_avatar::{Level, Playback, Pose, Pushed, Rig, RootPose, Shown, Solver};
use metaverse_protocol::time::Time;
use proptest::prelude::*;

const FRAME: u64 = 16_667;

fn at(micros: u64) -> Time {
    Time(1_000_000_000 + micros)
}

/// Somebody who walks along z, looks about and gestures.
fn moving(rig: &Rig, micros: u64) -> Pose {
    let seconds = micros as f32 / 1e6;
    let wave = |hertz: f32, phase: f32| (seconds * hertz * std::f32::consts::TAU + phase).sin();
    let arm = |phase: f32| {
        [
            0.5 + 0.4 * wave(0.3, phase),
            0.5 * wave(0.8, phase),
            0.6 * wave(0.5, phase + 1.0),
            0.5 * wave(0.4, phase),
            0.5 * wave(0.7, phase),
        ]
    };
    let leg = |phase: f32| {
        [
            -0.4 + 0.5 * wave(0.9, phase),
            0.0,
            -0.5 + 0.4 * wave(0.9, phase + 1.5),
            0.0,
        ]
    };
    let attitude = Attitude {
        hips: [0.2, 0.3 * wave(0.9, 0.0), 0.3 * wave(0.9, 0.5)],
        spine: [0.3, 0.3 * wave(0.4, 0.0), 0.0],
        head: [0.3 * wave(0.2, 0.0), 0.6 * wave(0.3, 0.0), 0.0],
        arms: [arm(0.0), arm(3.1)],
        legs: [leg(0.0), leg(3.1)],
    };
    let mut pose = attitude.pose(rig);
    pose.root = RootPose::new(Vec3::Z * seconds * 1.4, Quat::IDENTITY).expect("a pose");
    pose.expressions[0] = 0.5 + 0.5 * wave(0.5, 0.0);
    pose
}

/// A pose on its way, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Sent {
    captured: u64,
    received: u64,
    level: Level,
}

/// Poses of `level` from one moment to another in seconds, so many a second.
fn beats(level: Level, from: u64, to: u64, rate: u64) -> impl Iterator<Item = Sent> {
    (from * rate..to * rate).map(move |beat| Sent {
        captured: beat * 1_000_000 / rate,
        received: beat * 1_000_000 / rate + 20_000 + beat * 7_919 % 12_000,
        level,
    })
}

/// One frame of what was shown.
struct Frame<'a> {
    micros: u64,
    shown: Shown,
    pose: &'a Pose,
    delay: u64,
}

/// Plays what was sent of `pose_at` at 60 frames a second, as a client does, and hands each frame to `check`.
fn play(mut sent: Vec<Sent>, pose_at: impl Fn(u64) -> Pose, mut check: impl FnMut(&Frame<'_>)) {
    let rig = Rig::humanoid();
    let mut solver = Solver::new(&rig);
    let mut playback = Playback::new();
    let mut known = pose_at(0);
    let mut buffer = Pose::rest(known.root);
    sent.sort_by_key(|sent| sent.received);
    let end = sent.last().map_or(0, |sent| sent.received);
    let mut sent = sent.into_iter().peekable();
    for micros in (0..end).step_by(FRAME as usize) {
        while let Some(next) = sent.next_if(|next| next.received <= micros) {
            let truth = pose_at(next.captured);
            match next.level {
                Level::Near => known.clone_from(&truth),
                Level::Middle => solver.solve(&summary(&rig, &truth), &mut known),
                Level::Far => known.root = truth.root,
            }
            playback.push(at(next.received), at(next.captured), next.level, &known);
        }
        if let Some(shown) = playback.sample(at(micros), &mut buffer) {
            let delay = playback.delay().as_micros() as u64;
            check(&Frame {
                micros,
                shown,
                pose: &buffer,
                delay,
            });
        }
    }
}

/// The farthest that any bone turns between two poses, in degrees.
fn farthest(a: &Pose, b: &Pose) -> f32 {
    a.rotations
        .iter()
        .zip(&b.rotations)
        .map(|(a, b)| a.angle_between(*b).to_degrees())
        .fold(0.0, f32::max)
}

/// The largest turn of a bone in one frame, true and as shown from the second second on.
fn turns(sent: Vec<Sent>) -> (f32, f32) {
    let rig = Rig::humanoid();
    let truth = (0..600)
        .map(|frame| {
            let [now, next] = [frame, frame + 1].map(|frame| moving(&rig, frame * FRAME));
            farthest(&now, &next)
        })
        .fold(0.0, f32::max);
    let mut shown = 0.0_f32;
    let mut last: Option<Pose> = None;
    play(
        sent,
        |micros| moving(&rig, micros),
        |frame| {
            if let Some(last) = last.as_ref().filter(|_| frame.micros > 1_000_000) {
                shown = shown.max(farthest(last, frame.pose));
            }
            last = Some(frame.pose.clone());
        },
    );
    (truth, shown)
}

#[test]
fn near_motion_is_shown_as_it_is() {
    let rig = Rig::humanoid();
    let mut worst = 0.0_f32;
    let mut behind = Vec::new();
    play(
        beats(Level::Near, 0, 8, 20).collect(),
        |micros| moving(&rig, micros),
        |frame| {
            if frame.micros < 2_000_000 {
                return;
            }
            assert_eq!(frame.shown, Shown::Body { weight: 1.0 });
            // The moment shown is told by where the root is.
            let moment = (f64::from(frame.pose.root.position().z) / 1.4 * 1e6) as u64;
            behind.push(frame.micros - moment);
            let truth = moving(&rig, moment);
            worst = worst.max(farthest(frame.pose, &truth));
            assert!((frame.pose.hips - truth.hips).length() < 0.01);
            assert!((frame.pose.expressions[0] - truth.expressions[0]).abs() < 0.02);
        },
    );
    println!("near: {worst} degrees");
    assert!(worst < 2.0, "{worst} degrees");
    assert!(
        behind
            .iter()
            .all(|behind| (60_000..110_000).contains(behind))
    );
}

#[test]
fn five_poses_a_second_are_shown_smoothly() {
    let (truth, shown) = turns(beats(Level::Middle, 0, 9, 5).collect());
    println!("5 Hz: {shown} degrees in a frame, truly {truth}");
    assert!(shown < 2.0 * truth, "{shown} of {truth} degrees in a frame");
}

#[test]
fn no_bone_jumps_when_the_level_changes() {
    let mut sent = Vec::new();
    for (level, from, to, rate) in [
        (Level::Near, 0, 2, 20),
        (Level::Middle, 2, 4, 8),
        (Level::Near, 4, 6, 20),
        (Level::Middle, 6, 7, 10),
        (Level::Far, 7, 10, 1),
        (Level::Near, 10, 12, 20),
        (Level::Far, 12, 15, 2),
        (Level::Middle, 15, 17, 5),
        (Level::Near, 17, 19, 60),
    ] {
        sent.extend(beats(level, from, to, rate));
    }
    let (truth, shown) = turns(sent);
    println!("levels: {shown} degrees in a frame, truly {truth}");
    assert!(shown < 2.0 * truth, "{shown} of {truth} degrees in a frame");
}

#[test]
fn the_root_keeps_its_pace_while_the_level_changes() {
    let rig = Rig::humanoid();
    let mut sent = Vec::new();
    for (level, from, to, rate) in [
        (Level::Near, 0, 3, 20),
        (Level::Far, 3, 15, 1),
        (Level::Near, 15, 22, 20),
    ] {
        sent.extend(beats(level, from, to, rate));
    }
    let mut last: Option<(u64, f32)> = None;
    play(
        sent,
        |micros| moving(&rig, micros),
        |frame| {
            let z = frame.pose.root.position().z;
            if let Some((then, from)) = last.filter(|_| frame.micros > 1_000_000) {
                let speed = (z - from) / ((frame.micros - then) as f32 / 1e6);
                assert!(
                    (1.4 * 0.6..1.4 * 1.4).contains(&speed),
                    "{speed} m/s at {}",
                    frame.micros
                );
            }
            if frame.micros > 21_000_000 {
                let behind = frame.micros as f32 / 1e6 - z / 1.4;
                assert!(behind < 0.12 && frame.delay < 120_000, "{behind} s behind");
            }
            last = Some((frame.micros, z));
        },
    );
}

#[test]
fn far_off_the_body_is_held_and_comes_back_gently() {
    let rig = Rig::humanoid();
    let mut sent: Vec<Sent> = beats(Level::Near, 0, 2, 20).collect();
    sent.extend(beats(Level::Far, 2, 6, 2));
    sent.extend(beats(Level::Near, 6, 8, 20));
    let mut alone = Vec::new();
    let mut weights = Vec::new();
    let mut held: Option<Pose> = None;
    play(
        sent,
        |micros| moving(&rig, micros),
        |frame| match frame.shown {
            Shown::Root { alone: since } => {
                alone.push(since.expect("it was known"));
                let held = held.get_or_insert_with(|| frame.pose.clone());
                assert!(farthest(held, frame.pose) < 0.1);
            }
            Shown::Body { weight } => weights.push(weight),
        },
    );
    assert!(alone.is_sorted() && alone[0].is_zero());
    assert!((3.5..4.6).contains(&alone[alone.len() - 1].as_secs_f32()));
    assert!(
        (weights[0] - 1.0).abs() < f32::EPSILON,
        "it was there from the start"
    );
    let rising: Vec<f32> = weights
        .iter()
        .copied()
        .filter(|weight| *weight < 1.0)
        .collect();
    assert!(rising.is_sorted() && rising.len() > 10 && rising[0] < 0.1);
    assert!((weights[weights.len() - 1] - 1.0).abs() < f32::EPSILON);
}

#[test]
fn who_was_never_near_has_no_body() {
    let rig = Rig::humanoid();
    let mut frames = 0;
    play(
        beats(Level::Far, 0, 5, 1).collect(),
        |micros| moving(&rig, micros),
        |frame| {
            assert_eq!(frame.shown, Shown::Root { alone: None });
            frames += 1;
        },
    );
    assert!(frames > 200);
}

#[test]
fn who_stood_still_does_not_slide_into_the_next_pose() {
    let rig = Rig::humanoid();
    let setting_out = |micros: u64| moving(&rig, micros.max(5_000_000));
    let mut sent: Vec<Sent> = beats(Level::Near, 0, 2, 20).collect();
    sent.extend(beats(Level::Near, 2, 5, 1));
    sent.extend(beats(Level::Near, 5, 8, 20));
    let still = setting_out(0);
    let mut last: Option<f32> = None;
    play(sent, setting_out, |frame| {
        if frame.micros < 5_000_000 {
            assert!(
                farthest(&still, frame.pose) < 0.1,
                "moves at {}",
                frame.micros
            );
            assert!(frame.delay < 120_000, "{}", frame.delay);
        }
        let z = frame.pose.root.position().z;
        assert!(
            last.is_none_or(|last| z >= last - 1e-3 && z - last < 0.06),
            "{z} at {}",
            frame.micros
        );
        last = Some(z);
    });
}

#[test]
fn lost_late_and_doubled_poses_are_not_seen() {
    let mut sent: Vec<Sent> = beats(Level::Near, 0, 10, 20).collect();
    // Every fifth is lost, every seventh comes 120 ms late, every third twice.
    let mut beat = 0;
    sent.retain(|_| {
        beat += 1;
        beat % 5 != 0
    });
    for sent in sent.iter_mut().step_by(7) {
        sent.received += 120_000;
    }
    let doubled: Vec<Sent> = sent
        .iter()
        .step_by(3)
        .map(|sent| Sent {
            received: sent.received + 30_000,
            ..*sent
        })
        .collect();
    sent.extend(doubled);
    let (truth, shown) = turns(sent);
    println!("losses: {shown} degrees in a frame, truly {truth}");
    assert!(shown < 1.5 * truth, "{shown} of {truth} degrees in a frame");
}

#[test]
fn a_teleport_cuts_the_body_too() {
    let rig = Rig::humanoid();
    let mut playback = Playback::new();
    let mut buffer = moving(&rig, 0);
    for beat in 0..40 {
        let micros = beat * 50_000;
        playback.push(at(micros), at(micros), Level::Near, &moving(&rig, micros));
        playback.sample(at(micros), &mut buffer);
    }
    let mut there = moving(&rig, 20_000_000);
    there.root = RootPose::new(Vec3::X * 300.0, Quat::IDENTITY).expect("a pose");
    let pushed = playback.push(at(2_000_000), at(2_000_000), Level::Near, &there);
    assert_eq!(pushed, Pushed::Teleported);
    assert_eq!(
        playback.sample(at(2_001_000), &mut buffer),
        Some(Shown::Body { weight: 1.0 })
    );
    assert!(farthest(&buffer, &there) < 0.1);
    assert!(buffer.root.position().distance(there.root.position()) < 1e-4);

    let back = moving(&rig, 0);
    let pushed = playback.push(at(2_050_000), at(2_050_000), Level::Far, &back);
    assert_eq!(pushed, Pushed::Teleported);
    let shown = playback.sample(at(2_060_000), &mut buffer);
    let alone = Some(std::time::Duration::ZERO);
    assert_eq!(shown, Some(Shown::Root { alone }));
}

#[test]
fn stamps_that_no_clock_made_are_refused_until_it_is_clear_that_the_clock_has_jumped() {
    let rig = Rig::humanoid();
    for jump in [-3_600_000_000_i64, 3_600_000_000] {
        let mut playback = Playback::new();
        let mut buffer = moving(&rig, 0);
        let mut push = |micros: u64, jump: i64| {
            let captured = at(micros + 7_200_000_000).offset(jump);
            playback.push(at(micros), captured, Level::Near, &moving(&rig, micros))
        };
        let mut micros = 0;
        while micros < 1_000_000 {
            assert_eq!(push(micros, 0), Pushed::Accepted);
            micros += 50_000;
        }
        // One damaged stamp changes nothing.
        let refused = if jump > 0 {
            Pushed::Ahead
        } else {
            Pushed::Late
        };
        assert_eq!(push(micros, jump), refused);
        assert_eq!(push(micros, 0), Pushed::Accepted);
        let mut became = Vec::new();
        for _ in 0..6 {
            micros += 50_000;
            became.push(push(micros, jump));
        }
        let expected = [
            refused,
            refused,
            refused,
            Pushed::Restarted,
            Pushed::Accepted,
            Pushed::Accepted,
        ];
        assert_eq!(became, expected);
        assert!(playback.sample(at(micros + 100_000), &mut buffer).is_some());
        assert!(farthest(&buffer, &moving(&rig, micros)) < 5.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_is_shown_as_a_pose(
        steps in prop::collection::vec(
            (0_u64..400_000, -200_000_i64..200_000, 0_u8..3, prop::array::uniform4(-1.0_f32..1.0), 0_u64..100_000), 1..100),
    ) {
        let rig = Rig::humanoid();
        let mut playback = Playback::new();
        let mut buffer = moving(&rig, 0);
        let mut now = 10_000_000;
        for (wait, off, level, turn, frame) in steps {
            now += wait;
            let mut pose = moving(&rig, now);
            let turn = glam::Vec4::from(turn).try_normalize().map_or(Quat::IDENTITY, Quat::from_vec4);
            pose.rotations.fill(turn);
            let level = Level::from_number(level).expect("a level");
            playback.push(at(now), at(now).offset(off), level, &pose);
            prop_assert!(playback.sample(at(now + frame), &mut buffer).is_some());
            prop_assert_eq!(buffer.check(&rig), Ok(()));
        }
    }
}
