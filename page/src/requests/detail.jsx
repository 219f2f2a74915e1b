// One request: why it was answered so, what it changed, and both messages.

import { useEffect, useState } from "preact/hooks";
import { call } from "../data/api.js";
import { duration, moment, Nothing, Status, Wrong } from "../parts/words.jsx";
import { Actions } from "./actions.jsx";
import { Changes } from "./changes.jsx";
import { Explanation } from "./explanation.jsx";
import { Message } from "./message.jsx";

function useRequest(id) {
  const [state, setState] = useState({ one: null, error: null });
  useEffect(() => {
    let ended = false;
    call("GET", `requests/${id}`).then(
      (one) => ended || setState({ one, error: null }),
      (error) => ended || setState({ one: null, error }),
    );
    return () => {
      ended = true;
    };
  }, [id]);
  return state;
}

export function Detail({ id, heading, onClose }) {
  const { one, error } = useRequest(id);
  const onKeyDown = (event) => {
    if (event.key === "Escape" && !event.target.closest("dialog")) onClose();
  };
  return (
    <section class="detail" aria-label={`Request ${id}`} onKeyDown={onKeyDown}>
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {one ? (
            <>
              <Status of={one.response.status} reason={one.reason} />
              <code class="target" tabIndex={0}>
                {one.request.method} {one.request.path}
              </code>
            </>
          ) : (
            `Request ${id}`
          )}
        </h2>
        <button type="button" class="plain" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {error && <Wrong error={error} />}
      {!one && !error && <Nothing>Reading …</Nothing>}
      {one && <Actions one={one} />}
      {one && (
        <div class="body" tabIndex={0} role="group" aria-label="All of the request">
          <p class="facts">
            <span>#{one.id}</span>
            {one.operation ? (
              <a href={`#/spec/${one.vendor}/${one.operation}`}>
                {one.vendor}/{one.operation}
              </a>
            ) : (
              <span>{one.vendor ?? "no vendor"}</span>
            )}
            <span>{duration(one.durationMicroseconds)}</span>
            <span title="By the clock of the session">{moment(one.time)}</span>
            {one.fault && <span class="tag failed">fault: {one.fault}</span>}
            {one.forwarded && <span class="tag">answered by {one.forwarded}</span>}
          </p>
          {one.response.status >= 400 && <Explanation one={one} />}
          <Changes changes={one.changes} vendor={one.vendor} transitions={one.transitions} />
          {one.response.status < 400 && <Explanation one={one} />}
          <Message title="Request" message={one.request} first={`${one.request.method} ${one.request.url}`} />
          <Message title="Response" message={one.response} />
        </div>
      )}
    </section>
  );
}
