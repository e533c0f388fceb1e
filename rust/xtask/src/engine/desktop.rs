//! The close button of a window on a private display.

use crate::engine::display::Display;
use anyhow::{Context, Result};
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::ErrorKind,
    protocol::xproto::{Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, Window},
    rust_connection::RustConnection,
};

/// Looks at a private display and acts on the windows there, as a window manager does.
pub struct Desktop {
    connection: RustConnection,
    root: Window,
    protocols: Atom,
    delete: Atom,
}

impl Desktop {
    /// The desktop of `display`. To be opened before the games: Godot looks for names that only a window manager makes.
    ///
    /// # Errors
    /// When the display is not a private one, or does not answer.
    pub fn open(display: &Display) -> Result<Self> {
        let name = display
            .private_name()
            .context("a private display is needed")?;
        let (connection, screen) = x11rb::connect(Some(name))?;
        let root = connection.setup().roots[screen].root;
        let atom = |name: &[u8]| anyhow::Ok(connection.intern_atom(false, name)?.reply()?.atom);
        let (protocols, delete) = (atom(b"WM_PROTOCOLS")?, atom(b"WM_DELETE_WINDOW")?);
        Ok(Self {
            connection,
            root,
            protocols,
            delete,
        })
    }

    /// The window whose title holds `title`, once there is one.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn window(&self, title: &str) -> Result<Option<Window>> {
        for window in self.connection.query_tree(self.root)?.reply()?.children {
            let name = self
                .connection
                .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 256)?
                .reply();
            let name = match name {
                // Programs open and close small windows while they start.
                Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Window => {
                    continue;
                }
                name => name?,
            };
            if String::from_utf8_lossy(&name.value).contains(title) {
                return Ok(Some(window));
            }
        }
        Ok(None)
    }

    /// Presses the close button.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn close(&self, window: Window) -> Result<()> {
        let message =
            ClientMessageEvent::new(32, window, self.protocols, [self.delete, 0, 0, 0, 0]);
        self.connection
            .send_event(false, window, EventMask::NO_EVENT, message)?
            .check()?;
        Ok(())
    }
}
