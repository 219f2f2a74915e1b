// What the vendors remember: the rows of each collection, to look at and to change.

import { useMemo, useState } from "preact/hooks";
import { call, path } from "../data/api.js";
import { inline } from "../data/json.js";
import { useFresh } from "../data/live.js";
import { go, to } from "../data/route.js";
import { Confirm } from "../parts/dialog.jsx";
import { Field, read, written } from "../parts/fields.jsx";
import { attempt } from "../parts/told.jsx";
import { useSpec, useVendor, VendorChoice } from "../parts/vendor.jsx";
import { counted, Nothing, Wrong } from "../parts/words.jsx";

/** So many rows are drawn at once. */
const PAGE = 200;

/** The names of all fields: those of the spec, then those that rows have besides. */
function fieldsOf(collection, rows) {
  const names = collection.fields.map((field) => field.name);
  return [...new Set([...names, ...rows.flatMap((row) => Object.keys(row))])];
}

const schemaOf = (collection, name) => collection.fields.find((field) => field.name === name)?.schema;

/** A row to be changed, or a new one. */
function RowForm({ vendor, collection, row, names, onDone, onClose }) {
  const begin = () =>
    Object.fromEntries(names.map((name) => [name, written(row?.[name], schemaOf(collection, name))]));
  const [texts, setTexts] = useState(begin);
  const [error, setError] = useState(null);
  const [asked, setAsked] = useState(false);
  const key = row && inline(row[collection.key]);
  const place = path("state", vendor, collection.name);

  const keep = async (event) => {
    event.preventDefault();
    const members = names.map((name) => [
      name,
      read(texts[name], schemaOf(collection, name), row?.[name]),
    ]);
    const next = Object.fromEntries(members.filter(([, value]) => value !== undefined));
    try {
      if (row) await call("PUT", `${place}/${encodeURIComponent(key)}`, next);
      else await call("POST", place, next);
      onDone(row ? `Changed ${collection.name} ${key}` : `Added to ${collection.name}`);
    } catch (refused) {
      setError(refused);
    }
  };
  const remove = async () => {
    const done = await attempt(() => call("DELETE", `${place}/${encodeURIComponent(key)}`));
    if (done) onDone(`Removed ${collection.name} ${key}`);
  };

  return (
    <form class="side" onSubmit={keep} aria-label={row ? `Row ${key}` : "New row"}>
      <header>
        <h2>{row ? <code>{key}</code> : `New in ${collection.name}`}</h2>
        <button type="button" class="plain" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      <div class="body">
        {error && <Wrong error={error} />}
        {names.map((name) => (
          <Field
            key={name}
            name={name}
            schema={schemaOf(collection, name)}
            text={texts[name]}
            onText={(text) => setTexts({ ...texts, [name]: text })}
          />
        ))}
      </div>
      <footer>
        {row && (
          <button type="button" class="danger" onClick={() => setAsked(true)}>
            Remove
          </button>
        )}
        <button type="submit" class="main">
          {row ? "Save" : "Add"}
        </button>
      </footer>
      {asked && (
        <Confirm
          title={`Remove ${collection.name} ${key}?`}
          action="Remove"
          onConfirm={remove}
          onClose={() => setAsked(false)}
        >
          <p>The row will be gone, as if the vendor had deleted it.</p>
        </Confirm>
      )}
    </form>
  );
}

function Table({ collection, rows, names, chosen, onChoose }) {
  return (
    <div class="scroll table" tabIndex={0} role="region" aria-label={`Rows of ${collection.name}`}>
      <table>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
                {name === collection.key && name !== "key" && <span class="quiet"> (key)</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = inline(row[collection.key]);
            return (
              <tr key={key} class={key === chosen ? "chosen" : ""} onClick={() => onChoose(key)}>
                {names.map((name) => (
                  <td key={name}>
                    {name === collection.key ? (
                      <button type="button" class="key" onClick={() => onChoose(key)}>
                        {key}
                      </button>
                    ) : (
                      <span class={row[name] === null ? "quiet" : ""}>{inline(row[name])}</span>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Rows({ vendor, collection, rows, onDone }) {
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(PAGE);
  const [chosen, setChosen] = useState(null);
  const [asked, setAsked] = useState(false);
  const [wide, setWide] = useState(false);
  const names = useMemo(() => fieldsOf(collection, rows), [collection, rows]);
  const filled = useMemo(
    () => names.filter((name) => name === collection.key || rows.some((row) => (row[name] ?? null) !== null)),
    [names, rows],
  );
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return rows;
    return rows.filter((row) => {
      const text = JSON.stringify(row).toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [rows, search]);
  const row = chosen?.key === undefined ? null : rows.find((row) => inline(row[collection.key]) === chosen.key);
  const done = (text) => {
    setChosen(null);
    onDone(text);
  };
  const clear = () =>
    attempt(async () => {
      await call("DELETE", path("state", vendor, collection.name));
      done();
    }, `${collection.name} is empty`);

  return (
    <div class={chosen ? "split with-side" : "split"}>
      <div class="left">
        <div class="bar">
          <input
            type="search"
            class="search"
            placeholder={`Search ${collection.name}`}
            aria-label={`Search ${collection.name}`}
            value={search}
            onInput={(event) => setSearch(event.target.value)}
          />
          <span class="count" role="status">
            {search === "" ? counted(rows.length, "row") : `${found.length} of ${counted(rows.length, "row")}`}
          </span>
          {filled.length < names.length && rows.length > 0 && (
            <button type="button" aria-pressed={wide} onClick={() => setWide(!wide)}>
              Empty columns
            </button>
          )}
          <button type="button" onClick={() => setChosen({})}>
            Add a row
          </button>
          <button type="button" disabled={rows.length === 0} onClick={() => setAsked(true)}>
            Remove all
          </button>
        </div>
        {found.length > 0 ? (
          <Table
            collection={collection}
            rows={found.slice(0, most)}
            names={wide ? names : filled}
            chosen={chosen?.key}
            onChoose={(key) => setChosen({ key })}
          />
        ) : (
          <Nothing>
            <p>{rows.length > 0 ? "No row fits that search." : `${collection.name} has no rows.`}</p>
          </Nothing>
        )}
        {found.length > most && (
          <button type="button" class="more" onClick={() => setMost(most + 5 * PAGE)}>
            More of {counted(found.length, "row")}
          </button>
        )}
      </div>
      {chosen && (row || chosen.key === undefined) && (
        <RowForm
          key={chosen.key}
          vendor={vendor}
          collection={collection}
          row={row}
          names={names}
          onDone={done}
          onClose={() => setChosen(null)}
        />
      )}
      {asked && (
        <Confirm
          title={`Remove all rows of ${collection.name}?`}
          action="Remove all"
          onConfirm={clear}
          onClose={() => setAsked(false)}
        >
          <p>{counted(rows.length, "row")} will be gone.</p>
        </Confirm>
      )}
    </div>
  );
}

export function State({ vendor: named, collection: wanted }) {
  const { vendors, vendor, error } = useVendor(named);
  const spec = useSpec(vendor);
  const collections = spec.value?.collections;
  const collection = collections?.find((one) => one.name === wanted) ?? collections?.[0];
  const rows = useFresh(
    () => (collection ? call("GET", path("state", vendor, collection.name)) : Promise.resolve([])),
    [vendor, collection?.name],
  );
  const failed = error ?? spec.error ?? rows.error;
  return (
    <>
      <div class="bar">
        <VendorChoice vendors={vendors} vendor={vendor} onChoose={(name) => go(["state", name])} />
        <ul class="tabs" aria-label="Collections">
          {collections?.map((one) => (
            <li key={one.name}>
              <a
                href={to("state", vendor, one.name)}
                aria-current={one.name === collection.name ? "true" : undefined}
              >
                {one.name}
              </a>
            </li>
          ))}
        </ul>
      </div>
      {failed && <Wrong error={failed} />}
      {collections?.length === 0 && (
        <Nothing>
          <p>{vendor} remembers nothing.</p>
        </Nothing>
      )}
      {collection && rows.value && (
        <Rows
          key={`${vendor}/${collection.name}`}
          vendor={vendor}
          collection={collection}
          rows={rows.value}
          onDone={(text) => {
            rows.reload();
            if (text) attempt(() => {}, text);
          }}
        />
      )}
    </>
  );
}
