//! What is written to stderr while the mock serves, by a thread of its own: whoever answers
//! requests never waits for a terminal.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Builder};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::mock::feed::{Event, Feed, News, Reader};
use crate::mock::metrics::Counts;
use crate::plan::Plan;
use crate::report::served::{json, text};

/// So many events are written at once.
const BATCH: usize = 256;
/// How long more events are waited for, so that a busy mock does not wake the thread for each.
const GATHER: Duration = Duration::from_millis(10);
/// How long a terminal may take for some of the last lines.
const PATIENCE: Duration = Duration::from_secs(1);

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Text for people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

/// What the command line says of it.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Options {
    /// Log bodies of requests too; credentials are left out.
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Log only what goes wrong.
    #[arg(long, short, conflicts_with_all = ["verbose", "log"])]
    pub(super) quiet: bool,
    /// Log a line to stderr for each request, for people or as JSON [default: text on a terminal;
    /// otherwise only what goes wrong].
    #[arg(long, value_name = "FORMAT")]
    pub(super) log: Option<Format>,
}

impl Options {
    /// What is written while requests are answered.
    pub(super) fn style(&self) -> Style {
        let wanted = self.log.is_some() || self.verbose || io::stderr().is_terminal();
        let format = self.log.unwrap_or(Format::Text);
        Style { format, requests: !self.quiet && wanted, bodies: self.verbose, quiet: self.quiet }
    }
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// How.
    pub(super) format: Format,
    /// A line for each request, and a summary; otherwise only what goes wrong.
    pub(super) requests: bool,
    /// Bodies too.
    pub(super) bodies: bool,
    /// Not even where vendors are served.
    pub(super) quiet: bool,
}

impl Style {
    /// A line that no request is the cause of.
    pub(super) fn said(self, said: &str) -> String {
        match self.format {
            Format::Text => text::said(said),
            Format::Json => json::said(said),
        }
    }
}

/// The thread that writes.
pub(super) struct Log {
    style: Style,
    feed: Arc<Feed>,
    end: oneshot::Sender<String>,
    wrote: Receiver<()>,
}

impl Log {
    /// Starts to write what happens from now on.
    pub(super) fn start(feed: &Arc<Feed>, style: Style) -> io::Result<Self> {
        let reader = if style.requests { feed.watch() } else { feed.listen() };
        let (end, asked) = oneshot::channel();
        // Disconnects when the thread ends.
        let (tell, wrote) = sync_channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Builder::new().name("log".to_owned()).spawn(move || {
            // What cannot be written has no reader any more.
            let mut out = BufWriter::new(Heard { out: anstream::stderr(), tell });
            _ = runtime.block_on(write(reader, style, asked, &mut out));
        })?;
        Ok(Self { style, feed: feed.clone(), end, wrote })
    }

    /// Says where vendors are served.
    pub(super) fn serving(
        &self,
        address: &str,
        vendors: &[(Arc<str>, String)],
        err: &mut dyn Write,
    ) {
        let line = match self.style.format {
            _ if self.style.quiet => return,
            Format::Text => {
                let vendors = crate::cli::counted(vendors.len(), "vendor");
                text::said(&format!(
                    "serving {vendors} on {address}; {address}/_counterpart/ shows what happens"
                ))
            }
            Format::Json => json::serving(vendors),
        };
        // What people read is no reason to stop when nobody does.
        write!(err, "{line}").and_then(|()| err.flush()).ok();
    }

    /// Says something.
    pub(super) fn say(&self, text: &str) {
        self.feed.tell(Event::Said(text.into()));
    }

    /// Writes what is left, and what there was in all.
    pub(super) fn end(self, counts: &Counts, plans: &[Arc<Plan>]) {
        let summary = match (self.style.requests, self.style.format) {
            (false, _) => String::new(),
            (true, Format::Text) => text::summary(counts, plans),
            (true, Format::Json) => json::summary(counts),
        };
        if self.end.send(summary).is_err() {
            return;
        }
        // A terminal that was stopped takes nothing; a slow one is waited for.
        while self.wrote.recv_timeout(PATIENCE).is_ok() {}
    }
}

/// Tells when something was written.
struct Heard<W> {
    out: W,
    tell: SyncSender<()>,
}

impl<W> Heard<W> {
    /// Tells that it goes on: what is drawn may wait for more before it is written.
    fn goes_on(&self) {
        _ = self.tell.try_send(());
    }
}

impl<W: Write> Write for Heard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.goes_on();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

async fn write<W: Write>(
    mut reader: Reader,
    style: Style,
    mut asked: oneshot::Receiver<String>,
    out: &mut BufWriter<Heard<W>>,
) -> io::Result<()> {
    loop {
        let asked = tokio::select! {
            biased;
            news = reader.next(|reader| reader.take(BATCH)) => {
                draw(&news, style, out)?;
                // The thread has nothing else to do.
                thread::sleep(GATHER);
                continue;
            }
            summary = &mut asked => summary,
        };
        write!(out, "{}", asked.unwrap_or_default())?;
        return out.flush();
    }
}

fn draw<W: Write>(news: &News, style: Style, out: &mut BufWriter<Heard<W>>) -> io::Result<()> {
    for event in &news.events {
        out.get_ref().goes_on();
        let line = match (event, style.format) {
            (Event::Request(_), _) if !style.requests => continue,
            (Event::Request(happened), Format::Text) => text::request(happened, style.bodies),
            (Event::Said(said), Format::Text) => text::said(said),
            (Event::Reloaded { vendors, lost }, Format::Text) if !style.quiet => {
                text::reloaded(vendors, lost)
            }
            (Event::NotReloaded(diagnostics), Format::Text) => text::not_reloaded(diagnostics),
            (Event::Outbox { .. } | Event::Changed { .. }, _) => continue,
            (event, Format::Json) => json::event(event, style.bodies),
            _ => continue,
        };
        out.write_all(line.as_bytes())?;
    }
    if news.missed > 0 {
        let line = match style.format {
            Format::Text => text::missed(news.missed),
            Format::Json => json::missed(news.missed),
        };
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}
