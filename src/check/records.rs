//! The records of specs with their keys. Made of `schemas/spec.yaml` by
//! `UPDATE=1 cargo test --test schemas`.

use crate::syntax::Keys;

pub(in crate::check) const BINDING: Keys = Keys::of_kinds(&[
    "evidence", "failures", "implements", "match", "messageName", "method", "parametersIn",
    "parametersRequired", "path", "requestElement", "soap", "soapAction", "source",
]);

pub(in crate::check) const BINDING_PARAMETERS_IN: Keys = Keys::all(&[
    "body",
]);

pub(in crate::check) const CHECK: Keys = Keys::all(&[
    "allOf", "anyOf", "const", "contains", "dependentRequired", "dependentSchemas", "enum", "error",
    "evidence", "exclusiveMaximum", "exclusiveMinimum", "exists", "format", "implements",
    "maxItems", "maxLength", "maxProperties", "maximum", "message", "minItems", "minLength",
    "minProperties", "minimum", "multipleOf", "must", "mustNotContain", "not", "oneOf", "pattern",
    "propertyNames", "references", "source", "unevaluatedItems", "unevaluatedProperties",
    "uniqueItems", "when",
]);

pub(in crate::check) const CHECK_EXISTS: Keys = Keys::all(&[
    "in", "where",
]);

pub(in crate::check) const COLLECTION: Keys = Keys::all(&[
    "description", "evidence", "fixtures", "implements", "key", "schema", "source", "unique",
]);

pub(in crate::check) const COLLECTION_UNIQUE: Keys = Keys::all(&[
    "error", "evidence", "fields", "implements", "source",
]);

pub(in crate::check) const COMPARE: Keys = Keys::all(&[
    "compareHeaders", "ignoreHeaders", "ignorePaths",
]);

pub(in crate::check) const COMPONENTS: Keys = Keys::all(&[
    "parameters", "schemas", "securitySchemes", "steps", "trees",
]);

pub(in crate::check) const CONDITIONS: Keys = Keys::all(&[
    "pattern", "present",
]);

pub(in crate::check) const COOKIES: Keys = Keys::all(&[
    "domain", "expires", "httpOnly", "maxAge", "path", "sameSite", "secure", "value",
]);

pub(in crate::check) const CORS: Keys = Keys::all(&[
    "credentials", "evidence", "exposeHeaders", "headers", "implements", "maxAge", "methods",
    "origins", "source",
]);

pub(in crate::check) const DELAY: Keys = Keys::all(&[
    "from", "median", "sigma", "to",
]);

pub(in crate::check) const DEVIATION: Keys = Keys::all(&[
    "actual", "evidence", "expected", "id", "operation", "path", "says", "since", "source",
    "verdict",
]);

pub(in crate::check) const ERROR: Keys = Keys::all(&[
    "body", "cookies", "description", "evidence", "fault", "headers", "implements", "mediaType",
    "source", "status", "text",
]);

pub(in crate::check) const ERROR_FAULT: Keys = Keys::all(&[
    "code", "detail", "reason",
]);

pub(in crate::check) const EXAMPLE: Keys = Keys::all(&[
    "given", "name", "request", "response",
]);

pub(in crate::check) const EXAMPLE_REQUEST: Keys = Keys::all(&[
    "body", "headers", "method", "path",
]);

pub(in crate::check) const EXAMPLE_RESPONSE: Keys = Keys::all(&[
    "body", "headers", "status", "text",
]);

pub(in crate::check) const FAILURE: Keys = Keys::all(&[
    "error", "evidence", "implements", "source",
]);

pub(in crate::check) const FAULT: Keys = Keys::all(&[
    "delay", "fault", "for", "share", "skip", "times",
]);

pub(in crate::check) const FAULT_FAULT: Keys = Keys::all(&[
    "error", "slow", "status",
]);

pub(in crate::check) const FAULT_FAULT_SLOW: Keys = Keys::all(&[
    "pieces", "within",
]);

pub(in crate::check) const IDEMPOTENCY: Keys = Keys::all(&[
    "by", "evidence", "except", "header", "implements", "keepRejections", "lifetime", "methods",
    "mismatch", "replayHeaders", "required", "source",
]);

pub(in crate::check) const INFO: Keys = Keys::all(&[
    "description", "document", "title", "version",
]);

pub(in crate::check) const MATCH: Keys = Keys::all(&[
    "body", "cookie", "header", "jsonPath", "namespaces", "query", "root", "xpath",
]);

pub(in crate::check) const MATCH_ROOT: Keys = Keys::all(&[
    "name", "namespace",
]);

pub(in crate::check) const MEDIA_TYPE: Keys = Keys::of_kinds(&[
    "coerceTypes", "contentType", "declaration", "duplicateMembers", "empty", "evidence",
    "illegalCharacters", "implements", "indent", "namespaces", "nil", "separator", "source",
    "style", "wire",
]);

pub(in crate::check) const OPERATION: Keys = Keys::all(&[
    "batch", "bindings", "consumes", "contentCoding", "delay", "description", "evidence",
    "failures", "faults", "implements", "match", "method", "operationId", "parameters", "path",
    "produces", "requestBody", "responses", "security", "source", "steps", "summary", "tags",
    "validation",
]);

pub(in crate::check) const PARAMETER: Keys = Keys::all(&[
    "allowEmptyValue", "caseInsensitive", "checks", "content", "description", "error", "errors",
    "evidence", "explode", "ignoredUnless", "implements", "in", "meanings", "message",
    "mustNotContain", "name", "references", "required", "schema", "source", "style",
]);

pub(in crate::check) const PARAMETER_CONTENT: Keys = Keys::all(&[
    "schema",
]);

pub(in crate::check) const RATE_LIMIT: Keys = Keys::all(&[
    "by", "cost", "countNotModified", "error", "evidence", "except", "implements", "limit",
    "methods", "operations", "refill", "source", "tags", "window",
]);

pub(in crate::check) const RATE_LIMIT_REFILL: Keys = Keys::all(&[
    "by", "every",
]);

pub(in crate::check) const REJECTION: Keys = Keys::all(&[
    "error", "field", "message", "value", "with",
]);

pub(in crate::check) const REQUEST_BODY: Keys = Keys::all(&[
    "content", "contentCoding", "description", "encoding", "evidence", "implements", "path",
    "required", "schema", "source",
]);

pub(in crate::check) const REQUEST_BODY_CONTENT: Keys = Keys::all(&[
    "encoding", "schema",
]);

pub(in crate::check) const REQUEST_BODY_ENCODING: Keys = Keys::all(&[
    "contentType",
]);

pub(in crate::check) const RESPONSES: Keys = Keys::all(&[
    "description", "evidence", "implements", "schema", "source",
]);

pub(in crate::check) const ROUTING: Keys = Keys::all(&[
    "caseSensitive", "trailingSlash",
]);

pub(in crate::check) const SCHEMA: Keys = Keys::all(&[
    "$anchor", "$comment", "$defs", "$ref", "$schema", "additionalProperties", "allOf",
    "allowEmptyValue", "anyOf", "caseInsensitive", "checks", "const", "contains", "contentEncoding",
    "contentMediaType", "contentSchema", "default", "dependentRequired", "dependentSchemas",
    "description", "discriminator", "else", "enum", "error", "errors", "evidence",
    "exclusiveMaximum", "exclusiveMinimum", "format", "generate", "if", "ignoredUnless",
    "implements", "items", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum",
    "meanings", "message", "minContains", "minItems", "minLength", "minProperties", "minimum",
    "multipleOf", "mustNotContain", "not", "on", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "readOnly", "references", "required", "source",
    "then", "title", "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems",
    "writeOnly", "xml",
]);

pub(in crate::check) const SCHEMA_ADDITIONAL_PROPERTIES: Keys = Keys::all(&[
    "definedBy", "error", "evidence", "implements", "kind", "kinds", "name", "source",
]);

pub(in crate::check) const SCHEMA_DISCRIMINATOR: Keys = Keys::all(&[
    "mapping", "propertyName",
]);

pub(in crate::check) const SCHEMA_GENERATE: Keys = Keys::of_kinds(&[
    "encoding", "now", "prefix", "random", "sequence",
]);

pub(in crate::check) const SCHEMA_XML: Keys = Keys::all(&[
    "elements", "name", "namespace",
]);

pub(in crate::check) const SECURITY_SCHEME: Keys = Keys::of_kinds(&[
    "by", "colon", "credential", "description", "encoding", "errors", "evidence", "implements",
    "in", "keys", "name", "permissions", "scheme", "sign", "source", "steps", "type",
]);

pub(in crate::check) const SECURITY_SCHEME_ERRORS: Keys = Keys::all(&[
    "expired", "method", "missing", "permission", "unknown",
]);

pub(in crate::check) const SECURITY_SCHEME_KEYS: Keys = Keys::all(&[
    "collection", "expires", "field", "methods", "password", "permissions",
]);

pub(in crate::check) const SECURITY_SCHEME_SIGN: Keys = Keys::all(&[
    "collection", "headers", "query",
]);

pub(in crate::check) const SERVER: Keys = Keys::all(&[
    "description", "evidence", "implements", "source", "url", "variables",
]);

pub(in crate::check) const SERVER_VARIABLES: Keys = Keys::all(&[
    "default", "description", "enum",
]);

pub(in crate::check) const SHARED_PARAMETER: Keys = Keys::all(&[
    "$ref",
]);

pub(in crate::check) const SHARED_STEPS: Keys = Keys::all(&[
    "evidence", "except", "implements", "methods", "operations", "source", "steps", "tags",
]);

pub(in crate::check) const SOAP_SERVICE: Keys = Keys::all(&[
    "description", "elementFormDefault", "evidence", "failures", "implements", "namespace",
    "parameterStyle", "path", "routingStyle", "source", "strictNamespaces", "versions",
]);

pub(in crate::check) const SPEC: Keys = Keys::all(&[
    "after", "before", "collections", "compare", "components", "consumes", "contentCoding", "cors",
    "counterpart", "delay", "deviations", "errors", "evidence", "examples", "failures", "faults",
    "idempotency", "info", "mediaTypes", "messages", "operations", "produces", "rateLimit",
    "responseHeaders", "responses", "routing", "security", "servers", "settings", "soapServices",
    "statements", "vendor",
]);

pub(in crate::check) const STATEMENT: Keys = Keys::all(&[
    "decision", "id", "says", "source",
]);

pub(in crate::check) const STEP: Keys = Keys::of_kinds(&[
    "$ref", "add", "delete", "evidence", "field", "find", "forEach", "implements", "insert", "let",
    "list", "message", "note", "precondition", "reject", "remove", "replace", "respond", "schedule",
    "send", "source", "steps", "update", "validate", "value", "wait", "when",
]);

pub(in crate::check) const STEP_ADD: Keys = Keys::all(&[
    "to", "values",
]);

pub(in crate::check) const STEP_DELETE: Keys = Keys::all(&[
    "record",
]);

pub(in crate::check) const STEP_FIND: Keys = Keys::all(&[
    "as", "descending", "filter", "in", "orElse", "orderBy", "where",
]);

pub(in crate::check) const STEP_FOR_EACH: Keys = Keys::all(&[
    "as", "gather", "in",
]);

pub(in crate::check) const STEP_INSERT: Keys = Keys::all(&[
    "as", "in", "onConflict", "values",
]);

pub(in crate::check) const STEP_LIST: Keys = Keys::all(&[
    "as", "descending", "filter", "in", "limit", "offset", "orderBy", "page", "where",
]);

pub(in crate::check) const STEP_LIST_PAGE: Keys = Keys::all(&[
    "after", "as", "before", "cursor", "link", "number", "offset", "orElse", "parameter", "size",
]);

pub(in crate::check) const STEP_PRECONDITION: Keys = Keys::all(&[
    "etag", "headRanges", "ifMatch", "lastModified", "notModifiedHeaders", "orElse", "quotes",
    "ranges", "required", "weak",
]);

pub(in crate::check) const STEP_REMOVE: Keys = Keys::all(&[
    "from", "values",
]);

pub(in crate::check) const STEP_REPLACE: Keys = Keys::all(&[
    "list", "values",
]);

pub(in crate::check) const STEP_RESPOND: Keys = Keys::all(&[
    "body", "bytes", "cookies", "file", "headers", "mediaType", "status", "stream", "text",
]);

pub(in crate::check) const STEP_RESPOND_STREAM: Keys = Keys::all(&[
    "cutAfter", "every",
]);

pub(in crate::check) const STEP_SCHEDULE: Keys = Keys::all(&[
    "after", "operation", "parameters",
]);

pub(in crate::check) const STEP_SEND: Keys = Keys::all(&[
    "channel", "data", "links", "name", "request", "to",
]);

pub(in crate::check) const STEP_SEND_LINKS: Keys = Keys::all(&[
    "operation", "parameters",
]);

pub(in crate::check) const STEP_SEND_REQUEST: Keys = Keys::all(&[
    "headers", "method", "retry", "text",
]);

pub(in crate::check) const STEP_UPDATE: Keys = Keys::all(&[
    "empty", "merge", "mode", "onConflict", "record", "values",
]);

pub(in crate::check) const STEP_VALIDATE: Keys = Keys::all(&[
    "as", "path", "schema", "value", "violations",
]);

pub(in crate::check) const STEP_WAIT: Keys = Keys::all(&[
    "atMost", "until",
]);
