//! A network of the bench's own: what its counters show is the bench's alone, and what it drops concerns nobody else.

use std::{env, ffi::OsString, fs, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;

/// The network within, so that peers have an address beside that of the machine itself.
const ADDRESS: &str = "10.77.0.1/24";
/// Set for the process that runs inside the namespace.
const INSIDE: &str = "METAVERSE_BENCH_INSIDE";

/// Whether this process is the one inside.
pub fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs this very bench in a namespace, with more environment `variables`, and reads its last line.
pub fn run_inside<T: DeserializeOwned>(variables: &[(String, OsString)]) -> Result<T> {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let output = command
        .arg("--net")
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(INSIDE, "1")
        .envs(variables.iter().cloned())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("`unshare` is needed, from util-linux")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!(
            "the bench has failed in its network namespace, for which it must be root or user namespaces be allowed:\n{text}"
        );
    }
    let last = text.lines().last().context("it has said nothing")?;
    Ok(serde_json::from_str(last)?)
}

/// Brings the namespace's one network up.
pub fn set_up() -> Result<()> {
    run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    run(Command::new("ip").args(["address", "add", ADDRESS, "dev", "lo"]))
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

/// Runs a command that has to succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed ({status})");
    Ok(())
}
