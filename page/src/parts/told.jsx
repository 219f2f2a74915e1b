// What the page tells about what somebody did: a line that goes by itself.

import { useEffect, useRef, useState } from "preact/hooks";

let show = () => {};

/** Tells that something was done. */
export const tell = (text) => show({ text, failed: false });

/** Does something, and tells what went wrong if it did; gives whether it was done. */
export async function attempt(act, done) {
  try {
    await act();
    if (done) tell(done);
    return true;
  } catch (error) {
    show({ text: error.message, failed: true });
    return false;
  }
}

/** Where it is told. */
export function Told() {
  const [told, setTold] = useState(null);
  useEffect(() => {
    show = setTold;
  }, []);
  const element = useRef(null);
  useEffect(() => {
    // What is shown last is above all, dialogs too.
    if (element.current.matches(":popover-open")) element.current.hidePopover();
    if (told) element.current.showPopover();
  }, [told]);
  useEffect(() => {
    if (!told || told.failed) return undefined;
    const timer = setTimeout(() => setTold(null), 4000);
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <div ref={element} class="told" popover="manual" role="status" aria-live="polite">
      {told && (
        <p class={told.failed ? "failed" : ""}>
          {told.text}
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => setTold(null)}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}
