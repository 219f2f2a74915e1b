//! Content codings of answers: which one a client wants (RFC 9110 section 12.5.3), and what the
//! headers say of it (section 8.4). The body is coded when it is sent, so that the journal has it
//! as it was written.

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, RANGE};
use http::{HeaderValue, Method};

use super::cors::put_vary;
use super::incoming::{Incoming, weight_of};
use super::validators::EntityTag;
use crate::coding::Coding;
use crate::exchange::{Answer, header_text};

/// What a client wants of those codings that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The body as it is.
    Plain,
    /// That coding.
    Coded(Coding),
    /// None of them, and not the body as it is either.
    Nothing,
}

impl Wanted {
    /// What a request wants. A part of a body is a part of it as it is, where that is possible.
    pub(super) fn of(incoming: &Incoming<'_>, offered: &[Coding]) -> Self {
        if offered.is_empty() {
            return Self::Plain;
        }
        let Some(accepted) = incoming.lines(&ACCEPT_ENCODING) else { return Self::Plain };
        let weights = Weights::read(&accepted);
        let part = incoming.method == Method::GET && incoming.request.headers.contains_key(RANGE);
        match part && weights.plain() != Some(0.0) {
            true => Self::Plain,
            false => weights.best(offered),
        }
    }

    /// The coding, where there is one.
    pub(super) fn coding(self) -> Option<Coding> {
        match self {
            Self::Coded(coding) => Some(coding),
            Self::Plain | Self::Nothing => None,
        }
    }
}

/// The codings of an `Accept-Encoding` with their weights.
struct Weights<'h>(Vec<(&'h str, f32)>);

impl<'h> Weights<'h> {
    /// A coding whose weight makes no sense is passed over.
    fn read(accepted: &'h str) -> Self {
        let weighed = accepted.split(',').filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().filter(|name| !name.is_empty())?;
            let weight = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
            });
            Some((name, weight.map_or(Some(1.0), weight_of)?))
        });
        Self(weighed.collect())
    }

    fn named(&self, is: impl Fn(&str) -> bool) -> Option<f32> {
        let weights = self.0.iter().filter(|(name, _)| is(name)).map(|(_, weight)| *weight);
        weights.reduce(f32::max)
    }

    fn any_other(&self) -> Option<f32> {
        self.named(|name| name == "*")
    }

    /// How much the body as it is is wanted; nothing where it is allowed without a weight.
    fn plain(&self) -> Option<f32> {
        let named = self.named(|name| name.eq_ignore_ascii_case("identity"));
        named.or_else(|| self.any_other().filter(|weight| *weight == 0.0))
    }

    /// The first of those with the highest weight. Whoever names codings wants one of them rather
    /// than none, unless `identity` weighs more.
    fn best(&self, offered: &[Coding]) -> Wanted {
        let mut best: Option<(f32, Coding)> = None;
        for coding in offered {
            let weight = self.named(|name| Coding::named(name) == Some(*coding));
            let weight = weight.or_else(|| self.any_other()).unwrap_or_default();
            if weight > best.map_or(0.0, |(weight, _)| weight) {
                best = Some((weight, *coding));
            }
        }
        match (best, self.plain()) {
            (Some((weight, _)), Some(plain)) if plain > weight => Wanted::Plain,
            (Some((_, coding)), _) => Wanted::Coded(coding),
            (None, Some(0.0)) => Wanted::Nothing,
            (None, _) => Wanted::Plain,
        }
    }
}

/// The entity tag of a body in a coding; one that is not valid stays.
fn tag_of(tag: &str, coding: Coding) -> String {
    match tag.starts_with('"') {
        true => EntityTag::given(tag, false).in_coding(coding).written(),
        false => tag.to_owned(),
    }
}

/// Has an answer say that it depends on what the client accepts, and what it is coded in.
pub(super) fn put(answer: &mut Answer, offered: &[Coding], wanted: Wanted) {
    // Bytes that came in a coding go out as they are.
    if offered.is_empty() || answer.headers.contains_key(CONTENT_ENCODING) {
        return;
    }
    put_vary(&mut answer.headers, &ACCEPT_ENCODING);
    let Some(coding) = wanted.coding() else { return };
    // A coding keeps bytes back until there are more of them.
    let in_pieces = answer.sending.as_ref().is_some_and(|sending| sending.pieces.is_some());
    let is_coded = !answer.body.is_empty() && !in_pieces;
    // What a client has already is what it would have been given.
    if is_coded || answer.status == http::StatusCode::NOT_MODIFIED {
        let tag = answer.headers.get(ETAG).map(header_text);
        let tag = tag.map(|tag| HeaderValue::from_bytes(tag_of(&tag, coding).as_bytes()));
        if let Some(Ok(tag)) = tag {
            answer.headers.insert(ETAG, tag);
        }
    }
    if is_coded {
        answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        answer.coding = Some(coding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_with_the_highest_weight_is_wanted() {
        let (gzip, deflate) = (Wanted::Coded(Coding::Gzip), Wanted::Coded(Coding::Deflate));
        for (accepted, expected) in [
            ("", Wanted::Plain),
            ("gzip", gzip),
            ("X-GZIP", gzip),
            ("deflate, gzip", gzip),
            ("deflate, gzip;q=0.5", deflate),
            ("br, deflate;q=0.1", deflate),
            ("br", Wanted::Plain),
            ("*", gzip),
            ("gzip;q=0, *", deflate),
            ("gzip;q=0", Wanted::Plain),
            ("identity, gzip;q=0.5", Wanted::Plain),
            ("identity;q=0.5, gzip;q=0.5", gzip),
            ("identity;q=0", Wanted::Nothing),
            ("identity;q=0, br", Wanted::Nothing),
            ("*;q=0", Wanted::Nothing),
            ("*;q=0, gzip", gzip),
            ("*;q=0, identity", Wanted::Plain),
            ("gzip;q=2", Wanted::Plain),
            ("gzip ; q=0.000 , deflate ; Q=0.001", deflate),
        ] {
            let best = Weights::read(accepted).best(&[Coding::Gzip, Coding::Deflate]);
            assert_eq!(best, expected, "{accepted}");
        }
    }

    #[test]
    fn a_strong_tag_is_that_of_the_coding() {
        for (tag, expected) in [("\"a\"", "\"a-gzip\""), ("W/\"a\"", "W/\"a\""), ("a", "a")] {
            assert_eq!(tag_of(tag, Coding::Gzip), expected);
        }
    }
}
