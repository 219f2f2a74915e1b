//! Descriptions.
