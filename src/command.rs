//! (commands)
