//! The BVH file format: a skeleton, then one line of numbers per frame.
//!
//! As described in Meredith and Maddock, *Motion Capture File Formats Explained* (2001), section 2.2. Rotations apply in the
//! order of their channels, in degrees, about the axes of the parent.

use std::str::FromStr;

use glam::{DQuat, DVec3};
use thiserror::Error;

use crate::limits::{DEPTH_MOST, FRAME_SECONDS, JOINTS_MOST, NUMBER_MOST, NUMBERS_MOST};

/// What a number in a frame moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Channel {
    Position(usize),
    Rotation(usize),
}

/// A joint or, when it has no name, the end of the last bone.
#[derive(Clone, PartialEq, Debug)]
pub struct Joint {
    pub name: String,
    pub parent: Option<usize>,
    pub offset: DVec3,
    channels: Vec<Channel>,
    /// Where its numbers stand in a frame.
    first: usize,
}

/// A file that was understood. Lengths are in the file's own units.
#[derive(Clone, PartialEq, Debug)]
pub struct Bvh {
    pub joints: Vec<Joint>,
    /// Seconds between frames.
    pub frame_seconds: f64,
    width: usize,
    numbers: Vec<f32>,
}

/// Why a file is no BVH.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}: {problem}")]
pub struct BvhError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a BVH file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Problem {
    /// Another word was due.
    #[error("{expected} was expected, not {found:?}")]
    Unexpected {
        /// What was due.
        expected: &'static str,
        /// The beginning of what is there.
        found: String,
    },
    /// The file ends too soon.
    #[error("the file ends where {0} was expected: it is cut short")]
    CutShort(&'static str),
    /// More than is read.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// A number that no motion has.
    #[error("{0} is out of bounds")]
    OutOfBounds(&'static str),
    /// The same part of a joint is moved by two channels.
    #[error("a channel is named twice")]
    Channels,
    /// Numbers after the last frame.
    #[error("there is more after the last frame")]
    Trailing,
    /// The bones are no skeleton that can travel.
    #[error("the skeleton cannot be used: {0}")]
    Skeleton(String),
}

impl Bvh {
    /// Reads a whole file.
    pub fn parse(text: &str) -> Result<Self, BvhError> {
        let mut words = Words::new(text);
        words.keyword("HIERARCHY")?;
        words.keyword("ROOT")?;
        let mut joints = Vec::new();
        let width = hierarchy(&mut words, &mut joints)?;
        words.keyword("MOTION")?;
        words.keyword("Frames:")?;
        let frames: usize = words.number("the number of frames")?;
        words.keyword("Frame")?;
        words.keyword("Time:")?;
        let frame_seconds: f64 = words.number("the frame time")?;
        if !FRAME_SECONDS.contains(&frame_seconds) {
            return Err(words.wrong(Problem::OutOfBounds("the frame time")));
        }
        if frames == 0 || width == 0 {
            return Err(words.wrong(Problem::OutOfBounds("the number of frames or channels")));
        }
        let count = frames
            .checked_mul(width)
            .filter(|count| *count <= NUMBERS_MOST)
            .ok_or_else(|| words.wrong(Problem::TooMany("frames")))?;
        let mut numbers = Vec::new();
        for _ in 0..count {
            numbers.push(words.value("a number of a frame")? as f32);
        }
        if words.next().is_some() {
            return Err(words.wrong(Problem::Trailing));
        }
        Ok(Self {
            joints,
            frame_seconds,
            width,
            numbers,
        })
    }

    /// How many frames there are: at least one.
    pub fn frames(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// The rotation of a joint relative to its parent.
    pub fn rotation(&self, frame: usize, joint: usize) -> DQuat {
        let mut rotation = DQuat::IDENTITY;
        for (channel, number) in self.channels(frame, joint) {
            if let Channel::Rotation(axis) = channel {
                rotation *= DQuat::from_axis_angle(DVec3::AXES[axis], number.to_radians());
            }
        }
        rotation
    }

    /// The place of a joint relative to its parent: of its channels where it has some, else its offset.
    pub fn position(&self, frame: usize, joint: usize) -> DVec3 {
        let mut position = self.joints[joint].offset;
        for (channel, number) in self.channels(frame, joint) {
            if let Channel::Position(axis) = channel {
                position[axis] = number;
            }
        }
        position
    }

    fn channels(&self, frame: usize, joint: usize) -> impl Iterator<Item = (Channel, f64)> {
        let joint = &self.joints[joint];
        let numbers = &self.numbers[frame * self.width + joint.first..];
        joint
            .channels
            .iter()
            .zip(numbers)
            .map(|(channel, number)| (*channel, f64::from(*number)))
    }
}

/// Reads the root and what hangs on it. Returns how many numbers a frame has.
fn hierarchy(words: &mut Words<'_>, joints: &mut Vec<Joint>) -> Result<usize, BvhError> {
    let mut width = 0;
    let mut open = Vec::new();
    read_joint(words, joints, &mut width, None)?;
    open.push(0);
    while let Some(parent) = open.last().copied() {
        let word = words.due("JOINT, End Site or }")?;
        match word {
            "}" => {
                open.pop();
            }
            "JOINT" => {
                open.push(joints.len());
                read_joint(words, joints, &mut width, Some(parent))?;
            }
            "End" => read_end(words, joints, parent)?,
            _ => return Err(words.unexpected("JOINT, End Site or }", word)),
        }
        if open.len() > DEPTH_MOST {
            return Err(words.wrong(Problem::TooMany("joints in a row")));
        }
    }
    Ok(width)
}

fn read_joint(
    words: &mut Words<'_>,
    joints: &mut Vec<Joint>,
    width: &mut usize,
    parent: Option<usize>,
) -> Result<(), BvhError> {
    let name = words.rest_of_line("the name of a joint")?;
    words.keyword("{")?;
    let offset = read_offset(words)?;
    words.keyword("CHANNELS")?;
    let count: usize = words.number("the number of channels")?;
    if count > 6 {
        return Err(words.wrong(Problem::TooMany("channels")));
    }
    let mut channels = Vec::new();
    for _ in 0..count {
        let word = words.due("the name of a channel")?;
        let channel =
            channel(word).ok_or_else(|| words.unexpected("the name of a channel", word))?;
        if channels.contains(&channel) {
            return Err(words.wrong(Problem::Channels));
        }
        channels.push(channel);
    }
    let joint = Joint {
        name,
        parent,
        offset,
        channels,
        first: *width,
    };
    *width += count;
    add(words, joints, joint)
}

fn read_end(words: &mut Words<'_>, joints: &mut Vec<Joint>, parent: usize) -> Result<(), BvhError> {
    words.rest_of_line("Site")?;
    words.keyword("{")?;
    let offset = read_offset(words)?;
    words.keyword("}")?;
    let end = Joint {
        name: String::new(),
        parent: Some(parent),
        offset,
        channels: Vec::new(),
        first: 0,
    };
    add(words, joints, end)
}

fn add(words: &Words<'_>, joints: &mut Vec<Joint>, joint: Joint) -> Result<(), BvhError> {
    if joints.len() == JOINTS_MOST {
        return Err(words.wrong(Problem::TooMany("joints")));
    }
    joints.push(joint);
    Ok(())
}

fn read_offset(words: &mut Words<'_>) -> Result<DVec3, BvhError> {
    words.keyword("OFFSET")?;
    let mut offset = DVec3::ZERO;
    for axis in 0..3 {
        offset[axis] = words.value("an offset")?;
    }
    Ok(offset)
}

fn channel(word: &str) -> Option<Channel> {
    let axis = match word.as_bytes().first()?.to_ascii_uppercase() {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return None,
    };
    let kind = word.get(1..)?;
    if kind.eq_ignore_ascii_case("position") {
        return Some(Channel::Position(axis));
    }
    kind.eq_ignore_ascii_case("rotation")
        .then_some(Channel::Rotation(axis))
}

/// The words of a text, and the line that each stands on.
struct Words<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            line: 1,
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        let start = self.rest.find(|c: char| !c.is_whitespace())?;
        let (gap, rest) = self.rest.split_at(start);
        self.line += gap.matches('\n').count();
        // "Frames:12" is written too: a colon ends a word.
        let end = rest
            .find(|c: char| c.is_whitespace() || c == ':')
            .map_or(rest.len(), |end| {
                end + usize::from(rest[end..].starts_with(':'))
            });
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        Some(word)
    }

    fn due(&mut self, expected: &'static str) -> Result<&'a str, BvhError> {
        match self.next() {
            Some(word) => Ok(word),
            None => Err(self.wrong(Problem::CutShort(expected))),
        }
    }

    fn keyword(&mut self, expected: &'static str) -> Result<(), BvhError> {
        let word = self.due(expected)?;
        if word.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(self.unexpected(expected, word))
    }

    /// What is left of a line: names may have spaces.
    fn rest_of_line(&mut self, expected: &'static str) -> Result<String, BvhError> {
        let end = self.rest.find(['\n', '{']).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        if rest.is_empty() {
            return Err(self.wrong(Problem::CutShort(expected)));
        }
        self.rest = rest;
        Ok(line.trim().chars().take(64).collect())
    }

    fn number<T: FromStr>(&mut self, expected: &'static str) -> Result<T, BvhError> {
        let word = self.due(expected)?;
        word.parse().map_err(|_| self.unexpected(expected, word))
    }

    /// A finite number within bounds; some programs write a comma for the point.
    fn value(&mut self, expected: &'static str) -> Result<f64, BvhError> {
        let word = self.due(expected)?;
        let parsed = word.parse().or_else(|_| word.replacen(',', ".", 1).parse());
        let number: f64 = parsed.map_err(|_| self.unexpected(expected, word))?;
        if number.is_nan() || number.abs() > NUMBER_MOST {
            return Err(self.wrong(Problem::OutOfBounds(expected)));
        }
        Ok(number)
    }

    fn unexpected(&self, expected: &'static str, found: &str) -> BvhError {
        self.wrong(Problem::Unexpected {
            expected,
            found: found.chars().take(24).collect(),
        })
    }

    fn wrong(&self, problem: Problem) -> BvhError {
        BvhError {
            line: self.line,
            problem,
        }
    }
}
