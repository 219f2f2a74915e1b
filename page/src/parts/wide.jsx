// What may be wider than the page, and is then moved by itself, also by keys.

/** Around a table, mostly; the label says what it is. */
export const Wide = ({ label, children }) => (
  <div class="scroll" tabIndex={0} role="group" aria-label={label}>
    {children}
  </div>
);
