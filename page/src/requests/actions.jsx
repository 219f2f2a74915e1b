// What can be done with a request.

import { useState } from "preact/hooks";
import { call } from "../data/api.js";
import { knownKeys } from "../data/keys.js";
import { live } from "../data/live.js";
import { go, to } from "../data/route.js";
import { Confirm, TextDialog } from "../parts/dialog.jsx";
import { attempt, tell } from "../parts/told.jsx";
import { counted } from "../parts/words.jsx";
import { curl, isMasked } from "../write/curl.js";
import { asFile, asSteps, step } from "../write/step.js";

function Masked({ text }) {
  return isMasked(text) ? (
    <p class="quiet">
      The journal hides credentials: put yours in the place of <code>***</code>.
    </p>
  ) : null;
}

function StepDialog({ one, made, keys, onClose }) {
  const [whole, setWhole] = useState(false);
  const text = whole ? asFile(made, one, keys) : asSteps(made);
  return (
    <TextDialog
      title="Step of a scenario"
      text={text}
      file={whole ? `${one.operation ?? "request"}.yaml` : "step.yaml"}
      onClose={onClose}
    >
      <div class="choice">
        <button type="button" aria-pressed={!whole} onClick={() => setWhole(false)}>
          The step
        </button>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
          A whole file
        </button>
      </div>
      <Masked text={text} />
    </TextDialog>
  );
}

export function Actions({ one }) {
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const later = live.requests.filter((other) => other.id > one.id).length;

  const rewind = () =>
    attempt(async () => {
      await call("POST", "rewind", { before: one.id });
      go(["requests"]);
    }, `The session is as it was before request ${one.id}`);
  const again = () =>
    attempt(async () => {
      const sent = await call("POST", `requests/${one.id}/again`);
      tell(`Sent again: ${sent.status}`);
      if (sent.id !== null) go(["requests", sent.id]);
    });
  const openStep = () =>
    attempt(async () => {
      const service = await call("GET", `specs/${encodeURIComponent(one.vendor)}`);
      const keys = await knownKeys(service, one.operation);
      const inFile = Object.fromEntries(keys.map(({ scheme, key }) => [scheme.name, key]));
      setOpen({ name: "step", made: step(one, service), keys: inFile });
    });

  return (
    <div class="actions">
      <button type="button" onClick={again}>
        Send again
      </button>
      <a class="button" href={to("send", "request", one.id)}>
        Edit and send
      </a>
      <button type="button" onClick={() => setOpen({ name: "curl" })}>
        Copy as curl
      </button>
      {one.vendor && (
        <button type="button" onClick={openStep}>
          Save as scenario step
        </button>
      )}
      <button type="button" onClick={() => setOpen({ name: "rewind" })}>
        Go back to before this
      </button>
      {open?.name === "curl" && (
        <TextDialog title="curl" text={curl(one.request)} onClose={close}>
          <Masked text={curl(one.request)} />
        </TextDialog>
      )}
      {open?.name === "step" && <StepDialog one={one} made={open.made} keys={open.keys} onClose={close} />}
      {open?.name === "rewind" && (
        <Confirm
          title={`Go back to before request ${one.id}?`}
          action="Go back"
          onConfirm={rewind}
          onClose={close}
        >
          <p>
            State, clock, settings and outbox of the session will be as they were when it came. This
            request{later > 0 && ` and ${counted(later, "later one")}`} will never have happened.
          </p>
        </Confirm>
      )}
    </div>
  );
}
