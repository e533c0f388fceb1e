//! A remote avatar under even, uneven and hostile networks, in virtual time.

use glam::{Quat, Vec3};
use metaverse_avatar::{Level, Playback, Pose, Pushed, Rig, RootPose};
use metaverse_protocol::time::Time;
use proptest::prelude::*;

const SPEED: f32 = 2.0;

fn at(milliseconds: u64) -> Time {
    Time(1_000_000_000 + milliseconds * 1_000)
}

fn pose(position: Vec3) -> Pose {
    turned(position, 0.0)
}

fn turned(position: Vec3, degrees: f32) -> Pose {
    let rotation = Quat::from_rotation_y(degrees.to_radians());
    Pose::rest(RootPose::new(position, rotation).expect("a pose"))
}

/// The root on screen at `now`, if there is one.
fn root(playback: &mut Playback, now: Time) -> Option<RootPose> {
    let mut buffer = pose(Vec3::ZERO);
    playback.sample(now, &mut buffer).map(|_| buffer.root)
}

/// Somebody who walks along x with `SPEED` from the start.
fn walking(milliseconds: u64) -> Pose {
    pose(Vec3::X * (milliseconds as f32 / 1000.0 * SPEED))
}

/// Plays 10 s at 60 frames a second of poses every 50 ms, each `transit` late (`None`: lost), and hands every frame's
/// position to `check`.
fn play(
    transit: impl Fn(u64) -> Option<u64>,
    pose_at: impl Fn(u64) -> Pose,
    mut check: impl FnMut(u64, Vec3),
) {
    let mut arrivals: Vec<(u64, u64)> = (0..200)
        .filter_map(|beat| Some((beat * 50 + transit(beat)?, beat * 50)))
        .collect();
    arrivals.sort_unstable();
    let mut arrivals = arrivals.into_iter().peekable();
    let mut playback = Playback::new();
    for frame in 0..600_u64 {
        let now = frame * 1000 / 60;
        while let Some((_, captured)) = arrivals.next_if(|(arrival, _)| *arrival <= now) {
            playback.push(at(now), at(captured), Level::Near, &pose_at(captured));
        }
        if let Some(shown) = root(&mut playback, at(now)) {
            check(now, shown.position());
        }
    }
}

#[test]
fn walking_is_shown_evenly_over_an_uneven_network() {
    let jitter = [0, 3, 25, 7, 18, 1, 12, 30, 5];
    let mut before: Option<(u64, f32)> = None;
    play(
        |beat| Some(20 + jitter[beat as usize % jitter.len()]),
        walking,
        |now, shown| {
            if let Some((then, x)) = before.filter(|_| now > 1_000) {
                let speed = (shown.x - x) / ((now - then) as f32 / 1000.0);
                assert!(
                    (SPEED * 0.7..SPEED * 1.3).contains(&speed),
                    "{speed} m/s at {now} ms"
                );
                let behind = now as f32 / 1000.0 - shown.x / SPEED;
                assert!(
                    (0.05..0.15).contains(&behind),
                    "{behind} s behind at {now} ms"
                );
            }
            before = Some((now, shown.x));
        },
    );
}

#[test]
fn a_lost_pose_is_not_seen() {
    let mut before: Option<f32> = None;
    play(
        |beat| (beat % 7 != 3).then_some(10),
        walking,
        |now, shown| {
            if let Some(x) = before.filter(|_| now > 1_000) {
                assert!(
                    shown.x >= x - 0.001 && shown.x - x < 0.06,
                    "from {x} to {} at {now} ms",
                    shown.x
                );
            }
            before = Some(shown.x);
        },
    );
}

#[test]
fn who_stops_is_shown_where_they_stopped() {
    let stop = |milliseconds: u64| walking(milliseconds.min(5_000));
    let mut last = Vec3::ZERO;
    play(
        |_| Some(15),
        stop,
        |now, shown| {
            assert!(
                shown.x <= 10.0 + SPEED * 0.15 + 0.01,
                "overshoot to {} at {now} ms",
                shown.x
            );
            last = shown;
        },
    );
    assert!((last.x - 10.0).abs() < 1e-3);
}

#[test]
fn when_nothing_comes_motion_goes_on_for_150_ms_and_then_back() {
    let (mut farthest, mut last) = (Vec3::ZERO, Vec3::ZERO);
    play(
        |beat| (beat < 100).then_some(10),
        walking,
        |_, shown| {
            farthest = farthest.max(shown);
            last = shown;
        },
    );
    let newest = 99.0 * 0.05 * SPEED;
    let most = newest + 0.15 * SPEED + 0.01;
    assert!(farthest.x > newest && farthest.x <= most, "{}", farthest.x);
    assert!((last.x - newest).abs() < 1e-3, "{}", last.x);
}

#[test]
fn a_jump_is_shown_as_one() {
    let mut playback = Playback::new();
    for beat in 0..20 {
        playback.push(
            at(beat * 50),
            at(beat * 50),
            Level::Near,
            &walking(beat * 50),
        );
        root(&mut playback, at(beat * 50));
    }
    assert_eq!(
        playback.push(
            at(1_000),
            at(1_000),
            Level::Near,
            &pose(Vec3::new(50.0, 3.0, 0.0))
        ),
        Pushed::Teleported
    );
    let shown = root(&mut playback, at(1_001)).expect("poses");
    assert!(shown.position().distance(Vec3::new(50.0, 3.0, 0.0)) < 1e-5);
}

#[test]
fn a_fast_vehicle_does_not_jump() {
    let mut playback = Playback::new();
    for beat in 0..20_u16 {
        let milliseconds = u64::from(beat) * 200;
        let pushed = playback.push(
            at(milliseconds),
            at(milliseconds),
            Level::Near,
            &pose(Vec3::X * f32::from(beat) * 5.0),
        );
        assert_eq!(pushed, Pushed::Accepted, "25 m/s is fast, not impossible");
    }
}

#[test]
fn repeated_and_late_poses_are_told_and_change_nothing() {
    let mut playback = Playback::new();
    assert_eq!(root(&mut playback, at(0)), None);
    assert_eq!(
        playback.push(at(100), at(90), Level::Near, &walking(90)),
        Pushed::Accepted
    );
    assert_eq!(
        playback.push(at(150), at(140), Level::Near, &walking(140)),
        Pushed::Accepted
    );
    let delay = playback.delay();
    assert_eq!(
        playback.push(at(160), at(140), Level::Near, &pose(Vec3::Y)),
        Pushed::Duplicate
    );
    assert_eq!(
        playback.push(at(400), at(120), Level::Near, &pose(Vec3::Y)),
        Pushed::Late
    );
    assert_eq!(playback.delay(), delay);
    let shown = root(&mut playback, at(160)).expect("poses");
    assert!(shown.position().y.abs() < 1e-6);
}

#[test]
fn a_turn_takes_the_short_way() {
    let mut playback = Playback::new();
    for (time, degrees) in [(0, 170.0), (50, 190.0)] {
        playback.push(
            at(time),
            at(time),
            Level::Near,
            &turned(Vec3::ZERO, degrees),
        );
    }
    for millisecond in 50..200 {
        let forward = root(&mut playback, at(millisecond))
            .expect("poses")
            .rotation()
            * Vec3::NEG_Z;
        assert!(forward.z > 0.7, "{forward} at {millisecond} ms");
    }
}

proptest! {
    #[test]
    fn whatever_comes_whenever_is_played_within_bounds(
        steps in prop::collection::vec(
            (any::<u64>(), any::<u64>(), prop::array::uniform3(-1e6_f32..=1e6), 0_u8..3, any::<u64>()), 1..80),
    ) {
        let mut playback = Playback::new();
        let mut shown = pose(Vec3::ZERO);
        for (received, captured, position, level, now) in steps {
            let level = Level::from_number(level).expect("a level");
            playback.push(Time(received), Time(captured), level, &pose(Vec3::from(position)));
            prop_assert!(playback.sample(Time(now), &mut shown).is_some());
            prop_assert!(RootPose::new(shown.root.position(), shown.root.rotation()).is_ok(), "{:?}", shown);
            prop_assert_eq!(shown.check(&Rig::humanoid()), Ok(()));
        }
    }
}
