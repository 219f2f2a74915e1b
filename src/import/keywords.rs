//! Keywords of JSON Schema that specs have too.

/// Those that are written as they are.
pub(super) const SAME: [&str; 17] = [
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
];

/// Those that apply schemas, and what says how members are written or that they have to be there:
/// the rest of a schema stands without them.
pub(super) const APPLIED: [&str; 20] = [
    "anyOf",
    "oneOf",
    "allOf",
    "discriminator",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "xml",
    "required",
];
