//! Output that nobody reads any more, as behind `| head`.

use std::any::Any;
use std::panic::{
    AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind, set_hook, take_hook,
};

/// Does work that panics when it cannot print, as trials' printer does; gives nothing when the
/// reader of the output has gone.
pub(super) fn while_read<T>(work: impl FnOnce() -> T) -> Option<T> {
    let others = take_hook();
    set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if !is_closed(info.payload()) {
            others(info);
        }
    }));
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(payload) if is_closed(&*payload) => None,
        Err(payload) => resume_unwind(payload),
    }
}

fn is_closed(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<String>();
    text.is_some_and(|text| text.contains("BrokenPipe") || text.contains("Broken pipe"))
}
