// A value that fits a schema, to begin a body with.

const FORMATS = {
  email: "ann@example.org",
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  time: "12:00:00Z",
  uuid: "6f1f7a1c-8f0e-4a51-9d5c-5b3b3f0f4a11",
  uri: "https://example.org/",
  url: "https://example.org/",
  hostname: "example.org",
  ipv4: "192.0.2.1",
};

const typeOf = (schema) => {
  const type = [schema.type ?? []].flat().find((one) => one !== "null");
  return type ?? (schema.properties ? "object" : schema.items ? "array" : "string");
};

/** What has to be there; where nothing has to, the first few. */
function chosen(schema) {
  const names = Object.keys(schema.properties ?? {});
  const alternative = [schema.anyOf, schema.oneOf].flatMap((one) => one?.[0]?.required ?? []);
  const required = new Set([...(schema.required ?? []), ...alternative]);
  const writable = names.filter((name) => !schema.properties[name].readOnly);
  const needed = writable.filter((name) => required.has(name));
  return needed.length > 0 ? needed : writable.slice(0, 3);
}

/** A value that fits a schema, as far as can be told. */
export function sample(schema = {}, depth = 0) {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.enum?.length > 0) return schema.enum[0];
  const other = schema.allOf?.[0] ?? schema.oneOf?.[0] ?? schema.anyOf?.[0];
  if (schema.type === undefined && !schema.properties && other && depth < 8) return sample(other, depth + 1);
  switch (typeOf(schema)) {
    case "object": {
      if (depth > 6) return {};
      const names = chosen(schema);
      return Object.fromEntries(names.map((name) => [name, sample(schema.properties[name], depth + 1)]));
    }
    case "array":
      return schema.items && depth < 6 ? [sample(schema.items, depth + 1)] : [];
    case "integer":
    case "number":
      return schema.minimum ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + 1 : 1);
    case "boolean":
      return true;
    default:
      return FORMATS[schema.format] ?? "text".padEnd(schema.minLength ?? 0, ".").slice(0, schema.maxLength ?? 99);
  }
}

const escaped = (text) =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A value as the content of an XML element. */
function xml(value, indent) {
  if (typeof value !== "object" || value === null) return escaped(value ?? "");
  const lines = Object.entries(value).flatMap(([name, member]) =>
    [member].flat().map((one) => {
      const inner = xml(one, `${indent}  `);
      return `${indent}  <${name}>${inner}</${name}>`;
    }),
  );
  return `\n${lines.join("\n")}\n${indent}`;
}

/** A body of that media type which fits the schema, to begin with. */
export function sampleBody(schema, mediaType) {
  const value = sample(schema);
  if (/\bjson\b/.test(mediaType)) return JSON.stringify(value, null, 2);
  if (mediaType === "application/x-www-form-urlencoded") {
    const isFlat = typeof value === "object" && value !== null;
    return isFlat ? new URLSearchParams(Object.entries(value)).toString() : "";
  }
  if (/\bxml\b/.test(mediaType)) {
    const name = schema?.xml?.name ?? "root";
    const namespace = schema?.xml?.namespace ? ` xmlns="${schema.xml.namespace}"` : "";
    return `<${name}${namespace}>${xml(value, "")}</${name}>`;
  }
  return "";
}
