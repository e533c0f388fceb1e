//! Text that other people will read: names, tags and reasons, cleaned on both sides.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::limits::{NAME_BYTES, NAME_CHARACTERS, REASON_BYTES, TAG_BYTES};

/// A name as others see it: at most 64 letters, one line, no control or invisible formatting characters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Name(String);

impl Name {
    /// Whatever of `text` can stand in a name: controls and invisible characters go, runs of white space become one
    /// space, and what is too long is cut. May be empty.
    pub fn clean(text: &str) -> Self {
        Self(clean(text, NAME_CHARACTERS, NAME_BYTES))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let name = Self::clean(&text);
        if name.0 != text {
            return Err(D::Error::custom(
                "a name with characters that may not stand in one",
            ));
        }
        Ok(name)
    }
}

/// A short tag that the game gives a meaning: an activity, a scene. Cleaned like a name, at most 64 bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Tag(String);

impl Tag {
    /// Whatever of `text` can stand in a tag.
    pub fn clean(text: &str) -> Self {
        Self(clean(text, TAG_BYTES, TAG_BYTES))
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let tag = Self::clean(&text);
        if tag.0 != text {
            return Err(D::Error::custom(
                "a tag with characters that may not stand in one",
            ));
        }
        Ok(tag)
    }
}

/// A sentence of another peer's, made fit to be shown.
pub fn clean_reason(text: &str) -> String {
    clean(text, REASON_BYTES, REASON_BYTES)
}

/// The name of a part of something, such as a bone, in at most `bytes` bytes.
pub fn clean_label(text: &str, bytes: usize) -> String {
    clean(text, bytes, bytes)
}

fn clean(text: &str, characters: usize, bytes: usize) -> String {
    let mut cleaned = String::new();
    let mut count = 0;
    let mut gap = false;
    // A game may hand over a whole book: what lies far behind the cut is not even looked at.
    for character in text.chars().take(16 * characters) {
        if character.is_whitespace() {
            gap = count > 0;
            continue;
        }
        if character.is_control() || is_invisible(character) {
            continue;
        }
        let (more, length) = if gap {
            (2, 1 + character.len_utf8())
        } else {
            (1, character.len_utf8())
        };
        if count + more > characters || cleaned.len() + length > bytes {
            break;
        }
        if gap {
            cleaned.push(' ');
        }
        cleaned.push(character);
        count += more;
        gap = false;
    }
    cleaned
}

/// Characters that change how others are shown without being seen: direction marks, joiners, fillers, tags, private use.
fn is_invisible(character: char) -> bool {
    matches!(u32::from(character),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x1_BCA0..=0x1_BCA3 | 0x1_D173..=0x1_D17A | 0xE0000..=0xE0FFF | 0xF_0000..=0x10_FFFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec;

    #[test]
    fn controls_and_direction_marks_go() {
        assert_eq!(
            Name::clean("  A\u{202e}da\n\t Love\u{0}lace ").as_str(),
            "Ada Lovelace"
        );
        assert_eq!(Name::clean("\u{200b}\u{3164}").as_str(), "");
    }

    #[test]
    fn ten_thousand_letters_are_cut() {
        assert_eq!(
            Name::clean(&"x".repeat(10_000)).as_str().len(),
            NAME_CHARACTERS
        );
    }

    #[test]
    fn a_dirty_name_does_not_decode() {
        assert!(codec::decode::<Name, 1024>(&codec::encode(&"a\nb")).is_err());
        assert_eq!(
            codec::decode::<Name, 1024>(&codec::encode(&"a b")),
            Ok(Name::clean("a b"))
        );
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = Name::clean(&text);
            prop_assert!(once.as_str().chars().count() <= NAME_CHARACTERS);
            prop_assert_eq!(Name::clean(once.as_str()), once);
        }
    }
}
