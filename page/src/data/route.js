// Which part of the page is shown stands behind the `#`.

import { useEffect, useState } from "preact/hooks";

const read = () => {
  const segments = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return [];
  }
};

/** The address of a part. */
export const to = (...segments) => `#/${segments.map(encodeURIComponent).join("/")}`;

/** Goes to a part; `replace` leaves no step to go back by. */
export function go(segments, { replace = false } = {}) {
  const address = to(...segments);
  if (address === location.hash) return;
  if (!replace) {
    location.hash = address;
    return;
  }
  history.replaceState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** The segments of the part that is shown. */
export function useRoute() {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const look = () => setRoute(read());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return route;
}
