//! The shared state of a space: values by key, of which the latest write holds. `store` decides what holds, `clock` what is
//! later, `settled` sums up, `exchange` decides who is told what, `pump` sends it, `compare` finds what was lost,
//! `link` is what one link knows, `mirror` is what the game sees.

mod clock;
mod compare;
mod exchange;
mod link;
mod mirror;
mod pump;
mod settled;
mod store;

pub use mirror::{Mirror, StateChange, StateNews, StateWriteError};

pub(crate) use exchange::{Effect, Heard, State};
