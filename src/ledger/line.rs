//! A line of the file: a checksum, its number, the number of the first line that was written with
//! it, and what it says as JSON.
//!
//! Lines are written in batches, and a batch only when the one before is on the disk. So a line
//! that can be read proves that all before its batch were there once: what is unreadable among
//! those is damage, and what is unreadable behind is a write that was not finished.

use crc32fast::Hasher;

/// What the file begins with.
pub(super) const HEAD: &[u8] = b"counterpart-state 2\n";
/// What files of before faults and statements were kept begin with: all that their lines say is
/// still said so.
pub(super) const OLDER: &[u8] = b"counterpart-state 1\n";
/// What it begins with whatever its version.
pub(super) const MAGIC: &[u8] = b"counterpart-state ";

/// A line that is as it was written.
pub(super) struct Line<'l> {
    /// Counts from 1 in the file.
    pub number: u64,
    /// That of the first line of its batch.
    pub first: u64,
    /// JSON.
    pub body: &'l [u8],
}

/// Adds a line.
pub(super) fn write(out: &mut Vec<u8>, number: u64, first: u64, body: &[u8]) {
    let head = format!("{number} {first} ");
    let sum = sum(&[head.as_bytes(), body]);
    out.extend_from_slice(format!("{sum:08x} ").as_bytes());
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body);
    out.push(b'\n');
}

/// Reads one, with its end; none: it is not as it was written.
pub(super) fn read(line: &[u8]) -> Option<Line<'_>> {
    let (written, rest) = line.strip_suffix(b"\n")?.split_at_checked(9)?;
    let written = std::str::from_utf8(written).ok()?.strip_suffix(' ')?;
    if written != format!("{:08x}", sum(&[rest])) {
        return None;
    }
    let mut parts = rest.splitn(3, |byte| *byte == b' ');
    let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse().ok();
    let (number, first) = (number()?, number()?);
    Some(Line { number, first, body: parts.next()? })
}

/// Lines that end where this one does: what stands between two lines may be damaged too.
pub(super) fn within(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let sums = bytes.windows(9).enumerate().filter(|(_, start)| {
        start
            .split_last()
            .is_some_and(|(last, sum)| *last == b' ' && sum.iter().all(u8::is_ascii_hexdigit))
    });
    sums.filter_map(|(at, _)| read(bytes.get(at..)?))
}

fn sum(parts: &[&[u8]]) -> u32 {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}
