// How small things are written, everywhere the same.

/** The class of a status; some vendors refuse with one below 400, and then there is a reason. */
export const outcome = (status, reason) =>
  status >= 500
    ? "failed"
    : status >= 400 || reason
      ? "refused"
      : status >= 300
        ? "moved"
        : "done";

/** A status in its colour. */
export const Status = ({ of, reason }) => <span class={`status ${outcome(of, reason)}`}>{of}</span>;

/** A duration. */
export const duration = (microseconds) =>
  microseconds < 1000
    ? `${microseconds} µs`
    : microseconds < 1e6
      ? `${(microseconds / 1000).toFixed(1)} ms`
      : `${(microseconds / 1e6).toFixed(2)} s`;

const two = (number) => String(number).padStart(2, "0");

/** The time of day, of this machine. */
export const timeOfDay = (time) => {
  const date = new Date(time);
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
};

/** A time as people read it. */
export const moment = (time) => time.slice(0, 19).replace("T", " ");

/** A number of things. */
export const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** What went wrong, in place of what it should have been. */
export const Wrong = ({ error }) => (
  <div class="wrong" role="alert">
    <p>{error.message}</p>
    {error.violations?.length > 0 && (
      <ul>
        {error.violations.map((one) => (
          <li key={one.path + one.message}>
            {one.path && <code>{one.path}</code>} {one.message}
          </li>
        ))}
      </ul>
    )}
  </div>
);

/** What stands where there is nothing. */
export const Nothing = ({ children }) => <div class="nothing">{children}</div>;

/** A link to where a rule is backed, if that is an address. */
export const Source = ({ of }) =>
  /^https?:\/\//.test(of) ? (
    <a href={of} target="_blank" rel="noreferrer">
      {of.replace(/^https?:\/\//, "")}
    </a>
  ) : (
    <span>{of}</span>
  );
