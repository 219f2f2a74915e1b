// The vendors, and a choice among them.

import { call, path } from "../data/api.js";
import { ofSpecs, useFresh } from "../data/live.js";

/** The vendors in short, and the one that is meant: the named one, or the first. */
export function useVendor(name) {
  const { value: vendors, error } = useFresh(() => call("GET", "specs"), [], ofSpecs);
  const vendor = name ?? vendors?.[0]?.name;
  return { vendors: vendors ?? [], vendor, error };
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
        <option key={one.name}>{one.name}</option>
      ))}
    </select>
  );
}
