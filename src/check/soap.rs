//! SOAP services.

use super::Checker;
use crate::model::{RoutingStyle, RuleKind, SoapService};
use crate::syntax::mapping::{items, word};
use crate::syntax::{Mapping, Node};

impl<'n> Checker<'n> {
    /// `soapServices`, at the positions that their names have.
    pub(super) fn soap_services(&mut self, node: Option<&'n Node>) -> Vec<SoapService> {
        let members = self.optional_members(node);
        members.iter().filter_map(|(key, node)| self.soap_service(&key.value, node)).collect()
    }

    fn soap_service(&mut self, name: &str, node: &'n Node) -> Option<SoapService> {
        let mut mapping = Mapping::open(node, "a SOAP service", &mut self.problems)?;
        let rule_name = format!("soapServices.{name}");
        let rule = self.rule(RuleKind::Operation, "soap", &rule_name, &mut mapping);
        let path = mapping.required_text("path", &mut self.problems);
        let namespace = mapping.required_text("namespace", &mut self.problems);
        let versions = mapping.take("versions");
        let strict = mapping.boolean("strictNamespaces", &mut self.problems);
        let routing = mapping.take("routingStyle");
        let failures = self.failures(mapping.take("failures"), &rule_name);
        mapping.text("description", &mut self.problems);
        mapping.finish(&mut self.problems);
        let (mut v11, mut v12) = (versions.is_none(), versions.is_none());
        for item in versions.map_or(&[][..], |node| items(node, &mut self.problems)) {
            match word(item, "versions", &[(false, "1.1"), (true, "1.2")], &mut self.problems) {
                Some(true) => v12 = true,
                Some(false) => v11 = true,
                None => {}
            }
        }
        let styles = [
            (RoutingStyle::SoapAction, "soapAction"),
            (RoutingStyle::RequestElement, "requestElement"),
        ];
        let routing = routing.and_then(|it| word(it, "routingStyle", &styles, &mut self.problems));
        let path = path?;
        if !path.starts_with('/') {
            self.problems.error("bad-path", "a path begins with /", &path.span, "does not");
        }
        let namespace = namespace?.value;
        Some(SoapService {
            name: name.into(),
            path: path.value,
            namespace,
            v11,
            v12,
            strict_namespaces: strict.unwrap_or(true),
            routing: routing.unwrap_or_default(),
            failures,
            rule,
        })
    }
}
