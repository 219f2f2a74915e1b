// The keys that the session knows.

import { call, path } from "./api.js";
import { inline } from "./json.js";

/**
 * The first key of each scheme that an operation asks for, with its password if it has one: what
 * the state has in the collections of the schemes.
 */
export async function knownKeys(service, operationId) {
  const operation = service.operations.find((one) => one.operationId === operationId);
  const wanted = operation?.security[0] ?? [];
  const known = [];
  for (const scheme of service.securitySchemes.filter((one) => wanted.includes(one.name))) {
    const [row] = await call("GET", path("state", service.name, scheme.collection));
    if (row) known.push({ scheme, key: inline(row[scheme.field]), password: inline(row[scheme.passwordField]) });
  }
  return known;
}
