//! How many tests passed and failed.

use std::fmt;
use std::ops::AddAssign;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    /// Reads a line of cargo's: `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
    pub fn of_cargo(line: &str) -> Option<Self> {
        let words: Vec<&str> = line
            .strip_prefix("test result:")?
            .split([' ', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        let before = |name: &str| {
            words.windows(2).find(|pair| pair[1] == name)?[0]
                .parse()
                .ok()
        };
        Some(Self {
            passed: before("passed")?,
            failed: before("failed")?,
        })
    }

    /// Reads the last line of the in-engine tests: `ALL TESTS PASSED (3)` or `FAILED 1 OF 3: names`.
    pub fn of_engine(log: &str) -> Option<Self> {
        log.lines()
            .rev()
            .find_map(|line| Self::of_success(line).or_else(|| Self::of_failure(line)))
    }

    fn of_success(line: &str) -> Option<Self> {
        let passed = line
            .strip_prefix("ALL TESTS PASSED (")?
            .strip_suffix(')')?
            .parse()
            .ok()?;
        Some(Self { passed, failed: 0 })
    }

    fn of_failure(line: &str) -> Option<Self> {
        let (numbers, _) = line.strip_prefix("FAILED ")?.split_once(':')?;
        let (failed, all) = numbers.split_once(" OF ")?;
        let (failed, all): (u32, u32) = (failed.parse().ok()?, all.parse().ok()?);
        Some(Self {
            passed: all.checked_sub(failed)?,
            failed,
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_cargo_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(
            Tally::of_cargo(line),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(Tally::of_cargo("test passed ... ok"), None);
        assert_eq!(Tally::of_cargo("12 passed, 3 failed"), None);
    }

    #[test]
    fn the_last_line_of_the_engine_is_counted() {
        assert_eq!(
            Tally::of_engine("ok     spaces.test_a (1 ms)\nALL TESTS PASSED (7)\n"),
            Some(Tally {
                passed: 7,
                failed: 0
            })
        );
        assert_eq!(
            Tally::of_engine(
                "FAILED spaces.test_a (1 ms)\nFAILED 2 OF 7: spaces.test_a, spaces.test_b\n"
            ),
            Some(Tally {
                passed: 5,
                failed: 2
            })
        );
        assert_eq!(Tally::of_engine("FAILED spaces.test_a (1 ms)\n"), None);
        assert_eq!(Tally::of_engine("nothing was counted"), None);
    }

    #[test]
    fn tallies_add_up_to_one_line() {
        let mut sum = Tally {
            passed: 1,
            failed: 2,
        };
        sum += Tally {
            passed: 3,
            failed: 4,
        };
        assert_eq!(sum.to_string(), "4 passed, 6 failed");
    }
}
