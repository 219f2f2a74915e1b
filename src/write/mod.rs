//! YAML as a person would write it: keys in the order they were given, on one line what has room
//! there, quotes only where YAML would misread a text, and comments.
//!
//! A [`Piece`] is what is to be written; [`document`] makes the text. What is written reads back
//! as the same tree.

mod json;
mod layout;
mod piece;
mod scalar;

pub use json::json;
pub use layout::document;
pub use piece::{Kind, Member, Piece};

#[cfg(test)]
mod tests;
