//! Elements of XML that are lists by their names, though there is one item, or none.

use crate::import::names::{singular, words};

/// Names that say of an element only that it is one of several.
const ITEMS: [&str; 7] = ["item", "items", "return", "element", "row", "entry", "record"];

/// Words behind which the name of a list stands, or before.
const LISTS: [&str; 4] = ["list", "array", "collection", "all"];

/// Whether an element is one of those that the element around it is for, by the names of both
/// without prefixes: `note` in `notes`, `Ticket` in `list_ticketsResult`, `ArrayOfTicket` or
/// `TicketList`, `return` in `getTicketsResponse`.
pub(super) fn is_one_of(around: &str, name: &str) -> bool {
    if around.eq_ignore_ascii_case(name) {
        return false;
    }
    let outer = words(around);
    let inner = words(name);
    let Some(last) = inner.last() else { return false };
    if LISTS.contains(&last.as_str()) {
        return false;
    }
    let is_item = ITEMS.contains(&inner.join("").as_str());
    let names_list = outer.iter().any(|word| LISTS.contains(&word.as_str()));
    outer.iter().any(|word| {
        let is_plural = singular(word) != *word;
        is_plural && (singular(word) == *last || is_item) || names_list && (word == last || is_item)
    })
}

/// Whether there may be a list in an element with that name.
pub(super) fn may_hold_several(name: &str) -> bool {
    words(name).iter().any(|word| singular(word) != *word || LISTS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_told_by_what_they_stand_in() {
        for (around, name, expected) in [
            ("notes", "note", true),
            ("Categories", "Category", true),
            ("list_ticketsResult", "Ticket", true),
            ("GetTicketsResult", "SupportTicket", true),
            ("ArrayOfTicket", "Ticket", true),
            ("TicketList", "Ticket", true),
            ("getTicketsResponse", "return", true),
            ("tickets", "item", true),
            ("get_ticketResponse", "get_ticketResult", false),
            ("create_ticketResult", "Ticket", false),
            ("getTicketResponse", "return", false),
            ("list_ticketsResponse", "list_ticketsResult", false),
            ("GetTicketListResponse", "TicketList", false),
            ("GetStatusResponse", "Status", false),
            ("note", "author", false),
        ] {
            assert_eq!(is_one_of(around, name), expected, "{around}/{name}");
        }
    }

    #[test]
    fn a_list_may_be_empty() {
        assert!(may_hold_several("list_ticketsResult") && may_hold_several("TicketList"));
        assert!(!may_hold_several("get_ticketResult") && !may_hold_several("status"));
    }
}
