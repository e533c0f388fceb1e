//! Bots meet a real game.

use anyhow::{Context, Result, ensure};
use tempfile::tempdir;
use xtask::{
    game::{
        bots::{Bots, BotsOptions},
        meeting::{INVITE, Meeting, Visit},
    },
    prepare,
};

const BOTS: u32 = 2;

#[test]
fn a_player_sees_bots_that_walk_and_they_see_the_player() -> Result<()> {
    let game = prepare::demo()?;
    let folder = tempdir()?;
    let meeting = Meeting {
        players: 1,
        bots: BOTS,
        seconds: 3,
        max_fps: None,
        space: "garden".to_owned(),
    };
    let options = BotsOptions {
        namespace: None,
        count: BOTS,
        motion: Vec::new(),
        invite: folder.path().join(INVITE),
        create: None,
    };
    let bots = Bots::start(&options, folder.path())?.context("no bots")?;
    for Visit { name, report, .. } in meeting.play(&game, folder.path())? {
        ensure!(report.errors.is_empty(), "{name}: {:?}", report.errors);
        ensure!(report.avatars_seen == BOTS, "{name}: {report:?}");
    }
    let reports = bots.finish()?;
    ensure!(reports.len() == BOTS as usize, "{reports:?}");
    for report in &reports {
        ensure!(report.members_seen == BOTS, "{report:?}");
        ensure!(report.avatars_seen == BOTS, "{report:?}");
        ensure!(report.poses > 0, "{report:?}");
    }
    // The first of the generated motions is a walk.
    ensure!(reports[0].metres > 1.0, "{:?}", reports[0]);
    Ok(())
}
