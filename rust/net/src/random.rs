//! Randomness of the operating system, for secrets.

use crate::error::StartError;

/// A new secret.
pub(crate) fn secret() -> Result<[u8; 32], getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok(secret)
}

/// A number that nobody has drawn before.
pub(crate) fn number() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}

/// Whether there is randomness at all.
pub(crate) fn check() -> Result<(), StartError> {
    secret()?;
    Ok(())
}
