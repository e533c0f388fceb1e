//! Real games meet, as projects and as exported games.

use anyhow::{Result, ensure};
use tempfile::tempdir;
use xtask::{
    game::{
        Game,
        meeting::{Meeting, Visit},
    },
    prepare,
};

fn play(game: &Game, players: u32, seconds: u32) -> Result<()> {
    let folder = tempdir()?;
    let meeting = Meeting {
        players,
        bots: 0,
        seconds,
        max_fps: None,
        space: "classroom".to_owned(),
    };
    for (index, Visit { name, report, log }) in
        meeting.play(game, folder.path())?.iter().enumerate()
    {
        let others = players - 1;
        let told = std::fs::read_to_string(log)?;
        ensure!(
            report.errors.is_empty(),
            "{name}: {:?}\n{told}",
            report.errors
        );
        ensure!(report.state == "in_space", "{name}: {}", report.state);
        ensure!(
            report.members_seen == others,
            "{name} saw {} members",
            report.members_seen
        );
        ensure!(
            report.avatars_seen == others,
            "{name} saw {} avatars",
            report.avatars_seen
        );
        ensure!(
            report.marks_seen == others,
            "{name} saw the shared things of {} members",
            report.marks_seen
        );
        let is_creator = index == 0;
        ensure!(
            report.join_ms.is_none() == is_creator,
            "{name}: {:?}",
            report.join_ms
        );
        ensure!(
            report.first_avatar_ms.is_none() == is_creator,
            "{name}: {:?}",
            report.first_avatar_ms
        );
        ensure!(
            report.pose_latency_ms_p95.is_some_and(f64::is_finite),
            "{name} had no poses"
        );
        ensure!(
            report.extension_frame_ms_p95.is_some_and(|ms| ms > 0.0),
            "{name} measured no frames"
        );
    }
    Ok(())
}

#[test]
fn two_players_meet_and_see_each_other() -> Result<()> {
    play(&prepare::demo()?, 2, 3)
}

#[test]
fn slow_two_exported_games_meet() -> Result<()> {
    play(&prepare::exported_demo()?, 2, 3)
}

#[test]
fn slow_sixteen_exported_games_meet() -> Result<()> {
    play(&prepare::exported_demo()?, 16, 10)
}
