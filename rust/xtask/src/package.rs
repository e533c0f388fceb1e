//! `cargo xtask package`: the addon as a zip file that one unpacks into a Godot project.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::extension::{self, ADDON, Profile};
use crate::workspace;

const NAME: &str = "metaverse-addon.zip";
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Writes the addon with this platform's libraries and the licences, and returns the zip file.
///
/// # Errors
/// When a library cannot be built or a file cannot be read or written.
pub fn package() -> Result<PathBuf> {
    let addon = Path::new(ADDON);
    let mut files = Vec::new();
    list(&workspace::addon(), addon, &mut files)?;
    for profile in [Profile::Debug, Profile::Release] {
        files.push((extension::build(profile)?, addon.join(profile.library())));
    }
    for licence in LICENCES {
        files.push((workspace::root().join(licence), addon.join(licence)));
    }
    files.sort_by(|(_, left), (_, right)| left.cmp(right));

    fs::create_dir_all(workspace::dist())?;
    let package = workspace::dist().join(NAME);
    let file = NamedTempFile::new_in(workspace::dist())?;
    write(&file, &files)?;
    file.persist(&package)
        .with_context(|| format!("cannot write {}", package.display()))?;
    Ok(package)
}

/// Every file below `folder`, with its path in the zip file below `inside`. Hidden files are the repository's own.
fn list(folder: &Path, inside: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let name = inside.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &name, files)?;
        } else {
            files.push((entry.path(), name));
        }
    }
    Ok(())
}

fn write(target: impl Write + Seek, files: &[(PathBuf, PathBuf)]) -> Result<()> {
    let mut zip = ZipWriter::new(target);
    let options = SimpleFileOptions::default().unix_permissions(0o644);
    for (source, name) in files {
        let mut file =
            File::open(source).with_context(|| format!("cannot read {}", source.display()))?;
        zip.start_file_from_path(name, options)?;
        io::copy(&mut file, &mut zip)?;
    }
    zip.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn files_come_back_from_below_the_addon_without_hidden_ones() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("icons"))?;
        fs::write(folder.path().join("icons/peer.svg"), "<svg/>")?;
        fs::write(folder.path().join(".gitignore"), "/bin/")?;
        let mut files = Vec::new();
        list(folder.path(), Path::new(ADDON), &mut files)?;
        let mut bytes = Cursor::new(Vec::new());

        write(&mut bytes, &files)?;

        let mut archive = zip::ZipArchive::new(bytes)?;
        let mut text = String::new();
        archive
            .by_name("addons/metaverse/icons/peer.svg")?
            .read_to_string(&mut text)?;
        assert_eq!((archive.len(), text.as_str()), (1, "<svg/>"));
        Ok(())
    }
}
