//! BVH files: good ones, odd ones, and such as were cut short.

use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, RootPose};
use metaverse_motion::{BvhError, Clip, Problem};

/// A figure in centimetres, with a hinge for a knee.
const FIGURE: &str = "HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT LeftUpLeg
  {
    OFFSET 10 0 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT LeftLeg
    {
      OFFSET 0 -45 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      End Site
      {
        OFFSET 0 -45 0
      }
    }
  }
  JOINT Spine
  {
    OFFSET 0 20 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 60 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
0 90 0 0 0 90 0 0 0 0 0 0 0 0 0
100 95 0 0 0 90 0 0 0 0 60 0 0 0 0
";

fn pose_at(clip: &Clip, seconds: f64) -> Pose {
    let mut pose = Pose::rest(RootPose::new(Vec3::ZERO, Quat::IDENTITY).expect("a root"));
    clip.pose_at(seconds, &mut pose).expect("in bounds");
    pose
}

fn wrong(text: &str) -> BvhError {
    Clip::read(text).expect_err("it is no BVH")
}

#[test]
fn a_figure_is_read_in_metres_and_at_any_moment() {
    let clip = Clip::read(FIGURE).expect("a BVH");
    assert!((clip.seconds() - 0.05).abs() < 1e-9);
    let names: Vec<&str> = clip
        .rig()
        .bones()
        .iter()
        .map(|bone| bone.name.as_str())
        .collect();
    assert_eq!(names, ["Hips", "LeftUpperLeg", "LeftLowerLeg", "Spine"]);
    assert!(
        (clip.rig().bones()[0].offset.y - 0.9).abs() < 1e-6,
        "it stands on its foot"
    );
    let pose = pose_at(&clip, 0.025);
    assert!((pose.root.position() - Vec3::new(0.5, 0.0, 0.0)).length() < 1e-5);
    assert!((pose.hips.y - 0.025).abs() < 1e-5);
    assert!(
        pose.root
            .rotation()
            .dot(Quat::from_rotation_y(90_f32.to_radians()))
            .abs()
            > 0.9999
    );
    assert!(pose.rotations[0].dot(Quat::IDENTITY).abs() > 0.9999);
    assert!(
        pose.rotations[2]
            .dot(Quat::from_rotation_x(30_f32.to_radians()))
            .abs()
            > 0.9999
    );
    assert_eq!(pose_at(&clip, 9.0), pose_at(&clip, 0.05));
    assert_eq!(pose_at(&clip, -1.0), pose_at(&clip, 0.0));
}

#[test]
fn a_figure_in_inches_or_no_unit_at_all_is_as_tall_as_a_person() {
    for factor in [0.01, 0.394, 10.0, 7.7] {
        let scaled = scale_offsets(factor);
        let clip = Clip::read(&scaled).expect("a BVH");
        let height = clip.rig().bones()[0].offset.y * 1.7 / 0.9;
        assert!((1.1..2.5).contains(&height), "{factor}: {height} m");
    }
}

fn scale_offsets(factor: f64) -> String {
    let scale = |line: &str| {
        let Some(numbers) = line.trim().strip_prefix("OFFSET ") else {
            return line.to_owned();
        };
        let numbers = numbers
            .split(' ')
            .map(|number| number.parse::<f64>().expect("a number"));
        let scaled: Vec<String> = numbers
            .map(|number| (number * factor).to_string())
            .collect();
        format!("OFFSET {}", scaled.join(" "))
    };
    FIGURE.lines().map(|line| scale(line) + "\n").collect()
}

#[test]
fn odd_ways_of_writing_are_understood() {
    let odd = FIGURE
        .replace("Frames: 2", "Frames:2")
        .replace('\n', "\r\n")
        .replace("Hips\r\n{", "mixamorig:Hips {")
        .replace("0.05", "0,05")
        .replace("Zrotation", "ZROTATION");
    let odd = odd.replace("0,05", "0.05");
    let (plain, odd) = (Clip::read(FIGURE), Clip::read(&odd));
    assert_eq!(
        pose_at(&plain.expect("a BVH"), 0.05),
        pose_at(&odd.expect("a BVH"), 0.05)
    );
}

#[test]
fn a_file_that_is_cut_short_says_where() {
    for length in 0..FIGURE.len() - 2 {
        let error = wrong(&FIGURE[..length]);
        let last = FIGURE[..length].lines().count().max(1);
        assert!(
            error.line <= last && error.line + 2 >= last,
            "{length}: {error}"
        );
    }
    assert_eq!(
        wrong(&FIGURE[..FIGURE.len() - 20]).to_string(),
        "line 34: the file ends where a number of a frame was expected: it is cut short"
    );
}

#[test]
fn what_is_no_motion_is_told_with_its_line() {
    let told = |from: &str, to: &str| wrong(&FIGURE.replacen(from, to, 1)).to_string();
    assert_eq!(
        told("HIERARCHY", "glTF"),
        "line 1: HIERARCHY was expected, not \"glTF\""
    );
    assert_eq!(
        told("OFFSET 10 0 0", "OFFSET 10 x 0"),
        "line 8: an offset was expected, not \"x\""
    );
    assert_eq!(
        told("OFFSET 10 0 0", "OFFSET NaN 0 0"),
        "line 8: an offset is out of bounds"
    );
    assert_eq!(
        told("CHANNELS 3", "CHANNELS 7"),
        "line 9: too many channels"
    );
    assert_eq!(
        told("6 Xposition Yposition", "6 Xposition Xposition"),
        "line 5: a channel is named twice"
    );
    assert_eq!(
        told("0.05", "0"),
        "line 32: the frame time is out of bounds"
    );
    assert_eq!(
        told("Frames: 2", "Frames: 1"),
        "line 34: there is more after the last frame"
    );
    assert_eq!(
        told("Frames: 2", "Frames: 0"),
        "line 32: the number of frames or channels is out of bounds"
    );
    assert_eq!(
        told("Frames: 2", "Frames: 99999999999"),
        "line 32: too many frames"
    );
}

#[test]
fn of_too_many_joints_those_that_move_least_are_left_out() {
    let joint = |at: i32| {
        format!(
            "JOINT finger{at}\n{{\nOFFSET 5 0 0\nCHANNELS 1 Xrotation\nEnd Site\n{{\nOFFSET 1 0 0\n}}\n}}\n"
        )
    };
    let joints: Vec<String> = (0..80).map(joint).collect();
    let joints = joints.concat();
    let frame = |turn: f64| -> String {
        let numbers: Vec<String> = (0..80)
            .map(|at| (turn * f64::from(at)).to_string())
            .collect();
        format!("0 90 0 {}\n", numbers.join(" "))
    };
    let text = format!(
        "HIERARCHY\nROOT Hips\n{{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n{joints}}}\nMOTION\nFrames: 2\nFrame Time: 0.1\n{}{}",
        frame(0.0),
        frame(1.0)
    );
    let clip = Clip::read(&text).expect("a BVH");
    assert_eq!(clip.rig().bones().len(), 56);
    assert!(clip.rig().find("finger79").is_some() && clip.rig().find("finger3").is_none());
}

#[test]
fn too_deep_a_skeleton_is_refused() {
    let text = format!(
        "HIERARCHY\nROOT a\n{{\nOFFSET 0 0 0\nCHANNELS 0\n{}",
        "JOINT b\n{\nOFFSET 0 1 0\nCHANNELS 0\n".repeat(300)
    );
    assert_eq!(wrong(&text).problem, Problem::TooMany("joints in a row"));
}

#[test]
fn any_text_is_a_motion_or_refused() {
    bolero::check!()
        .with_type::<(u16, u8, u16)>()
        .for_each(|(at, byte, length)| {
            let mut bytes = FIGURE.as_bytes().to_vec();
            let at = usize::from(*at) % bytes.len();
            bytes[at] = *byte;
            bytes.truncate(usize::from(*length).max(at + 1));
            if let Ok(clip) = Clip::read(&String::from_utf8_lossy(&bytes)) {
                let mut pose =
                    Pose::rest(RootPose::new(Vec3::ZERO, Quat::IDENTITY).expect("a root"));
                let _: Result<(), _> = clip.pose_at(0.01, &mut pose);
            }
        });
}
