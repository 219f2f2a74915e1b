//! Output that nobody reads any more, as behind `| head`.

use std::any::Any;
use std::io::{self, Read as _, Write};
use std::panic::{
    AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind, set_hook, take_hook,
};
use std::process::ExitCode;
use std::thread::{Builder, Scope};

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

/// Does work whose reports are wanted also where nobody reads what it prints, or where there is no
/// room for that; what was in the way is told when it is done.
pub(super) fn to_the_end(
    out: &mut dyn Write,
    err: &mut dyn Write,
    work: impl FnOnce(&mut dyn Write, &mut dyn Write) -> io::Result<ExitCode>,
) -> io::Result<ExitCode> {
    let mut out = GoesOn::new(out);
    let code = work(&mut out, &mut GoesOn::new(err))?;
    out.end().map(|()| code)
}

/// An output that nobody can tell to be lost before the end.
struct GoesOn<'o> {
    out: &'o mut dyn Write,
    lost: Option<io::Error>,
}

impl<'o> GoesOn<'o> {
    /// Nothing is lost yet.
    fn new(out: &'o mut dyn Write) -> Self {
        Self { out, lost: None }
    }

    /// How it ends: with what was in the way, unless only the reader had gone.
    fn end(mut self) -> io::Result<()> {
        self.flush().ok();
        match self.lost {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn attempt(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.lost.is_none() {
            self.lost = write(self.out).err();
        }
    }
}

impl Write for GoesOn<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.attempt(|out| out.write_all(text));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(|to| to.flush());
        Ok(())
    }
}

/// Hands what is written to a path on to stdout, for as long as somebody reads that: trials' own
/// printer ends them where it cannot print. Gives the path, and what has to be dropped when
/// nothing more is written; nothing where the system has no such paths.
#[cfg(unix)]
pub(super) fn relay<'s>(scope: &'s Scope<'s, '_>) -> Option<(String, io::PipeWriter)> {
    use std::os::fd::AsRawFd;

    let (mut reader, writer) = io::pipe().ok()?;
    let path = format!("/dev/fd/{}", writer.as_raw_fd());
    std::fs::metadata(&path).ok()?;
    let copy = move || {
        let mut out = io::stdout();
        let mut out = GoesOn::new(&mut out);
        let mut bytes = [0; 8192];
        while let Ok(read @ 1..) = reader.read(&mut bytes) {
            // What cannot be printed is read all the same.
            out.write_all(bytes.get(..read).unwrap_or_default()).ok();
            out.flush().ok();
        }
    };
    Builder::new().name("output".to_owned()).spawn_scoped(scope, copy).ok()?;
    Some((path, writer))
}

#[cfg(not(unix))]
pub(super) fn relay(_: &Scope<'_, '_>) -> Option<(String, io::PipeWriter)> {
    None
}

fn is_closed(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<String>();
    text.is_some_and(|text| text.contains("BrokenPipe") || text.contains("Broken pipe"))
}
