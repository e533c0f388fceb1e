//! `apt-get` with folders of its own: reads the packages of another suite, and leaves the machine's alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// The suite of a distribution that carries a recent Godot.
pub struct Suite {
    /// Suite name as in a `sources.list`.
    pub name: &'static str,
    /// Components as in a `sources.list`.
    pub components: &'static str,
    /// The distribution's signing keys, where the machine has them as a file.
    pub keyring: &'static str,
}

/// One package file that apt would download.
#[derive(Debug, PartialEq, Eq)]
pub struct Download {
    /// Name of the file in the cache of archives.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
}

/// `apt-get` whose lists, downloads and settings live in one folder.
pub struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Prepares `folder`: the packages of `suite` from the machine's own mirror.
    ///
    /// # Errors
    /// When the folder cannot be written, or the machine names no mirror.
    pub fn new(folder: &Path, suite: &Suite, codename: &str) -> Result<Self> {
        let apt = Self {
            folder: folder.to_path_buf(),
        };
        fs::create_dir_all(folder.join("lists/partial"))?;
        fs::create_dir_all(folder.join("cache/archives/partial"))?;
        fs::write(folder.join("status"), "")?;
        fs::write(
            folder.join("sources.list"),
            source_line(&machine_mirror(codename)?, suite),
        )?;
        fs::write(folder.join("apt.conf"), settings(folder, suite))?;
        Ok(apt)
    }

    /// The folder of downloaded packages.
    pub fn archives(&self) -> PathBuf {
        self.folder.join("cache/archives")
    }

    /// Brings the lists of packages up to date.
    ///
    /// # Errors
    /// When the mirror cannot be reached or its signature is wrong.
    pub fn update(&self) -> Result<()> {
        self.output(&["update"]).map(drop)
    }

    /// What [`Self::start_download`] would leave in the folder of archives.
    ///
    /// # Errors
    /// When a package does not exist in the suite.
    pub fn downloads(&self, packages: &[&str]) -> Result<Vec<Download>> {
        let everything = tempfile::tempdir()?;
        fs::create_dir(everything.path().join("partial"))?;
        let empty_archives = format!("Dir::Cache::archives={}", everything.path().display());
        let mut arguments = vec!["-o", &empty_archives, "--print-uris"];
        arguments.extend(install_arguments(packages));
        Ok(parse_downloads(&self.output(&arguments)?))
    }

    /// Starts to download `packages` and all they need; what is there already is not downloaded again.
    ///
    /// # Errors
    /// When `apt-get` cannot be run.
    pub fn start_download(&self, packages: &[&str]) -> Result<Child> {
        self.command()
            .args(install_arguments(packages))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run apt-get")
    }

    fn command(&self) -> Command {
        let mut command = Command::new("apt-get");
        command
            .arg("-c")
            .arg(self.folder.join("apt.conf"))
            .arg("-q")
            .stdin(Stdio::null());
        command
    }

    fn output(&self, arguments: &[&str]) -> Result<String> {
        let output = self
            .command()
            .args(arguments)
            .output()
            .context("cannot run apt-get")?;
        if !output.status.success() {
            bail!(
                "apt-get {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn install_arguments<'a>(packages: &[&'a str]) -> impl Iterator<Item = &'a str> {
    [
        "-y",
        "--no-install-recommends",
        "--download-only",
        "install",
    ]
    .into_iter()
    .chain(packages.iter().copied())
}

fn source_line(mirror: &str, suite: &Suite) -> String {
    let signed = if Path::new(suite.keyring).exists() {
        format!(" signed-by={}", suite.keyring)
    } else {
        String::new()
    };
    format!(
        "deb [target=Packages{signed}] {mirror} {} {}\n",
        suite.name, suite.components
    )
}

/// The settings are read after the machine's own, so that its proxies stay and its hooks do not run.
fn settings(folder: &Path, suite: &Suite) -> String {
    let folder = folder.display();
    format!(
        r#"#clear APT::Update;
#clear DPkg;
#clear APT::Architectures;
Dir::State "{folder}";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
APT::Default-Release "{}";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
"#,
        suite.name
    )
}

/// Asks what an update would read: that is known even where the machine's own lists are empty.
fn machine_mirror(codename: &str) -> Result<String> {
    let output = Command::new("apt-get")
        .args(["--print-uris", "update"])
        .output()
        .context("cannot run apt-get")?;
    parse_mirror(&String::from_utf8_lossy(&output.stdout), codename).context(
        "apt's sources name no mirror of this distribution: add one to /etc/apt/sources.list",
    )
}

/// The distribution's mirror in `apt-get --print-uris update`. Other vendors use the same release names, but hardly ever
/// the folder name of a distribution.
fn parse_mirror(print_uris: &str, codename: &str) -> Option<String> {
    let releases: Vec<(&str, &str)> = print_uris
        .lines()
        .filter_map(|line| {
            let (uri, _) = line.strip_prefix('\'')?.split_once('\'')?;
            uri.strip_suffix("/InRelease")?.rsplit_once("/dists/")
        })
        .filter(|(_, release)| !release.contains(['-', '/']))
        .collect();
    let of_distribution = releases
        .iter()
        .find(|(mirror, _)| mirror.ends_with("/debian") || mirror.ends_with("/ubuntu"));
    let of_release = || releases.iter().find(|(_, release)| *release == codename);
    of_distribution
        .or_else(of_release)
        .map(|(mirror, _)| format!("{mirror}/"))
}

/// Reads `apt-get --print-uris`: `'URI' FILE_NAME SIZE HASH`, among other lines.
fn parse_downloads(print_uris: &str) -> Vec<Download> {
    print_uris
        .lines()
        .filter(|line| line.starts_with('\''))
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            Some(Download {
                file_name: words.next()?.to_owned(),
                size: words.next()?.parse().ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_the_distribution_is_chosen() {
        let print_uris = "\
'http://vendor.test/apt/dists/bookworm/InRelease' vendor.test_apt_dists_bookworm_InRelease 0 
'http://mirror.test/debian-security/dists/bookworm-security/InRelease' a 0 
'http://mirror.test/debian/dists/bookworm-updates/InRelease' b 0 
'http://mirror.test/debian/dists/bookworm/InRelease' c 0 
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' d 0 
";
        assert_eq!(
            parse_mirror(print_uris, "bookworm").as_deref(),
            Some("http://mirror.test/debian/")
        );
    }

    #[test]
    fn a_mirror_with_an_unusual_folder_is_better_than_none() {
        let print_uris = "\
'http://vendor.test/apt/dists/stable/InRelease' a 0 
'mirror+file:/etc/apt/mirrors.list/dists/bookworm/InRelease' b 0 
";
        assert_eq!(
            parse_mirror(print_uris, "bookworm").as_deref(),
            Some("mirror+file:/etc/apt/mirrors.list/")
        );
    }

    #[test]
    fn no_mirror_is_found_where_there_is_none() {
        assert_eq!(
            parse_mirror(
                "'http://vendor.test/apt/dists/any/InRelease' a 0",
                "bookworm"
            ),
            None
        );
        assert_eq!(parse_mirror("", "bookworm"), None);
    }

    #[test]
    fn downloads_are_read_among_other_lines() {
        let output = "\
Reading package lists...
The following NEW packages will be installed:
  dash
'http://mirror.test/debian/pool/main/d/dash/dash_0.5%2b1_amd64.deb' dash_0.5+1_amd64.deb 97024 SHA256:0123
'http://mirror.test/debian/pool/g.deb' godot_4.6.3_amd64.deb 60000000 
";
        assert_eq!(
            parse_downloads(output),
            [
                Download {
                    file_name: "dash_0.5+1_amd64.deb".into(),
                    size: 97024
                },
                Download {
                    file_name: "godot_4.6.3_amd64.deb".into(),
                    size: 60_000_000
                },
            ]
        );
    }

    #[test]
    fn a_source_names_its_suite_and_only_the_lists_that_are_needed() {
        let suite = Suite {
            name: "sid",
            components: "main",
            keyring: "/no/such/file",
        };
        assert_eq!(
            source_line("http://mirror.test/debian/", &suite),
            "deb [target=Packages] http://mirror.test/debian/ sid main\n"
        );
    }
}
