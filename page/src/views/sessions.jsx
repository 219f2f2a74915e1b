// The sessions of the mock: which there are, and the way to their pages.

import { useState } from "preact/hooks";
import { call, prefixOf, session } from "../data/api.js";
import { ofSessions, useFresh } from "../data/live.js";
import { Confirm } from "../parts/dialog.jsx";
import { attempt } from "../parts/told.jsx";
import { Wide } from "../parts/wide.jsx";
import { counted, Nothing, Wrong } from "../parts/words.jsx";

const pageOf = (name) => `${prefixOf(name)}/_counterpart/`;

const ago = (seconds) =>
  seconds < 60 ? counted(seconds, "second") : counted(Math.floor(seconds / 60), "minute");

export function Sessions() {
  const { value: sessions, error, reload } = useFresh(() => call("GET", "sessions"), [], ofSessions);
  const [name, setName] = useState("");
  const [asked, setAsked] = useState(null);
  const drop = () =>
    attempt(async () => {
      await call("POST", "sessions/drop", { names: [asked] });
      await reload();
    }, `Dropped @${asked}`);
  const open = (event) => {
    event.preventDefault();
    location.href = pageOf(name.replace(/^@/, ""));
  };
  return (
    <div class="cards">
      {error && <Wrong error={error} />}
      <section class="card" aria-labelledby="open">
        <h2 id="open">Another session</h2>
        <p>
          A state, journal, outbox and clock of its own, for whoever puts <code>/@NAME</code> before
          the path. It is made when it is first used.
        </p>
        <form class="line" onSubmit={open}>
          <label>
            <span class="label">Name</span>{" "}
            <input
              type="text"
              required
              pattern="@?[\w.~\-]{1,64}"
              title="1 to 64 letters, digits and -_.~"
              value={name}
              onInput={(event) => setName(event.target.value)}
            />
          </label>
          <button type="submit">Open its page</button>
        </form>
        {session !== "" && (
          <p>
            <a href={pageOf("")}>The page of the default session</a>
          </p>
        )}
      </section>
      <section class="card wide" aria-labelledby="sessions">
        <h2 id="sessions">Named sessions</h2>
        {sessions?.length === 0 && <Nothing>There are none.</Nothing>}
        {sessions?.length > 0 && (
          <Wide label="Named sessions">
            <table>
              <thead>
                <tr>
                  <th scope="col">Session</th>
                  <th scope="col">Not used for</th>
                  <th scope="col">
                    <span class="hidden">Drop</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {sessions.map((one) => (
                  <tr key={one.name} class={one.name === session ? "chosen" : ""}>
                    <td>
                      <a href={pageOf(one.name)} aria-current={one.name === session ? "true" : undefined}>
                        @{one.name}
                      </a>
                    </td>
                    <td>{ago(one.unusedSeconds)}</td>
                    <td>
                      <button type="button" aria-label={`Drop @${one.name}`} onClick={() => setAsked(one.name)}>
                        Drop
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        )}
      </section>
      {asked !== null && (
        <Confirm title={`Drop @${asked}?`} action="Drop" onConfirm={drop} onClose={() => setAsked(null)}>
          <p>Whoever asks it later begins with the fixtures.</p>
        </Confirm>
      )}
    </div>
  );
}
