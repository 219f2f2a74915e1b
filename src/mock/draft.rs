//! Where bodies are written before their length is known. The room is used again by the next one, so
//! that none grows step by step, and the journal keeps no more than there is.

use std::cell::Cell;

use bytes::Bytes;

/// Larger ones are kept as they are.
const LARGE: usize = 64 * 1024;

thread_local! {
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Room to write a body in.
pub(super) fn begin() -> Vec<u8> {
    ROOM.take()
}

/// What was written.
pub(super) fn end(mut written: Vec<u8>) -> Bytes {
    if written.capacity() == 0 || written.capacity() > LARGE {
        return written.into();
    }
    let body = Bytes::copy_from_slice(&written);
    written.clear();
    ROOM.set(written);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept_whatever_comes_next() {
        for length in [0, 1, 100, LARGE, LARGE + 1, 10] {
            let mut room = begin();
            assert!(room.is_empty() && room.capacity() <= LARGE);
            room.resize(length, b'x');
            let first = end(room);
            let mut room = begin();
            room.extend_from_slice(b"another");
            assert_eq!((end(room), first.len()), (Bytes::from_static(b"another"), length));
            assert!(first.iter().all(|byte| *byte == b'x'));
        }
    }
}
