//! A lasting identity: the 32-byte secret in a file that only its owner may read.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use godot::{
    classes::{Crypto, ProjectSettings},
    global::Error,
    prelude::*,
};
use thiserror::Error as ThisError;

const SECRET_BYTES: u8 = 32;

type Secret = [u8; SECRET_BYTES as usize];

/// Why there is no identity.
#[derive(Debug, ThisError)]
pub(crate) enum IdentityError {
    #[error("The identity file {path} cannot be read: {error}.")]
    Unreadable {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error(
        "The identity file {path} is damaged: it must hold {SECRET_BYTES} bytes. It was left as it is."
    )]
    Damaged { path: PathBuf },
    #[error("The identity file {path} cannot be written: {error}.")]
    Unwritable {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("The system gives no random numbers for a new identity.")]
    NoRandomness,
}

impl IdentityError {
    /// The nearest of Godot's codes.
    pub(crate) fn code(&self) -> Error {
        match self {
            Self::Unreadable { .. } => Error::ERR_FILE_CANT_READ,
            Self::Damaged { .. } => Error::ERR_FILE_CORRUPT,
            Self::Unwritable { .. } => Error::ERR_FILE_CANT_WRITE,
            Self::NoRandomness => Error::ERR_CANT_CREATE,
        }
    }
}

/// The secret at `path` (`user://` or absolute), made if there is none yet; `None` if the path is empty.
pub(crate) fn load(path: &GString) -> Result<Option<Secret>, IdentityError> {
    if path.is_empty() {
        return Ok(None);
    }
    let path = PathBuf::from(
        ProjectSettings::singleton()
            .globalize_path(path)
            .to_string(),
    );
    match File::open(&path) {
        Ok(file) => read(file, path).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path).map(Some),
        Err(error) => Err(IdentityError::Unreadable { path, error }),
    }
}

fn read(file: File, path: PathBuf) -> Result<Secret, IdentityError> {
    let mut bytes = Vec::new();
    // One byte more than a secret tells a longer file, however long it is.
    match file
        .take(u64::from(SECRET_BYTES) + 1)
        .read_to_end(&mut bytes)
    {
        Ok(_) => bytes
            .try_into()
            .map_err(|_| IdentityError::Damaged { path }),
        Err(error) => Err(IdentityError::Unreadable { path, error }),
    }
}

fn create(path: PathBuf) -> Result<Secret, IdentityError> {
    let bytes = Crypto::new_gd()
        .generate_random_bytes(i32::from(SECRET_BYTES))
        .to_vec();
    let secret: Secret = bytes.try_into().map_err(|_| IdentityError::NoRandomness)?;
    match write_new(&path, &secret) {
        Ok(()) => Ok(secret),
        Err(error) => Err(IdentityError::Unwritable { path, error }),
    }
}

fn write_new(path: &Path, secret: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret)?;
    file.sync_all()
}
