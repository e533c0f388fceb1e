//! Godot from a distribution's packages, unpacked into the user's cache folder. Nothing is installed on the machine.

use std::fs::{self, File};
use std::io;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(windows)]
use std::os::windows::fs::symlink_file as symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::engine::apt::{Apt, Download, Suite};
use crate::engine::sandbox::Sandbox;
use crate::progress::Progress;

/// Name of the folder of unpacked packages. Change it with [`PACKAGES`], so that older folders are not taken for newer ones.
const LAYOUT: &str = "1";

/// The engine and its export templates; drivers that draw without a graphics card; fonts;
/// a shell, which is never anyone's dependency; an X server without a screen; the sandbox.
const PACKAGES: &[&str] = &[
    "godot",
    "godot-template-release",
    "godot-template-debug",
    "libgl1-mesa-dri",
    "libgl1",
    "libegl1",
    "mesa-vulkan-drivers",
    "libvulkan1",
    "fontconfig-config",
    "fonts-dejavu-core",
    "xdg-user-dirs",
    "dash",
    "xvfb",
    "bubblewrap",
];

/// A mirror replaces a package now and then while it is being downloaded; then fresh lists help.
const DOWNLOAD_ATTEMPTS: usize = 3;

const DOWNLOAD_POLL: Duration = Duration::from_millis(200);

/// Whether this machine's distribution has packages that [`install`] can use.
pub fn is_available() -> bool {
    cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) && distribution().is_some()
}

/// The engine in the user's cache folder; downloads it when it is not there yet.
/// When several processes call this at once, one works and the others wait.
///
/// # Errors
/// When the packages cannot be downloaded or unpacked.
pub fn install() -> Result<Sandbox> {
    let folder = cache_folder()?.join("godot");
    let installed = folder.join(LAYOUT);
    if !installed.exists() {
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        if !installed.exists() {
            download_and_unpack(&folder, &installed)?;
        }
    }
    Ok(Sandbox::new(installed.join("root"), installed.join("data")))
}

fn download_and_unpack(folder: &Path, installed: &Path) -> Result<()> {
    let (suite, codename) =
        distribution().context("no packages of Godot are known for this distribution")?;
    eprintln!(
        "Godot is not on this machine: getting it from the distribution's packages into {}",
        folder.display()
    );
    let apt = Apt::new(&folder.join("packages"), &suite, &codename)?;
    let downloads = download(&apt)?;

    let partial = folder.join("partial");
    remove_folder(&partial)?;
    let root = partial.join("root");
    unpack(&apt.archives(), &downloads, &root)?;
    fs::create_dir_all(root.join("usr/src"))?;
    link_templates(&root, &partial.join("data"))?;
    fs::rename(&partial, installed)
        .with_context(|| format!("cannot create {}", installed.display()))?;
    remove_folder(&folder.join("packages"))
}

fn download(apt: &Apt) -> Result<Vec<Download>> {
    let mut attempt = 1;
    loop {
        match apt.update().and_then(|()| download_once(apt)) {
            Ok(downloads) => return Ok(downloads),
            Err(error) if attempt == DOWNLOAD_ATTEMPTS => {
                return Err(error.context("Godot's packages could not be downloaded; try again, or install Godot and set GODOT to the program"));
            }
            Err(error) => eprintln!("{error:#}; trying again"),
        }
        attempt += 1;
    }
}

fn download_once(apt: &Apt) -> Result<Vec<Download>> {
    let downloads = apt.downloads(PACKAGES)?;
    let total = downloads.iter().map(|download| download.size).sum();
    let progress = Progress::bytes(&format!("Downloading {} packages", downloads.len()), total);
    let mut child = apt.start_download(PACKAGES)?;
    while child.try_wait()?.is_none() {
        progress.set(folder_size(&apt.archives())?);
        thread::sleep(DOWNLOAD_POLL);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!(
            "apt-get install --download-only: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    progress.finish();
    Ok(downloads)
}

fn unpack(archives: &Path, downloads: &[Download], root: &Path) -> Result<()> {
    fs::create_dir_all(root)?;
    let progress = Progress::steps("Unpacking", downloads.len() as u64);
    for (done, download) in downloads.iter().enumerate() {
        progress.set(done as u64);
        let status = Command::new("dpkg-deb")
            .arg("-x")
            .arg(archives.join(&download.file_name))
            .arg(root)
            .status()?;
        if !status.success() {
            bail!("dpkg-deb could not unpack {}", download.file_name);
        }
    }
    progress.finish();
    Ok(())
}

/// Godot looks for export templates in the user's data folder; the packages have them as programs.
fn link_templates(root: &Path, data_folder: &Path) -> Result<()> {
    let version = packaged_version(root)?;
    let templates = data_folder.join("godot/export_templates").join(version);
    fs::create_dir_all(&templates)?;
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    for kind in ["release", "debug"] {
        symlink(
            format!("/usr/bin/godot-template-{kind}"),
            templates.join(format!("linux_{kind}.{architecture}")),
        )?;
    }
    Ok(())
}

/// The version as it names a folder of export templates: `4.6.3.stable`.
fn packaged_version(root: &Path) -> Result<String> {
    let sandbox = Sandbox::new(root.to_path_buf(), PathBuf::new());
    let output = sandbox.godot().arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    template_version(&text).with_context(|| {
        format!(
            "the downloaded Godot does not start in a sandbox on this machine ({}): allow user namespaces, or install Godot and set GODOT to the program",
            String::from_utf8_lossy(&output.stderr).trim()
        )
    })
}

fn template_version(version: &str) -> Option<String> {
    const STATUS: &str = ".stable";
    let line = version
        .lines()
        .find(|line| line.starts_with(|first: char| first.is_ascii_digit()))?;
    let end = line.find(STATUS)? + STATUS.len();
    Some(line[..end].to_owned())
}

fn distribution() -> Option<(Suite, String)> {
    let os_release = fs::read_to_string("/etc/os-release").ok()?;
    let codename = os_release_value(&os_release, "VERSION_CODENAME")?;
    let suite = match os_release_value(&os_release, "ID")?.as_str() {
        "debian" => Suite {
            name: "sid",
            components: "main",
            keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
        },
        "ubuntu" => Suite {
            name: "devel",
            components: "main universe",
            keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
        },
        _ => return None,
    };
    Some((suite, codename))
}

fn os_release_value(os_release: &str, key: &str) -> Option<String> {
    os_release.lines().find_map(|line| {
        let value = line.strip_prefix(key)?.strip_prefix('=')?;
        Some(value.trim_matches('"').to_owned())
    })
}

fn cache_folder() -> Result<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let folder = named
        .or_else(home)
        .context("no cache folder: set HOME or XDG_CACHE_HOME")?;
    Ok(folder.join("metaverse"))
}

fn folder_size(folder: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A download may be renamed between the listing and the question.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        size += if metadata.is_dir() {
            folder_size(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(size)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_distribution_are_read_with_and_without_quotes() {
        let os_release =
            "PRETTY_NAME=\"A B\"\nVERSION_CODENAME=bookworm\nID=debian\nID_LIKE=\"x\"\n";
        assert_eq!(
            os_release_value(os_release, "VERSION_CODENAME").as_deref(),
            Some("bookworm")
        );
        assert_eq!(
            os_release_value(os_release, "PRETTY_NAME").as_deref(),
            Some("A B")
        );
        assert_eq!(
            os_release_value(os_release, "ID").as_deref(),
            Some("debian")
        );
        assert_eq!(os_release_value(os_release, "VERSION").as_deref(), None);
    }

    #[test]
    fn a_template_folder_is_named_by_number_and_status() {
        assert_eq!(
            template_version("4.6.3.stable.debian4.6.3+ds-3\n").as_deref(),
            Some("4.6.3.stable")
        );
        assert_eq!(
            template_version("a warning\n4.7.stable.official\n").as_deref(),
            Some("4.7.stable")
        );
        assert_eq!(template_version("4.7.beta1.official\n"), None);
    }

    #[test]
    fn the_size_of_a_folder_is_that_of_all_its_files() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("partial"))?;
        fs::write(folder.path().join("a.deb"), [0; 10])?;
        fs::write(folder.path().join("partial/b.deb"), [0; 5])?;
        assert_eq!(folder_size(folder.path())?, 15);
        Ok(())
    }
}
