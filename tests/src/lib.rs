//! What crosses processes is tested here: see the folder `tests`. What players and displays need stands in `xtask`.
