// The page of the control plane.

import { options, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hasToken, onTokenNeeded, session, showToken } from "./data/api.js";
import { listen, useLive } from "./data/live.js";
import { useRoute } from "./data/route.js";
import { drawVisibly } from "./data/visible.js";
import { Told } from "./parts/told.jsx";
import { Requests } from "./requests/view.jsx";
import { ClockAndSettings } from "./views/clock.jsx";
import { Faults } from "./views/faults.jsx";
import { Outbox } from "./views/outbox.jsx";
import { Scheduled } from "./views/scheduled.jsx";
import { Send } from "./views/send.jsx";
import { Sessions } from "./views/sessions.jsx";
import { Spec } from "./views/spec.jsx";
import { State } from "./views/state.jsx";

const number = (text) => (/^\d+$/.test(text ?? "") ? Number(text) : null);

/** The parts of the page: what they are called, and what shows them. */
const VIEWS = {
  requests: { name: "Requests", show: ([id]) => <Requests chosen={number(id)} /> },
  state: {
    name: "State",
    show: ([vendor, collection]) => <State vendor={vendor} collection={collection} />,
  },
  outbox: { name: "Outbox", show: ([vendor, id]) => <Outbox vendor={vendor} id={id} /> },
  scheduled: { name: "Scheduled", show: ([vendor]) => <Scheduled vendor={vendor} /> },
  send: {
    name: "Send",
    show: ([vendor, operation]) => <Send vendor={vendor} operation={operation} />,
  },
  spec: {
    name: "Spec",
    show: ([vendor, operation]) => <Spec vendor={vendor} operation={operation} />,
  },
  clock: { name: "Clock, settings", show: () => <ClockAndSettings /> },
  faults: { name: "Faults", show: () => <Faults /> },
  sessions: { name: "Sessions", show: () => <Sessions /> },
};

const CONNECTIONS = {
  connecting: "connecting …",
  live: "live",
  lost: "connection lost, trying again",
  paused: "paused",
};

function Mistakes({ mistakes }) {
  return (
    <div class="wrong" role="alert">
      <p>The changed specs are not served, since they have mistakes; the old ones go on.</p>
      <ul>
        {mistakes.map((one, at) => (
          <li key={at}>
            <code>{one.at}</code> {one.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Head() {
  const { connection } = useLive();
  return (
    <header class="head">
      <a class="name" href="#/requests">
        counterpart
      </a>
      <span class="session">{session === "" ? "default session" : `@${session}`}</span>
      <span class={`connection ${connection}`} role="status">
        {CONNECTIONS[connection]}
      </span>
    </header>
  );
}

function TokenForm() {
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    showToken(token.trim());
  };
  return (
    <main class="token">
      <form onSubmit={submit}>
        <h1>counterpart</h1>
        {hasToken() && (
          <p class="wrong" role="alert">
            That is not the token of this mock.
          </p>
        )}
        <label>
          The token that <code>serve --token</code> was given
          <input
            type="password"
            autocomplete="current-password"
            required
            value={token}
            onInput={(event) => setToken(event.target.value)}
          />
        </label>
        <button type="submit" class="main">
          Go on
        </button>
        <p class="quiet">It is kept until this tab is closed.</p>
      </form>
    </main>
  );
}

function App() {
  const [part = "requests", ...rest] = useRoute();
  const { mistakes } = useLive();
  const [isLocked, setLocked] = useState(false);
  useEffect(() => {
    onTokenNeeded(() => setLocked(true));
    listen();
  }, []);
  const view = VIEWS[part] ?? VIEWS.requests;
  useEffect(() => {
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.title = `${view.name} – counterpart${session && ` @${session}`}`;
  }, [view]);
  if (isLocked) return <TokenForm />;
  return (
    <>
      <Head />
      <nav aria-label="Parts of the page">
        {Object.entries(VIEWS).map(([name, { name: title }]) => (
          <a key={name} href={`#/${name}`} aria-current={VIEWS[name] === view ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <main>
        <h1 class="hidden">{view.name}</h1>
        {mistakes && <Mistakes mistakes={mistakes} />}
        {view.show(rest)}
      </main>
      <Told />
    </>
  );
}

drawVisibly(options);
render(<App />, document.getElementById("page"));
