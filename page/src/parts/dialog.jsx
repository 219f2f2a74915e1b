// Something that has to be answered before all else, and texts to take away.

import { useEffect, useId, useRef } from "preact/hooks";
import { attempt, tell } from "./told.jsx";

/** A dialog; Escape and the button with the cross close it. */
export function Dialog({ title, onClose, children }) {
  const element = useRef(null);
  const name = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={name} onClose={onClose}>
      <header>
        <h2 id={name}>{title}</h2>
        <button type="button" class="plain" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ title, action, onConfirm, onClose, children }) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="main"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </button>
      </footer>
    </Dialog>
  );
}

/** Copies a text; where the browser does not let it, the field is selected instead. */
export async function copy(text, field) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    tell("Copied");
  } else if (field) {
    field.select();
  } else {
    throw new Error("This browser copies nothing for a page that came over plain HTTP.");
  }
}

/** A text to copy, or to keep as a file. */
export function TextDialog({ title, text, file, onClose, children }) {
  const field = useRef(null);
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = file;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <textarea
        ref={field}
        class="code"
        readOnly
        rows={Math.min(20, text.split("\n").length + 1)}
        aria-label={title}
        value={text}
      />
      <footer>
        {file && (
          <button type="button" onClick={save}>
            Save as {file}
          </button>
        )}
        <button
          type="button"
          class="main"
          onClick={() => attempt(() => copy(text, field.current))}
        >
          Copy
        </button>
      </footer>
    </Dialog>
  );
}
