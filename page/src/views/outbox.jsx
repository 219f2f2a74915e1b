// What the vendors would have sent.

import { call, path } from "../data/api.js";
import { inline, isObject } from "../data/json.js";
import { useFresh } from "../data/live.js";
import { go, to } from "../data/route.js";
import { attempt, tell } from "../parts/told.jsx";
import { useVendor, VendorChoice } from "../parts/vendor.jsx";
import { Wide } from "../parts/wide.jsx";
import { counted, moment, Nothing, Status, Wrong } from "../parts/words.jsx";

const isHtml = (value) => typeof value === "string" && /<[a-z][^>]*>/i.test(value);

/** The HTML of a message, if its data have some. */
const htmlOf = (data) => {
  if (isHtml(data)) return data;
  if (!isObject(data)) return null;
  const named = ["html", "body", "content"].map((name) => data[name]).find(isHtml);
  return named ?? Object.values(data).find(isHtml) ?? null;
};

const subjectOf = ({ data, name }) =>
  (isObject(data) && typeof data.subject === "string" && data.subject) || name;

/**
 * The mail as a reader of mail shows it: in a frame where nothing of it runs, and nothing is
 * fetched for it. Its links lead out of the frame.
 */
function Rendered({ html }) {
  return (
    <iframe
      title="The mail"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      srcdoc={`<!doctype html><base target="_blank"><style>body{font:14px/1.5 system-ui,sans-serif;margin:16px;color:#1c1f22;background:#fff}</style>${html}`}
    />
  );
}

/** The headers and the body of a request. */
function Sent({ request, summary }) {
  return (
    <details>
      <summary>{summary}</summary>
      <dl class="headers">
        {Object.entries(request.headers).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <pre tabIndex={0}>{request.text}</pre>
    </details>
  );
}

/** How a message that is a request went out. */
function Delivery({ message, onAgain }) {
  const { delivery, request } = message;
  const { state, attempts, next } = delivery;
  return (
    <section aria-label="Delivery">
      <h3>
        Delivery <span class={`tag ${state === "failed" ? "failed" : state === "pending" ? "changed" : ""}`}>{state}</span>
      </h3>
      <p>
        <code>
          {request?.method ?? "?"} {message.recipient}
        </code>
        {next && <> – next attempt at {moment(next)}</>}
      </p>
      {attempts.length > 0 && (
        <Wide label="Attempts">
          <table>
            <thead>
              <tr>
                <th scope="col">Attempt at</th>
                <th scope="col">Status</th>
                <th scope="col">Result</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((one, at) => (
                <tr key={at}>
                  <td>{moment(one.at)}</td>
                  <td>{one.status === null ? "none" : <Status of={one.status} />}</td>
                  <td>{one.outcome}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <p>
        <button type="button" onClick={onAgain}>
          Deliver again
        </button>
      </p>
      {request && !attempts.some((one) => one.request) && <Sent request={request} summary="What was sent" />}
      {attempts.map(
        (one, at) => one.request && <Sent key={at} request={one.request} summary={`What attempt ${at + 1} sent`} />,
      )}
    </section>
  );
}

function Mail({ message, onAgain }) {
  const html = htmlOf(message.data);
  const members = isObject(message.data)
    ? Object.entries(message.data)
    : message.data === null
      ? []
      : [["data", message.data]];
  const links = Object.entries(message.links);
  return (
    <article class="mail" aria-label={`Message ${message.id}`}>
      <header>
        <h2>{subjectOf(message)}</h2>
        <dl class="facts">
          <div>
            <dt>To</dt>
            <dd>{message.recipient}</dd>
          </div>
          <div>
            <dt>Sent</dt>
            <dd>{moment(message.time)}</dd>
          </div>
          <div>
            <dt>By</dt>
            <dd>
              {message.channel}, {message.name}
            </dd>
          </div>
        </dl>
      </header>
      {links.length > 0 && (
        <ul class="links" aria-label="Links">
          {links.map(([name, url]) => (
            <li key={name}>
              <a class="button main" href={url} target="_blank" rel="noreferrer">
                {name}
              </a>{" "}
              <code>{url}</code>
            </li>
          ))}
        </ul>
      )}
      {message.delivery && <Delivery message={message} onAgain={onAgain} />}
      {html !== null && <Rendered html={html} />}
      {members.length > 0 && (
        <>
          <h3>Data</h3>
          <dl class="headers">
            {members.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{inline(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </article>
  );
}

const countMessages = async (vendor) => (await call("GET", path("outbox", vendor))).length;

export function Outbox({ vendor: named, id }) {
  const { vendors, vendor, error } = useVendor(named, countMessages);
  const outbox = useFresh(
    () => (vendor ? call("GET", path("outbox", vendor)) : Promise.resolve([])),
    [vendor],
  );
  const messages = outbox.value ? [...outbox.value].reverse() : [];
  const chosen = messages.find((one) => String(one.id) === id) ?? (id ? undefined : messages[0]);
  const clear = () =>
    attempt(async () => {
      await call("DELETE", path("outbox", vendor));
      go(["outbox", vendor]);
      outbox.reload();
    }, "The outbox is empty; links in what was there still work");
  const again = ({ id: number }) =>
    attempt(async () => {
      const { delivery } = await call("POST", path("outbox", vendor, number, "again"));
      await outbox.reload();
      const last = delivery.attempts.at(-1);
      tell(delivery.next ? "It is on its way" : `Sent again: ${last.outcome}`);
    });
  return (
    <>
      <div class="bar">
        <VendorChoice vendors={vendors} vendor={vendor} onChoose={(name) => go(["outbox", name])} />
        <span class="count" role="status">
          {outbox.value && counted(messages.length, "message")}
        </span>
        <button type="button" disabled={messages.length === 0} onClick={clear}>
          Empty the outbox
        </button>
      </div>
      {(error ?? outbox.error) && <Wrong error={error ?? outbox.error} />}
      {outbox.value && messages.length === 0 && (
        <Nothing>
          <p>{vendor} has sent nothing in this session.</p>
        </Nothing>
      )}
      {messages.length > 0 && (
        <div class={id ? "split mails with-side" : "split mails"}>
          <ul class="messages" aria-label="Messages, newest first">
            {messages.map((one) => (
              <li key={one.id}>
                <a
                  href={to("outbox", vendor, one.id)}
                  aria-current={one === chosen ? "true" : undefined}
                >
                  <span class="subject">{subjectOf(one)}</span>
                  <span class="quiet">{one.recipient}</span>
                  <span class="quiet">
                    {moment(one.time)}
                    {one.delivery && ` · ${one.delivery.state}`}
                  </span>
                </a>
              </li>
            ))}
          </ul>
          {chosen ? (
            <div class="reading">
              <a class="back" href={to("outbox", vendor)}>
                All messages
              </a>
              <Mail key={chosen.id} message={chosen} onAgain={() => again(chosen)} />
            </div>
          ) : (
            <Nothing>
              <p>There is no message {id} any more.</p>
            </Nothing>
          )}
        </div>
      )}
    </>
  );
}
