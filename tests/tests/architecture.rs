//! Holds the arrows of the architecture: who may know whom, and what the pure crates may not know at all.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A crate of the workspace and what it may use.
struct Room {
    name: &'static str,
    /// Crates of the workspace that it may use.
    uses: &'static [&'static str],
    level: Level,
    /// Why it may use no more.
    why: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Level {
    /// No clock, no socket, no task, no thread: runs a thousand times over in a test.
    Pure,
    /// Runs without an engine.
    WithoutEngine,
    /// The one room that knows the engine.
    Engine,
}

/// From the bottom to the top: a room uses only rooms that stand before it.
const HOUSE: [Room; 11] = [
    Room {
        name: "metaverse-protocol",
        uses: &[],
        level: Level::Pure,
        why: "everything else is built on it",
    },
    Room {
        name: "metaverse-avatar",
        uses: &["metaverse-protocol"],
        level: Level::Pure,
        why: "poses know nothing of spaces and networks",
    },
    Room {
        name: "metaverse-motion",
        uses: &["metaverse-avatar"],
        level: Level::Pure,
        why: "motion is text that becomes poses",
    },
    Room {
        name: "metaverse-space",
        uses: &["metaverse-protocol", "metaverse-avatar"],
        level: Level::Pure,
        why: "a space is a state machine: whoever drives it brings the network and the clock",
    },
    Room {
        name: "metaverse-sim",
        uses: &[
            "metaverse-protocol",
            "metaverse-avatar",
            "metaverse-motion",
            "metaverse-space",
        ],
        level: Level::Pure,
        why: "it makes up the network and the time, so that a run is the same every time",
    },
    Room {
        name: "metaverse-net",
        uses: &["metaverse-protocol", "metaverse-avatar", "metaverse-space"],
        level: Level::WithoutEngine,
        why: "the network serves the engine and does not know it",
    },
    Room {
        name: "metaverse-extension",
        uses: &[
            "metaverse-protocol",
            "metaverse-avatar",
            "metaverse-motion",
            "metaverse-space",
            "metaverse-net",
        ],
        level: Level::Engine,
        why: "it is what games load: nothing in it may need a tool of ours",
    },
    Room {
        name: "xtask",
        uses: &[],
        level: Level::WithoutEngine,
        why: "it builds the others, so it must build when they do not",
    },
    Room {
        name: "metaverse-bench",
        uses: &[
            "metaverse-protocol",
            "metaverse-avatar",
            "metaverse-motion",
            "metaverse-space",
            "metaverse-net",
            "metaverse-sim",
            "xtask",
        ],
        level: Level::WithoutEngine,
        why: "the extension is measured from outside, in a real game",
    },
    Room {
        name: "metaverse-bots",
        uses: &[
            "metaverse-protocol",
            "metaverse-avatar",
            "metaverse-motion",
            "metaverse-space",
            "metaverse-net",
        ],
        level: Level::WithoutEngine,
        why: "bots are members like any other, without an engine",
    },
    Room {
        name: "metaverse-tests",
        uses: &["xtask"],
        level: Level::WithoutEngine,
        why: "it tests what crosses processes; the crates have tests of their own",
    },
];

/// Packages, by the beginning of their names, that only the room with the engine may use.
const ENGINE_PACKAGES: [&str; 2] = ["godot", "gdext"];
/// Packages, by the beginning of their names, that no pure crate may use: networks, runtimes, sources of randomness.
const IMPURE_PACKAGES: [&str; 7] = [
    "iroh",
    "n0-",
    "tokio",
    "quinn",
    "mio",
    "socket2",
    "getrandom",
];
/// Names that no pure crate may have in its sources.
const IMPURE_NAMES: [&str; 9] = [
    "Instant",
    "SystemTime",
    "UdpSocket",
    "TcpStream",
    "TcpListener",
    "thread",
    "tokio",
    "iroh",
    "godot",
];

/// A package as `cargo metadata` tells of it.
struct Package {
    name: String,
    dependencies: Vec<String>,
    folder: PathBuf,
}

fn room(name: &str) -> Option<&'static Room> {
    HOUSE.iter().find(|room| room.name == name)
}

/// The packages of the workspace with all their dependencies: normal ones, and those of builds and tests.
fn workspace() -> Result<Vec<Package>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    ensure!(!packages.is_empty(), "an empty workspace");
    packages.iter().map(package).collect()
}

fn package(metadata: &Value) -> Result<Package> {
    let name = |value: &Value| {
        value["name"]
            .as_str()
            .map(str::to_owned)
            .context("a package without a name")
    };
    let manifest = metadata["manifest_path"]
        .as_str()
        .context("a package without a manifest")?;
    let dependencies = metadata["dependencies"]
        .as_array()
        .context("a package without a list of dependencies")?;
    Ok(Package {
        name: name(metadata)?,
        dependencies: dependencies.iter().map(name).collect::<Result<_>>()?,
        folder: Path::new(manifest)
            .parent()
            .context("a manifest without a folder")?
            .to_owned(),
    })
}

/// Sentences about every dependency that points the wrong way.
fn wrong_arrows(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(wrong_arrows_of).collect()
}

fn wrong_arrows_of(package: &Package) -> Vec<String> {
    let Some(user) = room(&package.name) else {
        return vec![format!(
            "{} is not in the house: give it a rule in this test",
            package.name
        )];
    };
    package
        .dependencies
        .iter()
        .filter_map(|used| wrong_arrow(user, used))
        .collect()
}

fn wrong_arrow(user: &Room, dependency: &str) -> Option<String> {
    let begins_with = |names: &[&str]| names.iter().any(|name| dependency.starts_with(name));
    let why = if room(dependency).is_some() && !user.uses.contains(&dependency) {
        user.why
    } else if user.level != Level::Engine && begins_with(&ENGINE_PACKAGES) {
        "only metaverse-extension knows the engine"
    } else if user.level == Level::Pure && begins_with(&IMPURE_PACKAGES) {
        "it is pure: time, randomness and bytes are handed to it"
    } else {
        return None;
    };
    Some(format!("{} must not use {dependency}: {why}", user.name))
}

/// The impure names in a source, each with its line. Comments may have them.
fn impure_names(source: &str) -> Vec<(usize, &str)> {
    source
        .lines()
        .enumerate()
        .flat_map(|(index, line)| impure_names_in(line).map(move |name| (index + 1, name)))
        .collect()
}

fn impure_names_in(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| IMPURE_NAMES.contains(word))
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[test]
fn all_arrows_point_one_way() -> Result<()> {
    let wrong = wrong_arrows(&workspace()?);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_room_is_lived_in() -> Result<()> {
    let packages = workspace()?;
    for room in &HOUSE {
        assert!(
            packages.iter().any(|package| package.name == room.name),
            "{} is gone: remove its rule",
            room.name
        );
    }
    Ok(())
}

#[test]
fn pure_crates_name_no_clock_socket_or_thread() -> Result<()> {
    let mut wrong = Vec::new();
    for package in workspace()? {
        if room(&package.name).is_none_or(|room| room.level != Level::Pure) {
            continue;
        }
        let files = rust_files(&package.folder.join("src"))?;
        assert!(!files.is_empty(), "{} has no sources", package.name);
        for file in files {
            let source = fs::read_to_string(&file)?;
            wrong.extend(impure_names(&source).into_iter().map(|(line, name)| {
                format!(
                    "{}:{line} names {name}: {} is pure",
                    file.display(),
                    package.name
                )
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn the_rules_themselves_point_one_way() {
    for (index, room) in HOUSE.iter().enumerate() {
        for used in room.uses {
            assert!(
                HOUSE[..index].iter().any(|below| below.name == *used),
                "{} uses {used}",
                room.name
            );
            let pure = HOUSE
                .iter()
                .any(|below| below.name == *used && below.level == Level::Pure);
            assert!(
                pure || room.level != Level::Pure,
                "{} is pure and uses {used}, which is not",
                room.name
            );
        }
    }
}

fn made_up(name: &str, dependencies: &[&str]) -> Package {
    let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
    Package {
        name: name.to_owned(),
        dependencies,
        folder: PathBuf::new(),
    }
}

#[test]
fn a_wrong_arrow_is_told_with_its_reason() {
    for (user, used, why) in [
        (
            "metaverse-protocol",
            "metaverse-avatar",
            "everything else is built on it",
        ),
        (
            "metaverse-avatar",
            "metaverse-space",
            "know nothing of spaces",
        ),
        ("metaverse-space", "metaverse-net", "brings the network"),
        ("metaverse-net", "metaverse-extension", "does not know it"),
        ("metaverse-bench", "metaverse-extension", "from outside"),
        ("metaverse-extension", "xtask", "what games load"),
        ("xtask", "metaverse-protocol", "it builds the others"),
        ("metaverse-tests", "metaverse-net", "crosses processes"),
        ("metaverse-net", "godot", "knows the engine"),
        ("metaverse-space", "godot-core", "knows the engine"),
        ("xtask", "godot", "knows the engine"),
        ("metaverse-space", "tokio", "it is pure"),
        ("metaverse-avatar", "iroh-relay", "it is pure"),
        ("metaverse-protocol", "getrandom", "it is pure"),
    ] {
        let wrong = wrong_arrows(&[made_up(user, &["serde", used])]);
        let [message] = wrong.as_slice() else {
            panic!("{user} uses {used}: {wrong:?}")
        };
        assert!(
            message.starts_with(&format!("{user} must not use {used}: ")) && message.contains(why),
            "{message}"
        );
    }
}

#[test]
fn right_arrows_are_let_be() {
    let packages = [
        made_up(
            "metaverse-space",
            &["metaverse-protocol", "metaverse-avatar", "bytes", "image"],
        ),
        made_up("metaverse-net", &["metaverse-space", "iroh", "tokio"]),
        made_up("metaverse-extension", &["metaverse-net", "godot"]),
        made_up("metaverse-bench", &["metaverse-net", "xtask"]),
    ];
    assert_eq!(wrong_arrows(&packages), Vec::<String>::new());
}

#[test]
fn a_crate_without_a_rule_is_told() {
    let wrong = wrong_arrows(&[made_up("metaverse-attic", &[])]);
    assert_eq!(
        wrong,
        ["metaverse-attic is not in the house: give it a rule in this test"]
    );
}

#[test]
fn impure_names_are_found_in_code_and_not_in_comments() {
    let source = "use std::{net::SocketAddr, thread, time::{Duration, Instant}};\n\
                  //! iroh's id, an Instant later\n\
                  let instant = SystemTime::now(); // on a thread\n\
                  struct InstantPose;\n";
    assert_eq!(
        impure_names(source),
        [(1, "thread"), (1, "Instant"), (3, "SystemTime")]
    );
}
