//! Names that are made of what a document says.

use std::collections::HashSet;

/// The name, with a number behind it where it is taken.
pub(super) fn unique(wanted: &str, taken: &mut HashSet<String>) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}

/// The words of a name: `petId`, `pet-id` and `PetID` are `pet` and `id`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let letters: Vec<char> = name.chars().collect();
    for (at, c) in letters.iter().copied().enumerate() {
        let next_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = !before.is_alphanumeric()
            || c.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next_small);
        if c.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(c.to_lowercase()),
                _ => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}

/// The words of a name with `_` between them.
pub(super) fn snake(name: &str) -> String {
    let ascii = words(name).join("_");
    ascii.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// One of what a plural names, by the rules that most English words follow.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for (end, one) in [("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("uses", "us")]
    {
        if let Some(stem) = word.strip_suffix(end) {
            return format!("{stem}{one}");
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.is_empty() && !stem.ends_with('s') && !word.ends_with("us") => {
            stem.to_owned()
        }
        _ => word.to_owned(),
    }
}

/// A vendor's name: small letters, digits and `-`.
pub(super) fn vendor(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name: String = name.chars().take(40).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "vendor".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("petId", "pet_id"),
            ("pet-id", "pet_id"),
            ("PetID", "pet_id"),
            ("HTTPServer", "http_server"),
            ("contact.mail", "contact_mail"),
            ("ids[]", "ids"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn plurals_have_a_singular() {
        for (many, one) in [
            ("pets", "pet"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("status", "status"),
            ("statuses", "status"),
            ("data", "data"),
            ("class", "class"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn a_vendor_has_a_short_name() {
        assert_eq!(vendor("Swagger Petstore - OpenAPI 3.0"), "swagger-petstore-openapi-3-0");
        assert_eq!(vendor("ÄÖ"), "vendor");
    }
}
