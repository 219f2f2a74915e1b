//! Masking: the secret first, and then what is shown. No secret that is long enough to be told from
//! other text is left, and what is no secret stays.

use counterpart::unstable::run::mask::Mask;

use crate::{parts, text};

/// A secret of this many characters is masked wherever it stands.
const LONG: usize = 8;

pub(crate) fn masks(input: &[u8]) {
    let parts = parts(input);
    let secret = text(parts[0]);
    let shown = text(parts.get(1).copied().unwrap_or_default());
    let mut mask = Mask::default();
    mask.add(&secret, "SECRET");
    let masked = mask.text(&shown);
    if secret.chars().count() >= LONG && !"${SECRET}".contains(&secret) {
        assert!(!masked.contains(&secret), "{secret:?} is still in {masked:?}");
    }
    // Around it nothing is added to what is hidden.
    let shown = format!("«{secret}»");
    let masked = mask.text(&shown);
    if secret.chars().count() >= LONG {
        assert!(!masked.contains(&secret) || "«${SECRET}»".contains(&secret), "{masked}");
    }
    let bytes = mask.bytes(shown.clone().into_bytes());
    let _ = String::from_utf8_lossy(&bytes);
}
