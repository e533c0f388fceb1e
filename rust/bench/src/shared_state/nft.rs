//! The tool that tells the kernel which packets to lose: the installed one, or on Debian and Ubuntu one that is fetched.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::namespace::run;

/// Set where it was fetched to: inside the namespace there is no network to fetch it from.
const FETCHED: &str = "METAVERSE_BENCH_NFT";
const RULES: &str = "table inet faults { chain input { type filter hook input priority 0; \
                     meta l4proto udp numgen random mod 10 == 0 counter drop; }; }";

/// Tells the kernel what to lose.
pub struct Nft {
    program: PathBuf,
    /// Where its libraries are, where it is not installed.
    libraries: Option<PathBuf>,
}

/// What the bench must have in its environment to find the tool; nothing where it is installed or cannot be had.
pub fn provide(folder: &Path) -> Vec<(String, OsString)> {
    if installed().is_some() {
        return Vec::new();
    }
    match fetch(folder) {
        Ok(()) => vec![(FETCHED.to_owned(), folder.into())],
        Err(error) => {
            eprintln!("`nft` is not installed and cannot be fetched: {error:#}");
            Vec::new()
        }
    }
}

/// The tool, if there is one.
pub fn find() -> Option<Nft> {
    if let Some(program) = installed() {
        return Some(Nft {
            program,
            libraries: None,
        });
    }
    let folder = PathBuf::from(env::var_os(FETCHED)?);
    Some(Nft {
        program: folder.join("usr/sbin/nft"),
        libraries: libraries(&folder),
    })
}

impl Nft {
    /// Loses one of ten UDP packets, at random, from now on.
    pub fn lose_packets(&self) -> Result<()> {
        run(self.command().arg(RULES))
    }

    /// How many were lost.
    pub fn lost_packets(&self) -> Result<u64> {
        let output = self.command().args(["list", "ruleset"]).output()?;
        ensure!(output.status.success(), "nft failed ({})", output.status);
        let text = String::from_utf8(output.stdout)?;
        let (_, counted) = text
            .split_once("counter packets ")
            .context("the rule is not there")?;
        let number = counted.split_whitespace().next();
        Ok(number.context("it has no number")?.parse()?)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

fn installed() -> Option<PathBuf> {
    ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
}

/// Downloads the package with what it needs and is not installed, and unpacks it without installing.
fn fetch(folder: &Path) -> Result<()> {
    let archives = folder.join("archives");
    fs::create_dir_all(archives.join("partial"))?;
    let mut option = OsString::from("Dir::Cache::archives=");
    option.push(&archives);
    run(Command::new("apt-get")
        .args(["install", "--download-only", "--yes", "-qq"])
        .args(["-o", "Debug::NoLocking=1", "-o"])
        .arg(option)
        .arg("nftables")
        .stdout(Stdio::null()))?;
    for entry in fs::read_dir(&archives)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(path).arg(folder))?;
        }
    }
    ensure!(
        folder.join("usr/sbin/nft").exists(),
        "it is not in its package"
    );
    Ok(())
}

fn libraries(folder: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(folder.join("usr/lib")).ok()?;
    folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with("linux-gnu"))
}
