//! Secrets of random pieces that readers and writers treat in ways of their own.

use proptest::prelude::*;

use super::{PLACES, assert_hidden};

/// A few of them in each run, `COUNTERPART_SECRETS` more where they are to be looked for.
#[test]
fn no_output_has_a_random_secret() {
    const PIECES: &[&str] = &[
        "\"",
        "'",
        "\\",
        "%",
        "%41",
        "&",
        "&amp;",
        "<",
        ">",
        "\n",
        "\r\n",
        "\t",
        " ",
        "+",
        "/",
        "=",
        "?",
        "#",
        ";",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "*",
        "$",
        "^",
        ".",
        "|",
        "~",
        "`",
        "@",
        "!",
        "\u{e4}",
        "\u{df}",
        "\u{20ac}",
        "\u{6f22}",
        "\u{1f511}",
        "\u{301}",
        "\u{ad}",
        "\u{200b}",
        "\u{feff}",
        "0",
        "7",
        "Q",
        "z9",
        "Kx",
        "\\u0041",
        "\\n",
        "&#65;",
        "=3D",
    ];
    let cases = std::env::var("COUNTERPART_SECRETS").ok().and_then(|count| count.parse().ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(3),
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    let secret = (
        prop::collection::vec(prop::sample::select(PIECES), 2..9),
        "[A-Za-z0-9]{6}",
        prop::collection::vec(prop::sample::select(PIECES), 0..9),
    );
    let secret =
        secret.prop_map(|(before, word, behind)| before.concat() + &word + &behind.concat());
    proptest!(config, |(secret in secret, number in 0..PLACES.len())| {
        assert_hidden("planted-random", number, &secret);
    });
}
