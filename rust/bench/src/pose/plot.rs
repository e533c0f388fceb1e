//! Placeholder.
use super::play::Setting;
use anyhow::Result;
use metaverse_motion::Clip;
use std::path::Path;
pub fn write(_: &Path, _: &[(String, Clip)], _: &Setting) -> Result<()> {
    Ok(())
}
