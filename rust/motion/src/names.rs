//! What the joints of common skeletons are called in Godot's `SkeletonProfileHumanoid`.
//!
//! Known are the names of the CMU database (also as converted by B. Hahne), Mixamo, 3ds Max Biped, and of the older
//! files that name joints (knee) rather than bones (calf).

/// The spine from below, whatever it is called: its bones are named in the order in which they come.
const SPINE: [&str; 3] = ["Spine", "Chest", "UpperChest"];
const SPINE_NAMES: [&str; 13] = [
    "abdomen",
    "chest",
    "chest1",
    "chest2",
    "chest3",
    "lowerback",
    "spine",
    "spine1",
    "spine2",
    "spine3",
    "thorax",
    "torso",
    "upperback",
];
const NECK_NAMES: [&str; 3] = ["neck", "lowerneck", "neckbase"];

/// What follows the side, and the humanoid name without it.
const LIMBS: [(&str, &str); 36] = [
    ("clavicle", "Shoulder"),
    ("collar", "Shoulder"),
    ("shoulder", "Shoulder"),
    ("upperarm", "UpperArm"),
    ("humerus", "UpperArm"),
    ("arm", "UpperArm"),
    ("uparm", "UpperArm"),
    ("lowerarm", "LowerArm"),
    ("forearm", "LowerArm"),
    ("radius", "LowerArm"),
    ("elbow", "LowerArm"),
    ("hand", "Hand"),
    ("handthumb1", "ThumbMetacarpal"),
    ("handthumb2", "ThumbProximal"),
    ("handthumb3", "ThumbDistal"),
    ("handindex1", "IndexProximal"),
    ("handindex2", "IndexIntermediate"),
    ("handindex3", "IndexDistal"),
    ("handmiddle1", "MiddleProximal"),
    ("handring1", "RingProximal"),
    ("handpinky1", "LittleProximal"),
    ("upperleg", "UpperLeg"),
    ("upleg", "UpperLeg"),
    ("thigh", "UpperLeg"),
    ("femur", "UpperLeg"),
    ("hip", "UpperLeg"),
    ("lowerleg", "LowerLeg"),
    ("leg", "LowerLeg"),
    ("calf", "LowerLeg"),
    ("shin", "LowerLeg"),
    ("tibia", "LowerLeg"),
    ("knee", "LowerLeg"),
    ("foot", "Foot"),
    ("ankle", "Foot"),
    ("toebase", "Toes"),
    ("toes", "Toes"),
];

/// The humanoid names of joints with these names, parents first; the first joint is the root. Each is given once; a
/// joint that is not known has none.
pub fn humanoid_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<String>> {
    let plain: Vec<String> = names.map(plain).collect();
    // Where elbows are named, the joint above them is called the shoulder, and the wrist is the hand.
    let names_joints = plain.iter().any(|name| name.contains("elbow"));
    let mut taken: Vec<String> = Vec::new();
    let mut spine = SPINE.iter();
    let mut give = |at: usize, name: &str| {
        let known = if at == 0 {
            Some("Hips".to_owned())
        } else if SPINE_NAMES.contains(&name) {
            spine.next().map(|name| (*name).to_owned())
        } else if NECK_NAMES.contains(&name) {
            Some("Neck".to_owned())
        } else if name == "head" {
            Some("Head".to_owned())
        } else {
            limb(name, names_joints)
        };
        let known = known.filter(|known| !taken.contains(known))?;
        taken.push(known.clone());
        Some(known)
    };
    plain
        .iter()
        .enumerate()
        .map(|(at, name)| give(at, name))
        .collect()
}

fn limb(name: &str, names_joints: bool) -> Option<String> {
    let sides = [
        ("left", "Left"),
        ("right", "Right"),
        ("l", "Left"),
        ("r", "Right"),
    ];
    sides.iter().find_map(|(short, side)| {
        let part = name.strip_prefix(short)?;
        let part = match part {
            "shoulder" if names_joints => "arm",
            "wrist" if names_joints => "hand",
            "toe" | "toe0" => "toes",
            part => part,
        };
        let (_, known) = LIMBS.iter().find(|(limb, _)| *limb == part)?;
        Some(format!("{side}{known}"))
    })
}

/// A name in small letters and digits, without what programs put before it.
fn plain(name: &str) -> String {
    let name = name.rsplit(':').next().unwrap_or(name);
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let prefixes = ["mixamorig", "bip001", "bip01"];
    let bare = prefixes
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix));
    bare.map_or(plain.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &[(&str, &str)]) {
        let found = humanoid_names(expected.iter().map(|(name, _)| *name));
        for ((name, expected), found) in expected.iter().zip(found) {
            assert_eq!(found.as_deref().unwrap_or(""), *expected, "{name}");
        }
    }

    #[test]
    fn cmu() {
        check(&[
            ("root", "Hips"),
            ("lhipjoint", ""),
            ("lfemur", "LeftUpperLeg"),
            ("ltibia", "LeftLowerLeg"),
            ("lfoot", "LeftFoot"),
            ("ltoes", "LeftToes"),
            ("lowerback", "Spine"),
            ("upperback", "Chest"),
            ("thorax", "UpperChest"),
            ("lowerneck", "Neck"),
            ("upperneck", ""),
            ("head", "Head"),
            ("rclavicle", "RightShoulder"),
            ("rhumerus", "RightUpperArm"),
            ("rradius", "RightLowerArm"),
            ("rwrist", ""),
            ("rhand", "RightHand"),
        ]);
    }

    #[test]
    fn mixamo() {
        check(&[
            ("mixamorig:Hips", "Hips"),
            ("mixamorig:Spine", "Spine"),
            ("mixamorig:Spine1", "Chest"),
            ("mixamorig:Spine2", "UpperChest"),
            ("mixamorig:Neck", "Neck"),
            ("mixamorig:LeftShoulder", "LeftShoulder"),
            ("mixamorig:LeftArm", "LeftUpperArm"),
            ("mixamorig:LeftForeArm", "LeftLowerArm"),
            ("mixamorig:LeftHand", "LeftHand"),
            ("mixamorig:LeftHandIndex1", "LeftIndexProximal"),
            ("mixamorig:RightUpLeg", "RightUpperLeg"),
            ("mixamorig:RightLeg", "RightLowerLeg"),
            ("mixamorig:RightToeBase", "RightToes"),
        ]);
    }

    #[test]
    fn biped_and_files_that_name_joints() {
        check(&[
            ("Bip01 Pelvis", "Hips"),
            ("Bip01 L Thigh", "LeftUpperLeg"),
            ("Bip01 L Calf", "LeftLowerLeg"),
            ("Bip01 L Toe0", "LeftToes"),
            ("Bip01 R UpperArm", "RightUpperArm"),
            ("Bip01 R Forearm", "RightLowerArm"),
        ]);
        check(&[
            ("Hips", "Hips"),
            ("LeftHip", "LeftUpperLeg"),
            ("LeftKnee", "LeftLowerLeg"),
            ("LeftAnkle", "LeftFoot"),
            ("Chest", "Spine"),
            ("LeftCollar", "LeftShoulder"),
            ("LeftShoulder", "LeftUpperArm"),
            ("LeftElbow", "LeftLowerArm"),
            ("LeftWrist", "LeftHand"),
        ]);
    }
}
