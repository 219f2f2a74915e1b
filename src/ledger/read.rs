//! Reading the file from its beginning to its end.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::json;
use super::line::{self, HEAD, MAGIC, OLDER};
use super::stored::Stored;
use crate::wire::json::Json;
use crate::wire::{DEEPEST, Limits, Repeated, Wire as _};

/// What is in a file.
#[derive(Debug, Default)]
pub struct Contents {
    /// What all of it comes to.
    pub stored: Stored,
    /// The length of all that was written to the end.
    pub length: u64,
    /// How many bytes come behind, of a write that was not finished.
    pub unfinished: u64,
    /// Whether an older version of this program wrote it, which could not read what is added now.
    pub is_older: bool,
    /// The number of the next line.
    pub(super) next: u64,
}

/// Why a file is not used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process writes to it.
    InUse(PathBuf),
    /// It is another kind of file.
    Foreign(PathBuf),
    /// It is of a version that is not known.
    Version(PathBuf, String),
    /// Something in it is not what was written.
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, in bytes.
        at: u64,
        /// What is wrong there.
        reason: String,
        /// What all before it comes to.
        before: Box<Stored>,
    },
    /// The system does not let it be read or written.
    System(PathBuf, io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "another process writes to {}; each mock needs a file of its own",
                path.display()
            ),
            Self::Foreign(path) => {
                write!(f, "{} is not a file that `--state` has written", path.display())
            }
            Self::Version(path, version) => write!(
                f,
                "{} is of version {version}, which this program does not know: a newer one wrote it. \
                 Nothing was changed in it",
                path.display()
            ),
            Self::Damaged { path, at, reason, .. } => write!(
                f,
                "{path} is damaged at byte {at}: {reason}; nothing was changed in it. A copy from \
                 before that can be served; what comes before that byte can be \
                 exported with `counterpart-mock state {path} export --damaged`, and imported into \
                 a new file",
                path = path.display()
            ),
            Self::System(path, error) => write!(f, "cannot use {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

/// Reads a file, also while another process writes to it. Fails when it is damaged.
pub fn contents(path: &Path) -> Result<Contents, OpenError> {
    let system = |error| OpenError::System(path.to_owned(), error);
    let file = File::open(path).map_err(system)?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes).map_err(system)?;
    let is_older = bytes == OLDER;
    if bytes != HEAD && !is_older {
        if HEAD.starts_with(&bytes) {
            // It was made, and no more.
            let unfinished = bytes.len() as u64;
            return Ok(Contents { next: 1, unfinished, ..Contents::default() });
        }
        return Err(match bytes.strip_prefix(MAGIC) {
            Some(version) => {
                let version = String::from_utf8_lossy(version).trim_end().to_owned();
                OpenError::Version(path.to_owned(), version)
            }
            None => OpenError::Foreign(path.to_owned()),
        });
    }
    let length = HEAD.len() as u64;
    let mut contents = Contents { length, next: 1, is_older, ..Contents::default() };
    loop {
        bytes.clear();
        let length = reader.read_until(b'\n', &mut bytes).map_err(system)? as u64;
        if length == 0 {
            return Ok(contents);
        }
        let Some(line) = line::read(&bytes) else {
            let wanted = contents.next;
            let mut length = length;
            while length > 0 {
                contents.unfinished += length;
                if line::within(&bytes).any(|line| line.first > wanted) {
                    let reason = format!("line {wanted} cannot be read, and later ones can");
                    return Err(damaged(path, contents, reason));
                }
                bytes.clear();
                length = reader.read_until(b'\n', &mut bytes).map_err(system)? as u64;
            }
            return Ok(contents);
        };
        if line.number != contents.next {
            let reason = format!("there is line {} instead of {}", line.number, contents.next);
            return Err(damaged(path, contents, reason));
        }
        let limits = Limits { depth: DEEPEST, members: usize::MAX, repeated: Repeated::LastCounts };
        let said = match Json.decode(line.body, &limits) {
            Ok(decoded) => json::read(&decoded.value),
            Err(error) => return Err(damaged(path, contents, error.message)),
        };
        let Some(entry) = said else {
            let reason = format!("line {} is not an entry that this version knows", line.number);
            return Err(damaged(path, contents, reason));
        };
        contents.stored.apply(entry);
        contents.length += length;
        contents.next += 1;
    }
}

fn damaged(path: &Path, contents: Contents, reason: String) -> OpenError {
    let Contents { stored, length: at, .. } = contents;
    OpenError::Damaged { path: path.to_owned(), at, reason, before: Box::new(stored) }
}
