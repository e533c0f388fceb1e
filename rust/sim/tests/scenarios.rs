//! Scenario files: the ready-made ones can be played, and what means nothing is refused in words.

use std::{fs, path::Path};

use metaverse_sim::{Scenario, ScenarioError};
use proptest::prelude::*;

fn refusal(text: &str) -> String {
    Scenario::read(text).expect_err(text).to_string()
}

#[test]
fn every_ready_made_scenario_can_be_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("scenarios") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        Scenario::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        count += 1;
    }
    assert_eq!(count, 5);
    assert!(Scenario::usual().is_ok());
}

#[test]
fn what_means_nothing_is_refused_in_words() {
    for (text, word) in [
        ("member = 3", "member"),
        ("members = -3", "members"),
        ("members = 1", "members is 1"),
        ("walls = 1.5", "walls is 1.5"),
        ("walls = nan", "walls is NaN"),
        ("activity = \"war\"", "\"war\""),
        ("places = []", "places"),
        ("detour = [2.0, 1.0]", "detour"),
        ("home = { up = 3.0 }", "up"),
        ("home = { last_mile_ms = [0.0, 1.0] }", "last_mile_ms"),
        ("loss = { share = 0.1, burst_ms = 0.0 }", "burst_ms"),
        ("[[crashes]]\nat = 1.0\nwho = \"ghost\"\ncount = 1", "ghost"),
        (
            "[[crashes]]\nat = 1.0\nwho = \"host\"\ncount = 16",
            "crashes.count",
        ),
        (
            "[[partitions]]\nfrom = 2.0\nto = 1.0\nshare = 0.5",
            "partitions.to",
        ),
        (
            "[[deaths]]\nat = inf\nseconds = 1.0\npairs = 1\none_way = true",
            "deaths.at",
        ),
        ("[[liars]]\nkind = \"drops\"\ncount = 16", "liars.count"),
    ] {
        assert!(refusal(text).contains(word), "{text}: {}", refusal(text));
    }
}

#[test]
fn what_is_left_out_is_a_world_without_faults() -> Result<(), ScenarioError> {
    let scenario = Scenario::read("members = 5")?;
    assert_eq!(scenario.members, 5);
    assert!(scenario.loss.share <= 0.0 && scenario.crashes.is_empty());
    assert!((scenario.home.up_mbit - 5.0).abs() < f64::EPSILON);
    Ok(())
}

proptest! {
    #[test]
    fn anything_is_read_or_refused(
        keys in prop::collection::vec(("[a-z_.]{1,12}|members|walls|churn|loss|deaths", any::<f64>()), 0..5),
        noise in ".{0,40}",
    ) {
        let lines = keys.iter().map(|(key, value)| format!("{key} = {value:?}\n"));
        let text = lines.collect::<String>();
        for text in [text.clone(), text + &noise] {
            if let Ok(scenario) = Scenario::read(&text) {
                prop_assert!(scenario.check().is_ok());
            }
        }
    }
}
