//! What an avatar's skeleton is: its bones at rest. Told once to whoever is to see the avatar move.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | number of bones |
//! | 1 | number of expression weights |
//! | per bone: 1 | the parent's place in the list, or 255 |
//! | 12 | x, y, z of the offset in metres, each a little-endian `f32` |
//! | 1 + n | length of the name and the name in UTF-8 |

use glam::{Quat, Vec3};
use metaverse_protocol::name::clean_label;
use thiserror::Error;

use crate::limits::{BONES_MOST, EXPRESSIONS_MOST, NAME_BYTES, OFFSET_LIMIT};

const NO_PARENT: u8 = u8::MAX;
/// What the bone that carries the body is called in the humanoid profile.
const HIPS: &str = "Hips";
/// How far what hangs on a bone without children reaches, in metres: a finger, the front of a foot.
const TIP: f32 = 0.04;

/// A bone at rest.
#[derive(Clone, PartialEq, Debug)]
pub struct Bone {
    /// Its name in Godot's `SkeletonProfileHumanoid` where it has one there, else its own.
    pub name: String,
    /// The place in the list of the bone it hangs on: an earlier one.
    pub parent: Option<usize>,
    /// Its place at rest relative to its parent, in metres, in the axes of skeleton space.
    pub offset: Vec3,
}

/// A skeleton: at most [`BONES_MOST`] bones, parents before children. Without any, an avatar is its place alone.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rig {
    bones: Vec<Bone>,
    expressions: Vec<String>,
    hips: usize,
    levers: Vec<f32>,
}

/// Why bones are no skeleton.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RigError {
    /// More bones than [`BONES_MOST`].
    #[error("the skeleton has {0} bones; at most {BONES_MOST} travel")]
    TooManyBones(usize),
    /// More expression weights than [`EXPRESSIONS_MOST`].
    #[error("{0} expression weights; at most {EXPRESSIONS_MOST} travel")]
    TooManyExpressions(usize),
    /// A parent that does not stand before its child.
    #[error("the parent of bone {0} does not stand before it")]
    Order(usize),
    /// An offset that is not finite or is beyond [`OFFSET_LIMIT`].
    #[error("the rest position of bone {0} is not within {OFFSET_LIMIT} m of its parent")]
    Offset(usize),
    /// A name that is longer than [`NAME_BYTES`] or has characters that may not stand in one.
    #[error("the name of bone {0} is not a clean one")]
    Name(usize),
    /// The same of an expression.
    #[error("the name of expression {0} is not a clean one")]
    ExpressionName(usize),
    /// Bytes that end early or late.
    #[error("the skeleton's bytes end early or late")]
    Length,
}

impl Rig {
    /// A skeleton of `bones` that has a weight for each of the `expressions` besides. Names are cleaned and cut to
    /// [`NAME_BYTES`].
    ///
    /// # Errors
    /// When there are too many, a parent does not stand before its child, or an offset is out of bounds.
    pub fn new(mut bones: Vec<Bone>, mut expressions: Vec<String>) -> Result<Self, RigError> {
        if bones.len() > BONES_MOST {
            return Err(RigError::TooManyBones(bones.len()));
        }
        if expressions.len() > EXPRESSIONS_MOST {
            return Err(RigError::TooManyExpressions(expressions.len()));
        }
        for name in &mut expressions {
            *name = clean_label(name, NAME_BYTES);
        }
        for (at, bone) in bones.iter_mut().enumerate() {
            if bone.parent.is_some_and(|parent| parent >= at) {
                return Err(RigError::Order(at));
            }
            if !bone.offset.is_finite() || bone.offset.abs().max_element() > OFFSET_LIMIT {
                return Err(RigError::Offset(at));
            }
            bone.name = clean_label(&bone.name, NAME_BYTES);
        }
        let hips = bones.iter().position(|bone| bone.name == HIPS).unwrap_or(0);
        let levers = levers(&bones);
        Ok(Self {
            bones,
            expressions,
            hips,
            levers,
        })
    }

    /// Appends the skeleton's bytes to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend([self.bones.len() as u8, self.expressions.len() as u8]);
        for bone in &self.bones {
            out.push(bone.parent.map_or(NO_PARENT, |parent| parent as u8));
            for coordinate in bone.offset.to_array() {
                out.extend(coordinate.to_le_bytes());
            }
            encode_name(&bone.name, out);
        }
        for name in &self.expressions {
            encode_name(name, out);
        }
    }

    /// The skeleton in exactly `bytes`.
    ///
    /// # Errors
    /// When the bytes are not what [`Rig::encode_into`] writes.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, RigError> {
        let [count, expressions] = *take(&mut bytes)?;
        let count = usize::from(count);
        if count > BONES_MOST {
            return Err(RigError::TooManyBones(count));
        }
        let bones = (0..count)
            .map(|at| decode_bone(&mut bytes, at))
            .collect::<Result<_, _>>()?;
        let expressions = usize::from(expressions);
        if expressions > EXPRESSIONS_MOST {
            return Err(RigError::TooManyExpressions(expressions));
        }
        let expressions = (0..expressions)
            .map(|at| decode_name(&mut bytes, RigError::ExpressionName(at)))
            .collect::<Result<_, _>>()?;
        if !bytes.is_empty() {
            return Err(RigError::Length);
        }
        Self::new(bones, expressions)
    }

    /// The bones, parents before children.
    pub fn bones(&self) -> &[Bone] {
        &self.bones
    }

    /// How many expression weights the avatar has.
    pub fn expressions(&self) -> usize {
        self.expressions.len()
    }

    /// The bone that [`Pose::hips`](crate::Pose::hips) moves: the one called "Hips", else the first.
    pub fn hips(&self) -> usize {
        self.hips
    }

    /// How high the hips are at rest, in metres; 0 without bones.
    pub fn hips_height(&self) -> f32 {
        let mut height = 0.0;
        let mut next = self.bones.get(self.hips);
        while let Some(bone) = next {
            height += bone.offset.y;
            next = bone.parent.map(|parent| &self.bones[parent]);
        }
        height
    }

    /// The first bone called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.bones.iter().position(|bone| bone.name == name)
    }

    /// The first expression called `name`.
    pub fn find_expression(&self, name: &str) -> Option<usize> {
        self.expressions.iter().position(|other| other == name)
    }

    /// How far the farthest joint that hangs on `bone` is from it at rest, measured along the bones, in metres. What
    /// a rotation of one radian moves at most.
    ///
    /// # Panics
    /// When there is no such bone.
    pub fn lever(&self, bone: usize) -> f32 {
        self.levers[bone]
    }

    /// Forward kinematics: writes each bone's place and rotation relative to the root, both in the axes of skeleton space
    /// (metres; the identity is the rest rotation), for a pose with these `hips` and `rotations`.
    ///
    /// # Panics
    /// When `rotations` or `globals` is shorter than the skeleton.
    pub fn solve_forward(&self, hips: Vec3, rotations: &[Quat], globals: &mut [(Vec3, Quat)]) {
        for (at, bone) in self.bones.iter().enumerate() {
            let (place, turn) = bone
                .parent
                .map_or((Vec3::ZERO, Quat::IDENTITY), |parent| globals[parent]);
            let moved = if at == self.hips { hips } else { Vec3::ZERO };
            globals[at] = (
                place + turn * (bone.offset + moved),
                (turn * rotations[at]).normalize(),
            );
        }
    }
}

fn levers(bones: &[Bone]) -> Vec<f32> {
    let mut levers = vec![TIP; bones.len()];
    for at in (0..bones.len()).rev() {
        if let Some(parent) = bones[at].parent {
            let reach = bones[at].offset.length() + levers[at];
            levers[parent] = levers[parent].max(reach);
        }
    }
    levers
}

fn decode_bone(bytes: &mut &[u8], at: usize) -> Result<Bone, RigError> {
    let [parent] = *take(bytes)?;
    let mut offset = [0.0; 3];
    for coordinate in &mut offset {
        *coordinate = f32::from_le_bytes(*take(bytes)?);
    }
    Ok(Bone {
        name: decode_name(bytes, RigError::Name(at))?,
        parent: (parent != NO_PARENT).then_some(usize::from(parent)),
        offset: offset.into(),
    })
}

fn encode_name(name: &str, out: &mut Vec<u8>) {
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
}

fn decode_name(bytes: &mut &[u8], unclean: RigError) -> Result<String, RigError> {
    let [length] = *take(bytes)?;
    let (name, rest) = bytes
        .split_at_checked(usize::from(length))
        .ok_or(RigError::Length)?;
    *bytes = rest;
    match std::str::from_utf8(name) {
        Ok(name) if clean_label(name, NAME_BYTES) == name => Ok(name.to_owned()),
        _ => Err(unclean),
    }
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N], RigError> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(RigError::Length)?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bone(name: &str, parent: Option<usize>, offset: Vec3) -> Bone {
        Bone {
            name: name.to_owned(),
            parent,
            offset,
        }
    }

    fn encode(rig: &Rig) -> Vec<u8> {
        let mut bytes = Vec::new();
        rig.encode_into(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_no_skeleton_is_refused() {
        let root = || bone("Root", None, Vec3::ZERO);
        assert_eq!(
            Rig::new(vec![root(); 57], Vec::new()),
            Err(RigError::TooManyBones(57))
        );
        assert_eq!(
            Rig::new(vec![root()], vec![String::from("Smile"); 33]),
            Err(RigError::TooManyExpressions(33))
        );
        assert_eq!(
            Rig::new(vec![root(), bone("Hips", Some(1), Vec3::Y)], Vec::new()),
            Err(RigError::Order(1))
        );
        for offset in [
            Vec3::X * f32::NAN,
            Vec3::Y * 21.0,
            Vec3::NEG_Z * f32::INFINITY,
        ] {
            assert_eq!(
                Rig::new(vec![root(), bone("Hips", Some(0), offset)], Vec::new()),
                Err(RigError::Offset(1))
            );
        }
    }

    #[test]
    fn the_humanoid_survives_the_wire() {
        let rig = Rig::humanoid();
        assert_eq!(rig.bones().len(), BONES_MOST);
        assert_eq!(Rig::decode(&encode(&rig)), Ok(rig));
    }

    #[test]
    fn expressions_survive_the_wire_by_their_names() {
        let rig = Rig::new(
            vec![bone("Head", None, Vec3::ZERO)],
            vec![String::from("jawOpen"), String::from("smile\n")],
        )
        .expect("a skeleton");
        let mut bytes = encode(&rig);
        let read = Rig::decode(&bytes).expect("the same");
        assert_eq!(read, rig);
        assert_eq!(read.find_expression("smile"), Some(1));
        *bytes.last_mut().expect("a name") = 7;
        assert_eq!(Rig::decode(&bytes), Err(RigError::ExpressionName(1)));
    }

    #[test]
    fn a_child_moves_with_its_parent() {
        let rig = Rig::new(
            vec![
                bone("Hips", None, Vec3::Y),
                bone("Spine", Some(0), Vec3::Y),
                bone("Head", Some(1), Vec3::Y),
            ],
            Vec::new(),
        )
        .expect("a skeleton");
        let quarter = Quat::from_rotation_z(-std::f32::consts::FRAC_PI_2);
        let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 3];
        rig.solve_forward(
            Vec3::Z,
            &[Quat::IDENTITY, quarter, Quat::IDENTITY],
            &mut globals,
        );
        assert!((globals[2].0 - Vec3::new(1.0, 2.0, 1.0)).length() < 1e-6);
        assert!((rig.lever(0) - 2.0 - TIP).abs() < 1e-6);
        assert!((rig.hips_height() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn names_are_cleaned_when_made_and_refused_when_read() {
        let rig = Rig::new(vec![bone("Hi\u{202e}ps\n", None, Vec3::ZERO)], Vec::new())
            .expect("a skeleton");
        assert_eq!(rig.find("Hips"), Some(0));
        let mut bytes = encode(&rig);
        let last = bytes.len() - 1;
        bytes[last] = 7;
        assert_eq!(Rig::decode(&bytes), Err(RigError::Name(0)));
        bytes[last] = 0xFF;
        assert_eq!(Rig::decode(&bytes), Err(RigError::Name(0)));
        assert_eq!(Rig::decode(&bytes[..last]), Err(RigError::Length));
        bytes.push(0);
        bytes[last] = b's';
        assert_eq!(Rig::decode(&bytes), Err(RigError::Length));
    }

    #[test]
    fn any_bytes_are_a_skeleton_or_refused() {
        bolero::check!().for_each(|bytes: &[u8]| {
            if let Ok(rig) = Rig::decode(bytes) {
                assert_eq!(encode(&rig), bytes);
            }
        });
    }

    #[test]
    fn a_changed_skeleton_is_one_or_refused() {
        let good = encode(&Rig::humanoid());
        bolero::check!()
            .with_type::<(u16, u8, u16)>()
            .for_each(|(at, byte, length)| {
                let mut bytes = good.clone();
                bytes[usize::from(*at) % good.len()] = *byte;
                bytes.truncate(usize::from(*length));
                if let Ok(rig) = Rig::decode(&bytes) {
                    assert_eq!(encode(&rig), bytes);
                }
            });
    }
}
