// Values in forms: a field for each, as its schema wants it.

import { inline, parse } from "../data/json.js";
import { visible } from "../data/visible.js";

const typesOf = (schema) => [schema?.type ?? []].flat();

/** What stands in the field of a value. */
export const written = (value, schema) => {
  if (value === undefined) return "";
  if (typeof value === "string" && isText(schema)) return value;
  return JSON.stringify(value);
};

const isText = (schema) => {
  const types = typesOf(schema).filter((type) => type !== "null");
  return types.length === 1 && types[0] === "string";
};

/**
 * The value that somebody wrote; nothing where nothing stands there. A text needs no quotes where
 * only texts fit; what is no JSON is a text.
 */
export function read(text, schema, before) {
  if (text === "" && before !== "") return undefined;
  const types = typesOf(schema);
  if (types.includes("null") && text === "null") return null;
  if (isText(schema)) return text;
  if (text === "") return undefined;
  try {
    return parse(text);
  } catch {
    return text;
  }
}

const hint = (schema) => {
  const words = [typesOf(schema).join(" or ")];
  if (schema?.format) words.push(schema.format);
  if (schema?.generate) words.push("generated if empty");
  else if (schema?.default !== undefined) words.push(`default ${inline(schema.default)}`);
  return words.filter(Boolean).join(", ");
};

/** A field with its name and what fits in it. */
export function Field({ name, schema, text, onText, required, note }) {
  const choices = schema?.enum ?? (typesOf(schema).includes("boolean") ? [true, false] : null);
  const options = choices?.map((choice) => written(choice, schema));
  const isLong = ["object", "array"].some((type) => typesOf(schema).includes(type));
  return (
    <label class="field">
      <span class="label">{name}</span>
      {required && <span class="required"> required</span>}
      <span class="hint"> {note ?? hint(schema)}</span>
      {options && options.length <= 60 && (text === "" || text === "null" || options.includes(text)) ? (
        <select value={text} onChange={(event) => onText(event.target.value)}>
          <option value=""></option>
          {typesOf(schema).includes("null") && <option value="null">null</option>}
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
              {schema.meanings?.[option] && ` – ${schema.meanings[option]}`}
            </option>
          ))}
        </select>
      ) : isLong ? (
        <textarea
          class="code"
          rows={Math.min(8, 1 + text.split("\n").length)}
          value={text}
          onInput={(event) => onText(event.target.value)}
        />
      ) : (
        <input type="text" value={text} onInput={(event) => onText(event.target.value)} />
      )}
      {visible(text) !== text && <span class="hint seen">{text}</span>}
    </label>
  );
}
