//! Godot's version, as `godot --version` prints it.

use std::fmt;

/// The oldest Godot that loads the extension.
pub const OLDEST: Version = Version { major: 4, minor: 6 };

/// Major and minor number of a Godot engine; the rest does not decide what it can load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 4 in 4.6.3
    pub major: u32,
    /// 6 in 4.6.3
    pub minor: u32,
}

impl Version {
    /// Reads the output of `godot --version`, for example `4.6.3.stable.official.7d41c59c4`.
    /// Lines that do not begin with a version, such as warnings of the engine, are skipped.
    pub fn parse(output: &str) -> Option<Self> {
        output.lines().find_map(|line| {
            let mut numbers = line.trim().split('.').map(str::parse);
            let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
                return None;
            };
            Some(Self { major, minor })
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    #[test]
    fn official_and_distribution_builds_are_read() {
        assert_eq!(
            Version::parse("4.6.3.stable.official.7d41c59c4\n"),
            Some(version(4, 6))
        );
        assert_eq!(
            Version::parse("4.7.stable.debian4.7+ds-3"),
            Some(version(4, 7))
        );
        assert_eq!(
            Version::parse("3.5.2.stable.custom_build"),
            Some(version(3, 5))
        );
    }

    #[test]
    fn lines_around_the_version_are_skipped() {
        let output = "ERROR: no desktop folder\n   at: execute (os.cpp:8.97)\n4.6.3.stable\n";
        assert_eq!(Version::parse(output), Some(version(4, 6)));
    }

    #[test]
    fn anything_else_is_no_version() {
        assert_eq!(Version::parse(""), None);
        assert_eq!(Version::parse("bash: godot: command not found"), None);
        assert_eq!(Version::parse("v4.6.3"), None);
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version::parse("4.10.stable") > Some(OLDEST));
        assert!(Version::parse("4.5.9.stable") < Some(OLDEST));
    }
}
