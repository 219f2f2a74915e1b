// A long list of which only what can be seen is drawn.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** So many rows are drawn above and below what is seen. */
const BEYOND = 12;

/**
 * A list of options of which one is chosen by click, or by the keys of a list box.
 *
 * Each row is `height` pixels high. What comes at the top does not move what somebody reads.
 */
export function Rows({ items, height, chosen, idOf, onChoose, onEnter, label, children }) {
  const element = useRef(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const first = useRef(null);
  const drawn = useRef(height);

  useLayoutEffect(() => {
    const look = () =>
      setView({ top: element.current.scrollTop, height: element.current.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element.current);
    look();
    return () => observer.disconnect();
  }, []);

  // Keeps the row that was at the top where it was, unless the list stands at its beginning.
  useLayoutEffect(() => {
    const list = element.current;
    if (list.scrollTop > 0 && first.current !== null) {
      const at = items.findIndex((item) => idOf(item) === first.current.id);
      if (at >= 0 && height !== drawn.current) list.scrollTop = at * height;
      else if (at >= 0 && at !== first.current.at) list.scrollTop += (at - first.current.at) * height;
    }
    drawn.current = height;
    const at = Math.floor(list.scrollTop / height);
    first.current = items[at] ? { at, id: idOf(items[at]) } : null;
  }, [items, height]);

  const position = items.findIndex((item) => idOf(item) === chosen);
  useEffect(() => {
    if (position < 0) return;
    const list = element.current;
    const top = position * height;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight)
      list.scrollTop = top + height - list.clientHeight;
  }, [chosen]);

  const onKeyDown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(view.height / height) - 1);
    const last = items.length - 1;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -last, End: last };
    if (event.key === "Enter" && position >= 0) {
      event.preventDefault();
      onEnter?.();
    } else if (event.key in steps && items.length > 0) {
      event.preventDefault();
      const next = position < 0 ? 0 : position + steps[event.key];
      onChoose(items[Math.max(0, Math.min(last, next))]);
    }
  };
  const scrolled = () => {
    const { scrollTop, clientHeight } = element.current;
    const at = Math.floor(scrollTop / height);
    first.current = items[at] ? { at, id: idOf(items[at]) } : null;
    setView({ top: scrollTop, height: clientHeight });
  };

  const from = Math.max(0, Math.floor(view.top / height) - BEYOND);
  const until = Math.min(items.length, Math.ceil((view.top + view.height) / height) + BEYOND);
  const isDrawn = position >= from && position < until;
  return (
    <div
      ref={element}
      class="rows"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={isDrawn ? `row-${chosen}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={scrolled}
    >
      <div class="all" role="presentation" style={{ height: `${items.length * height}px` }}>
        {items.slice(from, until).map((item, at) => {
          const id = idOf(item);
          return (
            <div
              key={id}
              id={`row-${id}`}
              class="row"
              role="option"
              aria-selected={id === chosen}
              aria-setsize={items.length}
              aria-posinset={from + at + 1}
              style={{ top: `${(from + at) * height}px`, height: `${height}px` }}
              onClick={() => onChoose(item)}
            >
              {children(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
