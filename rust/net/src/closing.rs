//! Why connections close, as the codes that QUIC carries.

use iroh::endpoint::{Connection, ConnectionError, TransportErrorCode, VarInt};
use metaverse_space::io::CloseReason;

/// A second connection of a pair, given up for the other.
pub(crate) const DUPLICATE: u32 = 16;
/// The peer takes no more connections.
pub(crate) const BUSY: u32 = 17;
/// The TLS alert "no application protocol" (RFC 7301): the other side speaks another version.
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Closes a connection and tells the other side why.
pub(crate) fn close(connection: &Connection, reason: CloseReason) {
    close_with(connection, code(reason));
}

/// Closes a connection with a code that stands for no reason of a link.
pub(crate) fn close_with(connection: &Connection, code: u32) {
    connection.close(VarInt::from_u32(code), b"");
}

/// Why a link is gone whose connection ended with `error`.
pub(crate) fn reason(error: &ConnectionError) -> CloseReason {
    match error {
        ConnectionError::ApplicationClosed(close) => from_code(close.error_code),
        ConnectionError::TimedOut => CloseReason::Silent,
        ConnectionError::LocallyClosed => CloseReason::Done,
        ConnectionError::TransportError(error) if is_violation(error.code) => {
            CloseReason::Malformed
        }
        _ => CloseReason::Failed,
    }
}

/// Whether a connection failed because the two sides speak different versions.
pub(crate) fn is_incompatible(error: &ConnectionError) -> bool {
    let code = match error {
        ConnectionError::TransportError(error) => error.code,
        ConnectionError::ConnectionClosed(close) => close.error_code,
        ConnectionError::VersionMismatch => return true,
        _ => return false,
    };
    code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL)
}

/// Whether the other side has broken the rules of QUIC, such as opening a fourth stream.
fn is_violation(code: TransportErrorCode) -> bool {
    !matches!(
        code,
        TransportErrorCode::NO_ERROR
            | TransportErrorCode::INTERNAL_ERROR
            | TransportErrorCode::NO_VIABLE_PATH
            | TransportErrorCode::AEAD_LIMIT_REACHED
    )
}

fn code(reason: CloseReason) -> u32 {
    match reason {
        CloseReason::Done => 1,
        CloseReason::Silent => 2,
        CloseReason::Malformed => 3,
        CloseReason::Flooding => 4,
        CloseReason::NotReading => 5,
        CloseReason::Unauthorized => 6,
        CloseReason::Failed => 7,
    }
}

fn from_code(code: VarInt) -> CloseReason {
    match code.into_inner() {
        1 => CloseReason::Done,
        2 => CloseReason::Silent,
        3 => CloseReason::Malformed,
        4 => CloseReason::Flooding,
        5 => CloseReason::NotReading,
        6 => CloseReason::Unauthorized,
        _ => CloseReason::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_survive_the_way_there() {
        for reason in [
            CloseReason::Done,
            CloseReason::Silent,
            CloseReason::Malformed,
            CloseReason::Flooding,
            CloseReason::NotReading,
            CloseReason::Unauthorized,
            CloseReason::Failed,
        ] {
            assert_eq!(from_code(VarInt::from_u32(code(reason))), reason);
        }
        assert_eq!(from_code(VarInt::from_u32(DUPLICATE)), CloseReason::Failed);
    }
}
