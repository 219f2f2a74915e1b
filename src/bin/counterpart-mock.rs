//! The mock server.

fn main() {}
