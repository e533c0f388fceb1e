//! Hosts and the networks between them, made from the kernel's network namespaces: a lab that is gone with the test.

use std::{fs, process::Command};

use anyhow::{Result, ensure};

/// Hosts with an own network each, which end when this value is dropped.
pub struct Lab {
    /// Sets the names apart from those of other labs.
    prefix: String,
    hosts: Vec<String>,
    wires: u8,
}

/// A wire between two hosts.
pub struct Wire {
    ends: [End; 2],
}

struct End {
    host: String,
    card: String,
    address: String,
}

impl Lab {
    /// An empty lab, or the reason why there can be none here.
    ///
    /// # Errors
    /// When a lab could be made here but is not.
    pub fn new(name: &str) -> Result<std::result::Result<Self, String>> {
        if !is_root() {
            return Ok(Err("networks of one's own need root".to_owned()));
        }
        if Command::new("ip").arg("-V").output().is_err() {
            return Ok(Err(
                "networks of one's own need `ip`, from iproute2".to_owned()
            ));
        }
        Ok(Ok(Self {
            prefix: format!("mv{}{name}", std::process::id() % 10_000),
            hosts: Vec::new(),
            wires: 0,
        }))
    }

    /// Adds a host that nothing leads to, and returns the name of its namespace.
    ///
    /// # Errors
    /// When the kernel does not give it.
    pub fn host(&mut self, name: &str) -> Result<String> {
        let host = format!("{}{name}", self.prefix);
        ip(&["netns", "add", &host])?;
        self.hosts.push(host.clone());
        ip(&["-n", &host, "link", "set", "lo", "up"])?;
        Ok(host)
    }

    /// Lays a wire between two hosts, with a network of its own. Hosts hand nothing on from one wire to another.
    ///
    /// # Errors
    /// When the kernel does not give it.
    pub fn wire(&mut self, a: &str, b: &str) -> Result<Wire> {
        self.wires += 1;
        let number = self.wires;
        let end = |host: &str, side: &str, place: u8| End {
            host: host.to_owned(),
            card: format!("{}{side}{number}", self.prefix),
            address: format!("10.91.{number}.{place}"),
        };
        let wire = Wire {
            ends: [end(a, "a", 1), end(b, "b", 2)],
        };
        let [first, second] = &wire.ends;
        ip(&[
            "link",
            "add",
            &first.card,
            "type",
            "veth",
            "peer",
            "name",
            &second.card,
        ])?;
        for End {
            host,
            card,
            address,
        } in &wire.ends
        {
            ip(&["link", "set", card, "netns", host])?;
            ip(&[
                "-n",
                host,
                "address",
                "add",
                &format!("{address}/24"),
                "dev",
                card,
            ])?;
            ip(&["-n", host, "link", "set", card, "up"])?;
        }
        Ok(wire)
    }

    /// Lets nothing through between the two ends of a wire, without a word to either; or again everything.
    ///
    /// # Errors
    /// When there is no such wire.
    pub fn silence(&self, wire: &Wire, is_silent: bool) -> Result<()> {
        for (from, to) in [(0, 1), (1, 0)] {
            let (sender, receiver) = (&wire.ends[from], &wire.ends[to]);
            // To an address that no card has.
            let nobody = [
                "lladdr",
                "02:00:00:00:00:01",
                "dev",
                &sender.card,
                "nud",
                "permanent",
            ];
            let here = ["-n", &sender.host, "neighbor"];
            if is_silent {
                ip(&[&here[..], &["replace", &receiver.address], &nobody[..]].concat())?;
            } else {
                ip(&[
                    &here[..],
                    &["delete", &receiver.address, "dev", &sender.card],
                ]
                .concat())?;
            }
        }
        Ok(())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for host in &self.hosts {
            if let Err(error) = ip(&["netns", "delete", host]) {
                eprintln!("{host} is left behind: {error:#}");
            }
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    ensure!(
        output.status.success(),
        "ip {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|uids| uids.split_whitespace().nth(1) == Some("0"))
}
