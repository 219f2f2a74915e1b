//! What nobody has chosen: identifiers, secrets and tokens, told from the words of a vendor.
//!
//! A code such as `PaymentDeclined`, `INVALID_FIELD_01` or an account number has letters of both
//! cases or digits too, but stands for what it says. What could be either is taken for a word: a
//! difference too many is seen, one too few is not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Below that a text may be a word.
const SHORTEST: usize = 12;

/// Which letters come after each letter of the alphabet in words of several languages: 97 of 100
/// pairs of letters in words are among these 308 of 676.
const SUCCESSORS: [&str; 26] = [
    "bcdfghiklmnprstuvwxy",
    "aegilorsuy",
    "acehikloprstuy",
    "adegilorsuy",
    "abcdefghilmnopqrstuvwxy",
    "aefilmortu",
    "aeghilnorsu",
    "aeilmnorstuy",
    "abcdefgklmnoprstvxz",
    "eo",
    "aeinosu",
    "adefilostuvy",
    "abeilmopsu",
    "acdefgiklmnopstuvy",
    "abcdefgiklmnoprstuvwx",
    "aehiloprstuy",
    "u",
    "acdefgiklmnoprstuvy",
    "acehiklmnopstuwy",
    "acdehilmoprstuwy",
    "abcdefgilmnprst",
    "aeio",
    "aehinors",
    "ceipt",
    "aeimnopst",
    "aei",
];

/// Whether both look as if nobody had chosen them, and as if made in the same way: UUIDs, row
/// versions (eight bytes in base64), or secrets of one length and alphabet.
pub(super) fn are_generated(left: &str, right: &str) -> bool {
    if is_uuid(left) && is_uuid(right) {
        return !is_nil(left) && !is_nil(right) && cases_fit(left, right);
    }
    if is_row_version(left) && is_row_version(right) {
        return true;
    }
    left.len() == right.len()
        && are_apart(left, right)
        && left.len() >= SHORTEST
        && is_random(left)
        && is_random(right)
        && label(left) == label(right)
        && alphabets_fit(left, right)
}

/// Whether both may be what a vendor has made, each in a way of its own, where the spec says that
/// it makes some: long enough, and neither words nor a number. What has a form that clients read,
/// has it on both sides.
pub(super) fn may_be_made(left: &str, right: &str) -> bool {
    let of_one_form = |is_so: fn(&str) -> bool| is_so(left) == is_so(right);
    of_one_form(is_uuid)
        && of_one_form(is_row_version)
        && [left, right].iter().all(|text| {
            text.len() >= SHORTEST
                && has_letters(text)
                && !is_account_number(text)
                && !is_made_of_words(text)
        })
}

/// Whether both look like short ids that nobody had chosen: letters and digits, of one length and
/// alphabet, and not alike.
pub(super) fn are_short_ids(left: &str, right: &str) -> bool {
    let is_short = |text: &str| {
        (4..SHORTEST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !is_made_of_words(text)
    };
    left.len() == right.len()
        && are_apart(left, right)
        && is_short(left)
        && is_short(right)
        && label(left) == label(right)
        && alphabets_fit(left, right)
}

/// Whether a third of their characters differ.
fn are_apart(left: &str, right: &str) -> bool {
    let apart = left.bytes().zip(right.bytes()).filter(|(left, right)| left != right).count();
    apart * 3 >= left.len()
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| is_hexadecimal(group))
}

/// The UUID that stands for none (RFC 9562, section 5.9).
fn is_nil(uuid: &str) -> bool {
    uuid.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// Whether not all letters of one are small and all of the other capital.
fn cases_fit(left: &str, right: &str) -> bool {
    let has = |text: &str, is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    let (small, capital) = (u8::is_ascii_lowercase, u8::is_ascii_uppercase);
    let differ = |one: &str, other: &str| {
        has(one, small) && !has(one, capital) && has(other, capital) && !has(other, small)
    };
    !differ(left, right) && !differ(right, left)
}

/// Whether it is text or a file in base64, which somebody has chosen.
fn is_content(text: &str) -> bool {
    /// PNG, GIF, JPEG, PDF, ZIP and gzip by their first bytes.
    const SIGNATURES: [&[u8]; 6] =
        [b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"%PDF", b"PK\x03\x04", b"\x1f\x8b\x08"];
    let whole = text.trim_end_matches('=');
    let whole = whole.get(..whole.len() / 4 * 4).unwrap_or_default();
    let Ok(bytes) = STANDARD.decode(whole) else { return false };
    let is_text = || {
        let all = String::from_utf8_lossy(&bytes);
        all.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
            && !all.contains(char::REPLACEMENT_CHARACTER)
    };
    SIGNATURES.iter().any(|signature| bytes.starts_with(signature)) || is_text()
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_row_version(text: &str) -> bool {
    text.len() == 12 && STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 8)
}

/// Letters and digits that change again and again, and make no words.
fn is_random(text: &str) -> bool {
    if !has_letters(text) || is_account_number(text) || is_made_of_words(text) || is_content(text) {
        return false;
    }
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let digits = count(u8::is_ascii_digit);
    // Of both cases as base64 has them; otherwise by its digits.
    let changes = match upper.min(lower) * 8 >= text.len() {
        true => runs(text).len().saturating_sub(1),
        false if digits * 10 >= text.len() && digits >= 2 => changes_of_kind(text),
        false => 0,
    };
    // In a number with letters before it or behind it they change once or twice.
    let least = if is_hexadecimal(text) { 8 } else { 6 };
    changes * least >= text.len()
}

/// Whether it has letters, and beside them nothing but what base64 has.
fn has_letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// How often a digit comes after a letter or a letter after a digit.
fn changes_of_kind(text: &str) -> usize {
    let all = text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.is_ascii_digit());
    let kinds: Vec<bool> = all.collect();
    kinds.windows(2).filter(|two| two.first() != two.last()).count()
}

/// Whether two fifths of its letters and digits are in runs of letters that read like words.
fn is_made_of_words(text: &str) -> bool {
    let all = runs(text);
    let length = |runs: &mut dyn Iterator<Item = &&str>| runs.map(|run| run.len()).sum::<usize>();
    let whole = length(&mut all.iter());
    let words = length(&mut all.iter().filter(|run| is_like_a_word(run)));
    words * 5 >= whole * 2
}

/// Three letters or more, a vowel among them, in pairs that are usual in words.
fn is_like_a_word(run: &str) -> bool {
    let letters: Vec<u8> = run.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let is_usual = |two: &[u8]| match two {
        [first, second] => {
            let after = SUCCESSORS.get(usize::from(first.wrapping_sub(b'a')));
            after.is_some_and(|after| after.as_bytes().contains(second))
        }
        _ => false,
    };
    letters.len() >= 3
        && letters.iter().any(|letter| b"aeiouy".contains(letter))
        && letters.windows(2).all(is_usual)
}

/// The runs of letters and of digits in a text; a capital begins one, but in a row of them only the
/// last does, where small letters follow.
fn runs(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let kind = |at: usize| match bytes.get(at) {
        Some(byte) if byte.is_ascii_uppercase() => 'A',
        Some(byte) if byte.is_ascii_lowercase() => 'a',
        Some(byte) if byte.is_ascii_digit() => '1',
        _ => ' ',
    };
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 1..=bytes.len() {
        let (before, here) = (kind(at - 1), kind(at));
        let goes_on = match (before, here) {
            ('A', 'a') => true,
            ('A', 'A') => kind(at + 1) != 'a',
            _ => before == here,
        };
        if !goes_on {
            runs.extend(text.get(start..at).filter(|_| before != ' '));
            start = at;
        }
    }
    runs
}

/// The word that says of what kind an identifier is: that before the first dash of `cus_8f14e45f`.
fn label(text: &str) -> Option<&str> {
    let (first, _) = text.split_once(['_', '-'])?;
    (first.bytes().all(|byte| byte.is_ascii_alphabetic()) && runs(first).len() == 1)
        .then_some(first)
        .filter(|first| is_like_a_word(first))
}

/// An account number (IBAN, ISO 13616), which has a checksum.
fn is_account_number(text: &str) -> bool {
    let Some((head, rest)) = text.split_at_checked(4) else { return false };
    let (country, check) = head.as_bytes().split_at(2);
    if !country.iter().all(u8::is_ascii_uppercase)
        || !check.iter().all(u8::is_ascii_digit)
        || !(11..=30).contains(&rest.len())
    {
        return false;
    }
    let remainder = rest.chars().chain(head.chars()).try_fold(0, |sum, character| {
        let digit = character.to_digit(36).filter(|_| !character.is_ascii_lowercase())?;
        Some((sum * if digit > 9 { 100 } else { 10 } + digit) % 97)
    });
    remainder == Some(1)
}

/// Whether one could be written with the other's alphabet.
fn alphabets_fit(left: &str, right: &str) -> bool {
    let has_upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let has_lower = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
    is_hexadecimal(left) == is_hexadecimal(right)
        && has_upper(left) == has_upper(right)
        && has_lower(left) == has_lower(right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::random::Random;

    #[test]
    fn secrets_look_like_secrets() {
        for (left, right) in [
            ("AAAAAAAAB9E=", "AAAAAAAAC1M="),
            ("0f8e2a6c55d14b17", "a71c993e0b2f4d60"),
            ("u1DhVyGcPqLkXbTzRm", "QeYtPwLsAkDjFhGzXc"),
            ("123e4567-e89b-42d3-a456-426614174000", "9b2e4567-e89b-42d3-a456-426614174111"),
            ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk_live_Qm7Xz2RfKp0VtYs8BnLw3Gj6"),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ"),
            ("cus_9s6XKzkNRiz8i3", "cus_Qa1ZtR7LmPv2w0"),
        ] {
            assert!(are_generated(left, right), "{left} {right}");
        }
    }

    #[test]
    fn words_do_not_nor_do_numbers_with_letters() {
        for (left, right) in [
            ("0f8e2a6c55d14b17", "A71C993E0B2F4D60"),
            ("0f8e2a6c55d14b17", "a71c993e0b2f4d6"),
            ("confirmation", "unsubscribed"),
            ("address-00001", "contact-00002"),
            ("AccessDenied", "NoSuchBucket"),
            ("PaymentDeclined", "PaymentAccepted"),
            ("INVALID_FIELD_01", "MISSING_FIELD_02"),
            ("ORDER_CLOSED_409", "LIMIT_REACHED_42"),
            ("card-declined-51", "bank-rejected-05"),
            ("InvalidApiKey", "UnknownMethod"),
            ("HansPetersen", "KariNordmann"),
            ("DE89370400440532013000", "DE02120300000000202051"),
            ("NL91ABNA0417164300", "NL02RABO0123456789"),
            ("ERR_TLS_HND_0042", "ERR_SSL_CRT_0911"),
            ("cus_9s6XKzkNRiz8i3", "sub_Qa1ZtR7LmPv2w0"),
            ("INV2024000123", "INV2023009456"),
            ("XMLHttpRequest", "JsonpTransport"),
        ] {
            assert!(!are_generated(left, right), "{left} {right}");
        }
        assert!(are_short_ids("x1y2z3", "q7w8e9"));
        assert!(!are_short_ids("BOOK17", "ROOM42"));
    }

    /// Codes are made of words in all ways in which vendors write them.
    fn code() -> impl Strategy<Value = String> {
        let words = [
            "invalid",
            "missing",
            "payment",
            "declined",
            "order",
            "closed",
            "field",
            "limit",
            "user",
            "unknown",
            "request",
            "token",
            "expired",
            "access",
            "denied",
            "bucket",
            "address",
            "konto",
            "gesperrt",
            "zahlung",
            "abgelehnt",
            "nicht",
            "gefunden",
            "client",
            "refuse",
        ];
        let style = select(vec!["Camel", "camel", "SNAKE", "snake", "kebab", "dots"]);
        let number = prop_oneof![Just(String::new()), (0..1000_u16).prop_map(|n| n.to_string())];
        (prop::collection::vec(select(words.to_vec()), 2..5), style, number).prop_map(
            |(words, style, number)| {
                let capital = |word: &str| format!("{}{}", word[..1].to_uppercase(), &word[1..]);
                let number = [number].into_iter().filter(|number| !number.is_empty());
                match style {
                    "Camel" => words.iter().map(|word| capital(word)).chain(number).collect(),
                    "camel" => {
                        let rest = words.iter().skip(1).map(|word| capital(word));
                        std::iter::once(words[0].to_owned()).chain(rest).chain(number).collect()
                    }
                    "SNAKE" => {
                        let words = words.iter().map(|word| word.to_uppercase());
                        words.chain(number).collect::<Vec<_>>().join("_")
                    }
                    other => {
                        let by = match other {
                            "snake" => "_",
                            "kebab" => "-",
                            _ => ".",
                        };
                        let words = words.iter().map(|word| (*word).to_owned());
                        words.chain(number).collect::<Vec<_>>().join(by)
                    }
                }
            },
        )
    }

    proptest! {
        #[test]
        fn no_code_is_taken_for_a_secret(left in code(), right in code()) {
            prop_assert!(!may_be_made(&left, &right) && !are_generated(&left, &right));
            prop_assert!(!are_short_ids(&left, &right));
        }
    }

    /// Of a thousand values of each kind that programs make, nearly all are seen to be random.
    #[test]
    fn what_programs_make_is_not_taken_for_words() {
        const DIGITS: &str = "0123456789";
        const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
        const LARGE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mixed = [DIGITS, SMALL, LARGE].concat();
        let url = format!("{mixed}-_");
        for (alphabet, length, least) in [
            ("0123456789abcdef", 16, 970),
            ("0123456789abcdef", 32, 995),
            ("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26, 970),
            (&[DIGITS, SMALL].concat(), 32, 970),
            (&mixed, 16, 970),
            (&mixed, 24, 985),
            (&url, 22, 985),
            (&url, 43, 995),
        ] {
            let mut random = Random::new(7, "secrets");
            let letters: Vec<char> = alphabet.chars().collect();
            let mut one = || -> String {
                let at = |number: u64| usize::try_from(number).unwrap() % letters.len();
                (0..length).map(|_| letters[at(random.number())]).collect()
            };
            let found = std::iter::repeat_with(&mut one).take(1000).filter(|text| is_random(text));
            let found = found.count();
            assert!(found >= least, "{alphabet} {length}: {found}");
        }
    }
}
