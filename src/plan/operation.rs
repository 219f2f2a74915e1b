//! Operations, ready to be run.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::compiler::Compiler;
use super::description;
use super::failure::FailureTable;
use super::schema::Schema;
use super::step::{Steps, Verb};
use super::value::Compiled;
use crate::coding::Coding;
use crate::model::elements::Elements;
use crate::model::{
    self, ApiKeyPlace, Foldable, MediaTypeId, OperationId, PartEncoding, Place, Route,
    RoutingStyle, RuleId, SecurityKind, SecurityRequirement, Sequence, Service, SoapServiceId,
    XmlName,
};
use crate::wire::EncodeError;
use crate::wire::QualifiedName;
use crate::wire::soap::wsdl;

/// Something that a client can have done.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Operation {
    /// `operationId`.
    pub id: Arc<str>,
    /// `operationId` as a header value.
    pub header: http::HeaderValue,
    /// The rule that it is.
    pub rule: RuleId,
    /// How it is reached.
    pub bindings: Vec<Binding>,
    /// What it gives for failures when no binding is at work.
    pub failures: FailureTable,
    /// What it takes besides the body.
    pub parameters: Vec<Parameter>,
    /// The positions of those in the path, the query, headers, cookies, and wherever a binding has
    /// them.
    pub by_place: [Vec<usize>; 5],
    /// Whether each item of its body is a request of its own.
    pub batch: bool,
    /// The body it takes.
    pub body: Option<RequestBody>,
    /// Alternatives.
    pub security: Vec<SecurityRequirement>,
    /// Whether a scheme of `security` reads a parameter, so that it is looked at after them.
    pub security_in_parameters: bool,
    /// Whether all violations are gathered.
    pub validate_all: bool,
    /// What bodies it reads.
    pub consumes: Vec<MediaTypeId>,
    /// What it writes.
    pub produces: Vec<MediaTypeId>,
    /// The content codings of its answers.
    pub content_codings: Vec<Coding>,
    /// What it does.
    pub steps: Steps,
    /// The rate limits for which requests to it count, by position.
    pub rate_limits: Vec<usize>,
    /// Whether some requests to it may be sent again without being done again.
    pub idempotent: bool,
    /// Whether a step looks at the conditions of requests.
    pub conditional: bool,
    /// Whether it may change something.
    pub changes: bool,
    /// Root elements of answers, by status.
    pub roots: Vec<(u16, XmlName)>,
    /// Namespaces of the elements of answers, by status, where they are not all the same.
    pub elements: Vec<(u16, Elements)>,
    /// The order of the elements of answers, where a WSDL has one.
    pub sequence: Option<Sequence>,
    /// Columns of answers that are rows, by status.
    columns: Vec<(u16, Vec<Arc<str>>)>,
}

/// One way to reach an operation.
#[derive(Debug)]
pub struct Binding {
    /// Where the parameters without a place of their own are.
    pub parameters_in: Place,
    /// In a body, the names that lead to what has them.
    pub parameters_at: Box<[Arc<str>]>,
    /// The names in the query that its `match` asks for.
    pub matched_query: Vec<Arc<str>>,
    /// Whether `required` parameters are asked for.
    pub parameters_required: bool,
    /// The binding's own failures, which go before a parameter's own error.
    pub own: FailureTable,
    /// The binding's, the operation's and the vendor's failures.
    pub failures: FailureTable,
    /// The SOAP service, for its bindings.
    pub soap: Option<SoapServiceId>,
    /// What answers are called there.
    pub answers: SoapNames,
    /// The rule that it is.
    pub rule: RuleId,
}

/// What the elements of an answer are called over SOAP.
#[derive(Debug)]
pub struct SoapNames {
    /// The one with all of it.
    pub response: Arc<str>,
    /// What was worked out.
    pub result: Arc<str>,
}

impl SoapNames {
    /// Those of a message.
    pub fn of(message: &str) -> Self {
        Self {
            response: format!("{message}Response").into(),
            result: format!("{message}Result").into(),
        }
    }
}

/// A parameter.
pub type Parameter = model::Parameter<Compiled>;

/// The body that an operation takes.
#[derive(Debug)]
pub struct RequestBody {
    /// Whether it has to be there.
    pub required: bool,
    /// What it may be, for each of the operation's media types that has a schema.
    pub schemas: Vec<(MediaTypeId, BodySchema)>,
    /// What stands before the names of its members in messages.
    pub path: Option<Arc<str>>,
    /// Whether it is taken in whatever content coding it was sent.
    pub keeps_coding: bool,
    /// The rule that it is.
    pub rule: RuleId,
}

/// What a body may be.
#[derive(Debug)]
pub struct BodySchema {
    /// What it may be.
    pub schema: Schema,
    /// The root element it has to have.
    pub root: Option<XmlName>,
    /// The namespaces of its elements; without any, they may stand in all. The empty text is
    /// none.
    pub namespaces: Vec<Arc<str>>,
    /// What its parts may be.
    pub encoding: Vec<PartEncoding>,
}

impl Operation {
    /// The columns of an answer with that status, should it be rows.
    pub fn columns_of(&self, status: u16) -> Option<&[Arc<str>]> {
        let found = self.columns.iter().find(|(known, _)| *known == status)?;
        Some(&found.1)
    }

    /// The root element of an answer with that status.
    pub fn root_of(&self, status: u16) -> Option<&XmlName> {
        self.roots.iter().find(|(known, _)| *known == status).map(|(_, root)| root)
    }

    /// The namespaces of the elements of an answer with that status.
    pub fn elements_of(&self, status: u16) -> Option<&Elements> {
        self.elements.iter().find(|(known, _)| *known == status).map(|(_, elements)| elements)
    }

    /// Compiles a checked operation.
    pub fn compile(
        operation: &model::Operation,
        service: &Service,
        compiler: &mut Compiler<'_>,
    ) -> Self {
        let parameters = operation.parameters.fold(compiler);
        let at_place = |place: Place| {
            let positions = parameters.iter().enumerate();
            let there =
                positions.filter(|(_, parameter): &(_, &Parameter)| parameter.place == place);
            there.map(|(at, _)| at).collect()
        };
        let by_place = [Place::Path, Place::Query, Place::Header, Place::Cookie, Place::Bound];
        let by_place = by_place.map(at_place);
        let body = &operation.body;
        let body =
            body.as_ref().map(|body| compile_body(body, operation, &service.recursive, compiler));
        let reads_parameter = |requirement: &SecurityRequirement| {
            requirement.schemes.iter().any(|(scheme, _)| {
                service.security_schemes.get(scheme.0).is_some_and(|scheme| {
                    matches!(
                        scheme.kind,
                        SecurityKind::ApiKey { place: ApiKeyPlace::Parameter, .. }
                    )
                })
            })
        };
        let root = |response: &model::Response| {
            Some((response.status, response.schema.as_ref()?.xml.clone()?))
        };
        let elements = |response: &model::Response| {
            Some((response.status, Elements::of(response.schema.as_ref()?)?))
        };
        let over_soap =
            operation.bindings.iter().any(|binding| matches!(binding.route, Route::Soap(_)));
        let sequence = |response: &model::Response| {
            let described = over_soap && response.status == 200;
            Sequence::of(response.schema.as_ref().filter(|_| described)?)
        };
        let columns = |response: &model::Response| {
            let items = response.schema.as_ref()?.items.as_ref()?;
            let names = items.properties.iter().map(|property| property.name.clone());
            Some((response.status, names.collect()))
                .filter(|(_, names): &(_, Vec<_>)| !names.is_empty())
        };
        let steps = operation.steps.fold(compiler);
        let all = operation.steps.all();
        let changes = all.iter().any(|step| step.verb.change(service).is_some());
        let limits = service.rate_limits.iter().enumerate();
        let idempotency = service.idempotency.as_ref();
        let idempotent = !operation.batch && idempotency.is_some_and(|one| one.concerns(operation));
        Self {
            id: operation.id.clone(),
            // The check only lets operation ids through that a header can hold.
            header: http::HeaderValue::from_str(&operation.id)
                .unwrap_or_else(|_| http::HeaderValue::from_static("")),
            rule: operation.rule,
            bindings: operation
                .bindings
                .iter()
                .map(|binding| compile_binding(binding, operation, service))
                .collect(),
            failures: FailureTable::compile(&[&operation.failures, &service.failures]),
            parameters,
            by_place,
            batch: operation.batch,
            body,
            security_in_parameters: operation.security.iter().any(reads_parameter),
            security: operation.security.clone(),
            validate_all: operation.validate_all,
            consumes: operation.consumes.clone(),
            produces: operation.produces.clone(),
            content_codings: operation.content_codings.clone(),
            rate_limits: limits
                .filter(|(_, one)| one.of.has(operation))
                .map(|(at, _)| at)
                .collect(),
            idempotent,
            conditional: steps.all().iter().any(|step| matches!(step.verb, Verb::Precondition(_))),
            changes: idempotent || changes,
            steps,
            roots: operation.responses.iter().filter_map(root).collect(),
            elements: operation.responses.iter().filter_map(elements).collect(),
            sequence: operation.responses.iter().find_map(sequence),
            columns: operation.responses.iter().filter_map(columns).collect(),
        }
    }
}

fn compile_binding(
    binding: &model::Binding,
    operation: &model::Operation,
    service: &Service,
) -> Binding {
    let soap = match binding.route {
        Route::Soap(soap) => Some(soap),
        Route::Http { .. } => None,
    };
    let mut failures = vec![&binding.failures];
    failures.extend(soap.and_then(|s| service.soap_services.get(s.0)).map(|s| &s.failures));
    failures.extend([&operation.failures, &service.failures]);
    Binding {
        parameters_in: binding.parameters_in,
        parameters_at: binding.parameters_at.clone(),
        matched_query: binding.matching.query_names().cloned().collect(),
        parameters_required: binding.parameters_required,
        own: FailureTable::compile(&[&binding.failures]),
        failures: FailureTable::compile(&failures),
        soap,
        answers: SoapNames::of(binding.message_name(operation)),
        rule: binding.rule,
    }
}

/// All namespaces in which a schema and those in it say that elements stand.
fn namespaces(schema: &model::Schema, recursive: &[model::Schema]) -> Vec<Arc<str>> {
    let root = schema.xml.as_ref().and_then(|root| root.namespace.clone());
    let mut found: Vec<Arc<str>> = root.into_iter().collect();
    if !found.is_empty() {
        let mut left: Vec<&model::Schema> = recursive.iter().chain([schema]).collect();
        while let Some(schema) = left.pop() {
            let said = [&schema.namespaces.own, &schema.namespaces.content];
            found.extend(said.into_iter().flatten().cloned());
            left.extend(schema.inner());
        }
        found.sort_unstable();
        found.dedup();
    }
    found
}

fn compile_body(
    body: &model::RequestBody,
    operation: &model::Operation,
    recursive: &[model::Schema],
    compiler: &mut Compiler<'_>,
) -> RequestBody {
    let mut schemas = Vec::new();
    for media_type in &operation.consumes {
        let own = body.content.iter().find(|(id, _)| id == media_type).map(|(_, schema)| schema);
        if let Some(schema) = own.or(body.schema.as_ref()) {
            let known = BodySchema {
                schema: schema.fold(compiler),
                root: schema.xml.clone(),
                namespaces: namespaces(schema, recursive),
                encoding: encoding(body, *media_type),
            };
            schemas.push((*media_type, known));
        }
    }
    RequestBody {
        required: body.required,
        schemas,
        path: body.path.clone(),
        keeps_coding: body.keeps_coding,
        rule: body.rule,
    }
}

/// What the media type says of parts, before what is said of all.
fn encoding(body: &model::RequestBody, media_type: MediaTypeId) -> Vec<PartEncoding> {
    let of = |wanted: Option<MediaTypeId>| {
        let all = body.encoding.iter().filter(move |(known, _)| *known == wanted);
        all.map(|(_, encoding)| encoding.clone())
    };
    of(Some(media_type)).chain(of(None)).collect()
}

/// How an operation of a SOAP service is found.
#[derive(Debug)]
pub struct SoapOperation {
    /// The local name of the element of its requests.
    pub element: Arc<str>,
    /// The action of its requests.
    pub action: Arc<str>,
    /// The operation.
    pub operation: OperationId,
    /// The position of the binding.
    pub binding: usize,
}

/// A SOAP service, ready to find its operations.
#[derive(Debug)]
pub struct SoapService {
    /// The namespace of its operations.
    pub namespace: Arc<str>,
    /// Whether SOAP 1.1 is spoken.
    pub v11: bool,
    /// Whether SOAP 1.2 is spoken.
    pub v12: bool,
    /// Whether elements of messages are read only in the namespace.
    pub strict_namespaces: bool,
    /// What names the operation of a message.
    pub routing: RoutingStyle,
    /// How its operations are found.
    pub operations: Vec<SoapOperation>,
    /// What it gives for failures before an operation is known.
    pub failures: FailureTable,
    /// Its WSDL, but for the location.
    pub description: wsdl::Service,
    /// The WSDL as it was written last, with the location.
    written: Mutex<Option<(String, Bytes)>>,
}

impl SoapService {
    /// The operation of a message with that element: where namespaces are not strict, one that is
    /// in another one is found by its name.
    pub fn of_element(&self, element: &QualifiedName) -> Option<&SoapOperation> {
        let namespace = Some(&*self.namespace);
        let own = self.operations.iter().find(|known| element.is(namespace, &known.element));
        let any = || self.operations.iter().find(|known| *element.local == *known.element);
        own.or_else(|| any().filter(|_| !self.strict_namespaces))
    }

    /// The WSDL for somebody who reaches it there. Most clients reach it at the same URL, for
    /// which it is written once.
    pub fn wsdl(&self, location: String) -> Result<Bytes, EncodeError> {
        if let Some((known, text)) = &*self.written.lock()
            && *known == location
        {
            return Ok(text.clone());
        }
        let described = wsdl::Service { location, ..self.description.clone() };
        let text = Bytes::from(wsdl::generate(&described)?);
        *self.written.lock() = Some((described.location, text.clone()));
        Ok(text)
    }

    /// Compiles the services of a checked spec.
    pub fn compile_all(service: &Service) -> Vec<Self> {
        let compile = |(at, soap): (usize, &model::SoapService)| {
            let mut operations = Vec::new();
            let mut described = Vec::new();
            let mut complex = Vec::new();
            for (id, operation) in service.operations.iter().enumerate() {
                let here = |binding: &model::Binding| matches!(binding.route, Route::Soap(SoapServiceId(s)) if s == at);
                let mut bindings = operation.bindings.iter().enumerate();
                if let Some((position, binding)) = bindings.find(|(_, binding)| here(binding)) {
                    let known = SoapOperation {
                        element: binding.request_element(operation).clone(),
                        action: binding.soap_action(soap, operation),
                        operation: OperationId(id),
                        binding: position,
                    };
                    let names = description::Names {
                        message: binding.message_name(operation),
                        element: &known.element,
                        action: &known.action,
                    };
                    described.push(description::describe(
                        operation,
                        soap,
                        binding,
                        names,
                        &mut complex,
                    ));
                    operations.push(known);
                }
            }
            Self {
                namespace: soap.namespace.clone(),
                v11: soap.v11,
                v12: soap.v12,
                strict_namespaces: soap.strict_namespaces,
                routing: soap.routing,
                operations,
                failures: FailureTable::compile(&[&soap.failures, &service.failures]),
                description: wsdl::Service {
                    name: soap.name.to_string(),
                    namespace: soap.namespace.to_string(),
                    unqualified: soap.unqualified,
                    location: String::new(),
                    v11: soap.v11,
                    v12: soap.v12,
                    operations: described,
                },
                written: Mutex::default(),
            }
        };
        service.soap_services.iter().enumerate().map(compile).collect()
    }
}
