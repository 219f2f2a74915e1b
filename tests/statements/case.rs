//! The cases as they are written.

use std::path::Path;
use std::sync::Arc;

use counterpart::unstable::syntax::{Mapping, Node, Problems, parse};
use counterpart::unstable::value::Value;
use counterpart::{Source, Span};

/// What one trial does.
pub struct Case {
    pub statements: Vec<Arc<str>>,
    pub name: Arc<str>,
    pub steps: Vec<Step>,
}

/// One request and what is expected of its answer.
pub struct Step {
    pub span: Span,
    pub target: Target,
    pub query: Option<Value>,
    pub headers: Option<Value>,
    pub body: Body,
    pub expect: Expect,
    /// Names, each with the path of what it stands for.
    pub capture: Vec<(String, Value)>,
}

/// Where a step goes.
pub enum Target {
    /// A method and a path below the vendor's base path.
    Request(Arc<str>),
    /// A method and a path below the control plane.
    Control(Arc<str>),
    /// An absolute URL.
    Follow(Arc<str>),
}

/// What a step sends.
pub enum Body {
    None,
    Json(Value),
    Form(Value),
    Text(Value),
}

/// What a step expects; what is absent is not looked at.
#[derive(Default)]
pub struct Expect {
    /// As it was written, to be shown.
    pub written: Value,
    pub status: Option<Value>,
    pub headers: Option<Value>,
    pub json: Option<Value>,
    pub xml: Option<Value>,
    pub text: Option<Value>,
    pub contains: Option<Value>,
    pub lacks: Option<Value>,
    pub matches: Option<Value>,
    pub rule: Option<Value>,
    pub exactly: bool,
}

/// Reads the cases of a vendor. Fails with every mistake in them.
pub fn read(vendor: &str) -> Result<Vec<Case>, String> {
    let place = format!("tests/statements/{vendor}.yaml");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&place))
        .map_err(|error| format!("{place}: {error}\n"))?;
    let problems = Problems::default();
    let root = parse(&Source::new(place, text), &problems);
    let items = root.as_ref().and_then(Node::as_list).unwrap_or_default();
    let cases: Vec<Case> = items.iter().filter_map(|node| case(node, &problems)).collect();
    let diagnostics = problems.into_sorted();
    if diagnostics.is_empty() && !cases.is_empty() {
        return Ok(cases);
    }
    let place = |span: &Span| format!("{}:{}", span.source.path().display(), span.line_column().0);
    let lines = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.primary.as_ref().map_or(String::new(), |label| place(&label.span));
        format!("{place}: {}\n", diagnostic.message)
    });
    Err(format!("{}the cases of {vendor} cannot be read\n", lines.collect::<String>()))
}

fn case(node: &Node, problems: &Problems) -> Option<Case> {
    let mut mapping = Mapping::open(node, "a case", problems)?;
    let statements = match mapping.require("statement")?.to_value() {
        Value::List(items) => items.iter().filter_map(Value::scalar_text).collect(),
        one => one.scalar_text().into_iter().collect(),
    };
    let name = mapping.required_text("name")?.value;
    let steps = mapping.items("steps");
    let steps = steps.iter().filter_map(|node| step(node, problems)).collect();
    mapping.finish();
    Some(Case { statements, name, steps })
}

fn step(node: &Node, problems: &Problems) -> Option<Step> {
    let mut mapping = Mapping::open(node, "a step", problems)?;
    let request = mapping.plain_text("request").map(Target::Request);
    let control = mapping.plain_text("control").map(Target::Control);
    let follow = mapping.plain_text("follow").map(Target::Follow);
    let Some(target) = request.or(control).or(follow) else {
        let message = "a step needs `request`, `control` or `follow`";
        problems.error("missing-key", message, &node.span, "none of them is here");
        return None;
    };
    let mut value = |key| mapping.take(key).map(Node::to_value);
    let (query, headers) = (value("query"), value("headers"));
    let texts = [value("xml"), value("text"), value("body")];
    let body = match (value("json"), value("form"), texts.into_iter().flatten().next()) {
        (Some(json), _, _) => Body::Json(json),
        (None, Some(form), _) => Body::Form(form),
        (None, None, Some(text)) => Body::Text(text),
        (None, None, None) => Body::None,
    };
    let capture = mapping.members("capture").iter();
    let capture = capture.map(|(name, path)| (name.value.clone(), path.to_value())).collect();
    let expect = mapping.require("expect").and_then(|node| expect(node, problems));
    mapping.finish();
    let (span, expect) = (node.span.clone(), expect?);
    Some(Step { span, target, query, headers, body, expect, capture })
}

fn expect(node: &Node, problems: &Problems) -> Option<Expect> {
    let mut mapping = Mapping::open(node, "an expectation", problems)?;
    let exactly = mapping.boolean("exactly").unwrap_or_default();
    let mut value = |key| mapping.take(key).map(Node::to_value);
    let expect = Expect {
        written: node.to_value(),
        status: value("status"),
        headers: value("headers"),
        json: value("json"),
        xml: value("xml"),
        text: value("text"),
        contains: value("contains"),
        lacks: value("lacks"),
        matches: value("matches"),
        rule: value("rule"),
        exactly,
    };
    mapping.finish();
    Some(expect)
}
