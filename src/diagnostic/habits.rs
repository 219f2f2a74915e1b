//! What other formats and tools call the words of ours.

/// Words that people bring along, each with ours for it; where several are known in a place, the
/// first is meant.
const HABITS: &[(&str, &[&str])] = &[
    ("after", &["finally", "afterAll"]),
    ("api", &["vendor"]),
    ("assertions", &["expect", "assert"]),
    ("baseurl", &["servers"]),
    ("before", &["beforeAll"]),
    ("body", &["requestBody"]),
    ("cases", &["rows", "scenarios"]),
    ("check", &["expect"]),
    ("cleanup", &["finally"]),
    ("code", &["status"]),
    ("condition", &["when"]),
    ("contains", &["includes"]),
    ("covers", &["implements"]),
    ("create", &["insert"]),
    ("data", &["rows", "body"]),
    ("endpoint", &["path"]),
    ("endpoints", &["operations"]),
    ("error", &["reject"]),
    ("examples", &["rows"]),
    ("expected", &["expect"]),
    ("extract", &["capture"]),
    ("fixtures", &["given"]),
    ("get", &["find"]),
    ("id", &["operationId"]),
    ("if", &["when"]),
    ("implements", &["covers"]),
    ("json", &["body"]),
    ("name", &["operationId"]),
    ("notallowed", &["methodNotAllowed"]),
    ("notfound", &["unknownPath"]),
    ("operation", &["operationId"]),
    ("parameterize", &["rows"]),
    ("parametrize", &["rows"]),
    ("partial", &["includes"]),
    ("paths", &["operations"]),
    ("payload", &["requestBody", "body", "json"]),
    ("primarykey", &["key"]),
    ("reply", &["respond"]),
    ("request", &["requestBody", "call"]),
    ("response", &["expect", "respond"]),
    ("responses", &["expect"]),
    ("return", &["respond"]),
    ("route", &["path"]),
    ("routes", &["operations"]),
    ("save", &["capture", "insert"]),
    ("select", &["list"]),
    ("set", &["capture", "let"]),
    ("spec", &["vendor"]),
    ("statuscode", &["status"]),
    ("store", &["capture", "insert"]),
    ("table", &["rows"]),
    ("teardown", &["finally"]),
    ("testcases", &["scenarios"]),
    ("tests", &["scenarios"]),
    ("url", &["path"]),
    ("values", &["rows"]),
    ("variable", &["let"]),
    ("verb", &["method"]),
    ("verify", &["expect"]),
];

/// The known word that is called so elsewhere.
pub(super) fn habit<'a>(
    typed: &str,
    known: &(impl IntoIterator<Item = &'a str> + Clone),
) -> Option<&'a str> {
    let plain: String = typed.chars().filter(|c| !"_- ".contains(*c)).collect();
    let plain = plain.to_lowercase();
    let (_, meant) = HABITS.iter().find(|(word, _)| *word == plain)?;
    meant.iter().find_map(|meant| known.clone().into_iter().find(|known| known == meant))
}
