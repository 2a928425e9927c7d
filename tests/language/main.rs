//! Everything that a person reads is there in Chinese: the phrases in the sources, the help of
//! every command, and whole screens.

mod help;
mod phrases;
mod screens;
mod source;
