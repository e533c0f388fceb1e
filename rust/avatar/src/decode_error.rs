//! Why bytes are no pose.

use thiserror::Error;

/// Why bytes are no pose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum DecodeError {
    /// It was predicted from a pose that has not come, or is forgotten.
    #[error("the pose was predicted from one {age} ms before it, which is not here")]
    UnknownReference {
        /// How much older that pose is, in milliseconds.
        age: u16,
    },
    /// Bytes that no encoder writes for this skeleton.
    #[error("the bytes are not a pose of this skeleton")]
    Malformed,
    /// A number is beyond what a pose may have.
    #[error("the pose has a number that is out of bounds")]
    OutOfBounds,
}
