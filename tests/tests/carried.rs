//! Two whose networks do not lead to each other meet over a third: real processes, in networks of their own.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use metaverse_tests::lab::Lab;
use tempfile::tempdir;
use xtask::{
    game::{
        bots::{BotReport, Bots, BotsOptions},
        meeting::INVITE,
    },
    process,
};

const PATIENCE: Duration = Duration::from_secs(40);

fn bot(namespace: &str, folder: &Path, create: bool) -> Result<Bots> {
    let own = folder.join(namespace);
    std::fs::create_dir(&own)?;
    let options = BotsOptions {
        count: 1,
        motion: Vec::new(),
        invite: folder.join(INVITE),
        create: create.then(|| "garden".to_owned()),
        namespace: Some(namespace.to_owned()),
    };
    Bots::start(&options, &own)?.context("no bots")
}

fn report(bots: &Bots) -> Result<BotReport> {
    Ok(bots.reports()?.into_iter().next().unwrap_or_default())
}

/// The lab, unless there can be none here, which is said.
fn lab(name: &str) -> Result<Option<Lab>> {
    Ok(Lab::new(name)?
        .inspect_err(|why| eprintln!("left out: {why}"))
        .ok())
}

#[test]
fn two_without_a_way_to_each_other_meet_over_a_third() -> Result<()> {
    let Some(mut lab) = lab("c")? else {
        return Ok(());
    };
    let folder = tempdir()?;
    let (one, middle, other) = (lab.host("1")?, lab.host("2")?, lab.host("3")?);
    lab.wire(&one, &middle)?;
    lab.wire(&middle, &other)?;
    let middle = bot(&middle, folder.path(), true)?;
    let ends = [
        bot(&one, folder.path(), false)?,
        bot(&other, folder.path(), false)?,
    ];
    process::wait_until("both see both others", PATIENCE, || {
        let reports = ends.iter().map(report).collect::<Result<Vec<_>>>()?;
        Ok(reports
            .iter()
            .all(|report| report.avatars_seen == 2 && report.forwarded == 1))
    })?;
    process::wait_until("the third has carried", PATIENCE, || {
        Ok(report(&middle)?.carried > 100)
    })?;
    for bots in ends {
        let reports = bots.finish()?;
        ensure!(reports[0].members_seen == 2, "{reports:?}");
    }
    let reports = middle.finish()?;
    ensure!(reports[0].forwarded == 0, "{reports:?}");
    Ok(())
}

#[test]
fn a_wire_that_dies_silently_is_got_around() -> Result<()> {
    let Some(mut lab) = lab("d")? else {
        return Ok(());
    };
    let folder = tempdir()?;
    let (one, middle, other) = (lab.host("1")?, lab.host("2")?, lab.host("3")?);
    lab.wire(&one, &middle)?;
    lab.wire(&middle, &other)?;
    let wire = lab.wire(&one, &other)?;
    let middle = bot(&middle, folder.path(), true)?;
    let ends = [
        bot(&one, folder.path(), false)?,
        bot(&other, folder.path(), false)?,
    ];
    let all = |what: &str, holds: &dyn Fn(&BotReport) -> bool| {
        process::wait_until(what, PATIENCE, || {
            let reports = ends.iter().map(report).collect::<Result<Vec<_>>>()?;
            Ok(reports.iter().all(holds))
        })
    };
    all("both see both others", &|report| report.avatars_seen == 2)?;
    all("both walk", &|report| report.poses > 60)?;
    all("nobody needs help", &|report| report.forwarded == 0)?;
    lab.silence(&wire, true)?;
    all("the third helps", &|report| report.forwarded == 1)?;
    // Longer than any transport takes to give up the dead wire.
    let so_far = report(&middle)?.poses;
    process::wait_until("ten seconds have passed", PATIENCE, || {
        Ok(report(&middle)?.poses > so_far + 200)
    })?;
    let mut reports = ends.iter().map(report).collect::<Result<Vec<_>>>()?;
    reports.push(report(&middle)?);
    ensure!(
        reports.iter().all(|report| report.members_gone == 0),
        "nobody was lost: {reports:#?}"
    );
    Ok(())
}
