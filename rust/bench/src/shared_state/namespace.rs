//! A network of the bench's own: what its counters show is the bench's alone, and what it drops concerns nobody else.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;

/// The network within, so that peers have an address beside that of the machine itself.
const ADDRESS: &str = "10.77.0.1/24";

/// Runs this very bench in a namespace and reads its last line.
pub fn run_inside<T: DeserializeOwned>(mark: &str) -> Result<T> {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let output = command
        .arg("--net")
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(mark, "1")
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("`unshare` is needed, from util-linux")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("the bench has failed in its network namespace, for which it must be root or user namespaces be allowed:\n{text}");
    }
    let last = text.lines().last().context("it has said nothing")?;
    Ok(serde_json::from_str(last)?)
}

/// Brings the namespace's one network up.
pub fn set_up() -> Result<()> {
    run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    run(Command::new("ip").args(["address", "add", ADDRESS, "dev", "lo"]))
}

/// Drops one of ten UDP packets, at random, from now on.
///
/// # Errors
/// When there is no `nft` and none can be fetched.
pub fn lose_packets() -> Result<()> {
    let nft = Nft::find()?;
    let rules = "table inet faults { chain input { type filter hook input priority 0; \
                 meta l4proto udp numgen random mod 10 == 0 counter drop; } }";
    run(nft.command().arg(rules))
}

/// The packets that were dropped so far.
pub fn dropped_packets() -> Result<u64> {
    let output = Nft::find()?
        .command()
        .args(["-j", "list", "ruleset"])
        .output()?;
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let counter = find(&listed, "counter").context("the rule is not there")?;
    counter["packets"].as_u64().context("it has no number")
}

fn find<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    match value {
        serde_json::Value::Object(object) => object
            .get(name)
            .or_else(|| object.values().find_map(|value| find(value, name))),
        serde_json::Value::Array(array) => array.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

/// IP bytes that this namespace has received, of both families: all that was sent in it, headers included.
pub fn received_ip_bytes() -> Result<u64> {
    let four = fs::read_to_string("/proc/net/netstat")?;
    let six = fs::read_to_string("/proc/net/snmp6")?;
    let four = column(&four, "IpExt:", "InOctets").context("the kernel counts no IPv4 bytes")?;
    let six = six
        .lines()
        .find_map(|line| line.strip_prefix("Ip6InOctets"))
        .and_then(|number| number.trim().parse::<u64>().ok())
        .context("the kernel counts no IPv6 bytes")?;
    Ok(four + six)
}

/// The number under `name` in the two lines that begin with `table`.
fn column(text: &str, table: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter(|line| line.starts_with(table));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let place = names.split_whitespace().position(|other| other == name)?;
    numbers.split_whitespace().nth(place)?.parse().ok()
}

fn is_root() -> bool {
    let uid = fs::read_to_string("/proc/self/status").unwrap_or_default();
    uid.lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|uids| uids.split_whitespace().nth(1) == Some("0"))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed ({status})");
    Ok(())
}

/// The tool that tells the kernel which packets to drop.
struct Nft {
    program: PathBuf,
    /// Where its libraries are, where it is not installed.
    libraries: Option<PathBuf>,
}

/// Set for the process inside: where the tool was fetched to, as there is no network inside.
const FETCHED: &str = "METAVERSE_BENCH_NFT";

impl Nft {
    fn find() -> Result<Self> {
        let installed = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"]
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.exists());
        if let Some(program) = installed {
            return Ok(Self {
                program,
                libraries: None,
            });
        }
        let fetched = env::var_os(FETCHED).map(PathBuf::from);
        let folder = fetched.context(
            "`nft` is needed to lose packets, and it could not be fetched: install nftables",
        )?;
        Ok(Self {
            program: folder.join("usr/sbin/nft"),
            libraries: libraries(&folder),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

fn libraries(folder: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(folder.join("usr/lib")).ok()?;
    folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with("linux-gnu"))
}
