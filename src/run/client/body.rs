//! Reading a body to its end (RFC 9112 section 7).

use super::connection::{Connection, excerpt};
use super::failure::{Failed, Failure, FailureKind, Phase};
use super::framing::Framing;
use super::patience::Patience;

/// No chunk's first line and no trailer is longer.
const LONGEST_LINE: usize = 16 * 1024;

impl Connection {
    pub(super) fn body(
        &mut self,
        framing: Framing,
        largest: usize,
        patience: Patience<'_>,
        enough: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>, Failed> {
        match framing {
            Framing::Nothing => Ok(Vec::new()),
            Framing::Length(length) if length > largest => {
                Err((Vec::new(), Failure::new(FailureKind::LargeBody(largest))))
            }
            Framing::Length(length) => self.exactly(length, patience),
            Framing::Chunked => {
                let mut body = Vec::new();
                match self.chunks(&mut body, largest, patience, enough) {
                    Ok(()) => Ok(body),
                    Err(failure) => Err((body, failure)),
                }
            }
            Framing::UntilEnd => self.until_end(largest, patience, enough),
        }
    }

    fn exactly(&mut self, length: usize, patience: Patience<'_>) -> Result<Vec<u8>, Failed> {
        while self.buffer.len() < length {
            let had = self.buffer.len();
            match self.fill(patience, || Phase::Body(had, Some(length))) {
                Ok(0) => {
                    let failure = Failure::new(FailureKind::HalfBody(had, Some(length)));
                    return Err((std::mem::take(&mut self.buffer), failure));
                }
                Ok(_) => {}
                Err(failure) => return Err((std::mem::take(&mut self.buffer), failure)),
            }
        }
        // What is kept of an answer should not be as large as the room it was read into.
        if length < self.buffer.capacity() / 2 {
            return Ok(self.buffer.drain(..length).collect());
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    fn until_end(
        &mut self,
        largest: usize,
        patience: Patience<'_>,
        enough: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>, Failed> {
        loop {
            let had = self.buffer.len();
            if enough(&self.buffer) {
                return Ok(std::mem::take(&mut self.buffer));
            }
            if had > largest {
                let failure = Failure::new(FailureKind::LargeBody(largest));
                return Err((std::mem::take(&mut self.buffer), failure));
            }
            match self.fill(patience, || Phase::Body(had, None)) {
                Ok(0) => return Ok(std::mem::take(&mut self.buffer)),
                Ok(_) => {}
                Err(failure) => return Err((std::mem::take(&mut self.buffer), failure)),
            }
        }
    }

    fn chunks(
        &mut self,
        body: &mut Vec<u8>,
        largest: usize,
        patience: Patience<'_>,
        enough: &dyn Fn(&[u8]) -> bool,
    ) -> Result<(), Failure> {
        let garbage = |line: &[u8]| {
            Failure::new(FailureKind::Garbage("a chunk has no valid size", excerpt(line)))
        };
        loop {
            let line = self.line(body.len(), patience)?;
            let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
            let digits = std::str::from_utf8(digits).map_err(|_| garbage(&line))?.trim();
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(garbage(&line));
            }
            let size = usize::from_str_radix(digits, 16).map_err(|_| garbage(&line))?;
            if size == 0 {
                while !self.line(body.len(), patience)?.is_empty() {}
                return Ok(());
            }
            if size > largest.saturating_sub(body.len()) {
                return Err(Failure::new(FailureKind::LargeBody(largest)));
            }
            while self.buffer.len() < size {
                let had = body.len() + self.buffer.len();
                if self.fill(patience, || Phase::Body(had, None))? == 0 {
                    body.append(&mut self.buffer);
                    return Err(Failure::new(FailureKind::HalfBody(had, None)));
                }
            }
            body.extend(self.buffer.drain(..size));
            let end = self.line(body.len(), patience)?;
            if !end.is_empty() {
                return Err(garbage(&end));
            }
            if enough(body) {
                return Ok(());
            }
        }
    }

    /// A line without its end.
    fn line(&mut self, had: usize, patience: Patience<'_>) -> Result<Vec<u8>, Failure> {
        let mut looked = 0;
        loop {
            let unseen = self.buffer.get(looked..).unwrap_or_default();
            if let Some(at) = unseen.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=looked + at).collect();
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                return Ok(line);
            }
            looked = self.buffer.len();
            if looked > LONGEST_LINE {
                let why = "a chunk's line has no end";
                return Err(Failure::new(FailureKind::Garbage(why, "more of it".to_owned())));
            }
            if self.fill(patience, || Phase::Body(had, None))? == 0 {
                return Err(Failure::new(FailureKind::HalfBody(had, None)));
            }
        }
    }
}
