//! What crosses processes is tested here: see the folder `tests`. What players and displays need stands in `xtask`; here
//! are the networks that tests make for themselves.

pub mod lab;
