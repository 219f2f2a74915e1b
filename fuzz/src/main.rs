//! libFuzzer's way in: the environment says which target it is about.
#![no_main]

use std::env;
use std::sync::LazyLock;

use counterpart_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let wanted = env::var("COUNTERPART_FUZZ").expect("COUNTERPART_FUZZ names the target");
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    *found.expect("there is a target of that name")
});

fuzz_target!(|input: &[u8]| (CHOSEN.1)(input));
