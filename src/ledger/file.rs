//! The file: locked, added to, and brought back to what it was where that fails.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::json;
use super::line::{self, HEAD};
use super::read::{Contents, OpenError, contents};
use super::stored::Stored;

/// A file that has grown by less than that is not written anew.
const LEAST_GROWTH: u64 = 4 * 1024 * 1024;
/// So many bytes of a file that is written anew are gathered before they are written.
const PIECE: usize = 1 << 20;

/// A file that this process alone writes to.
#[derive(Debug)]
pub struct LedgerFile {
    path: PathBuf,
    file: File,
    /// Held until the process ends, however that is.
    _lock: File,
    length: u64,
    /// The number of the next line.
    next: u64,
    /// Its length when it was written anew, or opened.
    compact: u64,
}

/// Why entries were not added.
#[derive(Debug)]
pub(super) struct NotAdded {
    /// What the system says.
    pub error: io::Error,
    /// Whether the file is as it was before; nobody knows otherwise.
    pub taken_back: bool,
}

impl LedgerFile {
    /// Opens a file, or makes one; gives what is in it. What was not written to its end is taken
    /// out. Fails when another process has it, and when it is damaged.
    pub fn open(path: &Path) -> Result<(Self, Contents), OpenError> {
        let system = |error| OpenError::System(path.to_owned(), error);
        let lock = beside(path, ".lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock);
        let lock = lock.map_err(system)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(system(error)),
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).read(true).write(true).open(path);
        let file = file.map_err(system)?;
        let mut found = contents(path)?;
        let Contents { length, next, .. } = found;
        let mut file =
            Self { path: path.to_owned(), file, _lock: lock, length, next, compact: length };
        if found.unfinished > 0 {
            file.cut().map_err(system)?;
        }
        if length == 0 {
            file.begin().map_err(system)?;
            found.length = file.length;
            found.unfinished = 0;
        }
        Ok((file, found))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn begin(&mut self) -> io::Result<()> {
        self.file.write_all(HEAD)?;
        self.file.sync_all()?;
        sync_folder(&self.path)?;
        self.length = HEAD.len() as u64;
        Ok(())
    }

    /// Brings the file back to the end of what was written last.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.sync_data()
    }

    /// Adds entries at once: when it is done they are on the disk, and else none of them is.
    pub(super) fn add(&mut self, entries: &[Entry]) -> Result<(), NotAdded> {
        let mut bytes = Vec::new();
        let first = self.next;
        let mut next = first;
        for entry in entries {
            put(entry, &mut bytes, next, first);
            next += 1;
        }
        let written = self.file.seek(SeekFrom::Start(self.length));
        let written = written.and_then(|_| self.file.write_all(&bytes));
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            return Err(NotAdded { error, taken_back: self.cut().is_ok() });
        }
        self.length += bytes.len() as u64;
        self.next = next;
        Ok(())
    }

    /// Whether most of it may be out of date.
    pub(super) fn has_grown(&self) -> bool {
        self.length > self.compact * 2 + LEAST_GROWTH
    }

    /// What is in it.
    pub(super) fn contents(&self) -> Result<Stored, OpenError> {
        contents(&self.path).map(|contents| contents.stored)
    }

    /// Puts a file with what all of this one comes to in its place. Where that fails, this one
    /// stays.
    pub(super) fn write_anew(&mut self) -> io::Result<()> {
        // Where it fails it is not tried again before it has grown as much again.
        self.compact = self.length;
        self.replace(self.contents().map_err(io::Error::other)?)
    }

    /// Puts a file that says what is given in the place of this one. Where that fails, this one
    /// stays.
    pub fn replace(&mut self, stored: Stored) -> io::Result<()> {
        let path = beside(&self.path, ".new");
        let (file, length, next) = write_new(&path, stored)?;
        fs::rename(&path, &self.path)?;
        sync_folder(&self.path)?;
        (self.file, self.length, self.next, self.compact) = (file, length, next, length);
        Ok(())
    }
}

/// Writes a file that says what is given; gives its length, and the number of its next line.
pub(super) fn write_new(path: &Path, stored: Stored) -> io::Result<(File, u64, u64)> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    let mut bytes = HEAD.to_vec();
    let (mut length, mut next) = (0, 1);
    for entry in stored.entries() {
        put(&entry, &mut bytes, next, 1);
        next += 1;
        if bytes.len() >= PIECE {
            file.write_all(&bytes)?;
            length += bytes.len() as u64;
            bytes.clear();
        }
    }
    file.write_all(&bytes)?;
    length += bytes.len() as u64;
    file.sync_all()?;
    Ok((file, length, next))
}

fn put(entry: &Entry, out: &mut Vec<u8>, number: u64, first: u64) {
    // A value is always something that JSON can say.
    let body = serde_json::to_vec(&json::written(entry)).unwrap_or_default();
    line::write(out, number, first, &body);
}

/// A path with something behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Makes sure that the folder of a file knows it.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
