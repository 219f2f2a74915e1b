// The vendors, and a choice among them.

import { call, path } from "../data/api.js";
import { ofSpecs, useFresh } from "../data/live.js";

/** So many vendors are counted at most: each is a call. */
const MOST_COUNTED = 20;

const nothing = () => 0;

/**
 * The vendors in short, and the one that is meant: the named one, or the first of which `count`
 * finds something, or the first.
 */
export function useVendor(name, count = nothing) {
  const { value: vendors, error } = useFresh(() => call("GET", "specs"), [], ofSpecs);
  const isCounted = count !== nothing && vendors?.length > 1 && vendors.length <= MOST_COUNTED;
  const countAll = () =>
    isCounted ? Promise.all(vendors.map((one) => count(one.name))) : Promise.resolve([]);
  const { value: counts } = useFresh(countAll, [isCounted, vendors?.length], isCounted ? undefined : ofSpecs);
  const all = vendors?.map((one, at) => ({ ...one, count: counts?.[at] })) ?? [];
  const first = isCounted && !counts ? undefined : (all.find((one) => one.count > 0) ?? all[0])?.name;
  return { vendors: all, vendor: name ?? first, error };
}

/** The spec of a vendor. */
export function useSpec(vendor) {
  const load = () => (vendor ? call("GET", path("specs", vendor)) : Promise.resolve());
  return useFresh(load, [vendor], ofSpecs);
}

/** Chooses among the vendors, where there are several. */
export function VendorChoice({ vendors, vendor, onChoose }) {
  if (vendors.length < 2) return null;
  return (
    <select aria-label="Vendor" value={vendor} onChange={(event) => onChoose(event.target.value)}>
      {vendors.map((one) => (
        <option key={one.name} value={one.name}>
          {one.count > 0 ? `${one.name} (${one.count})` : one.name}
        </option>
      ))}
    </select>
  );
}
