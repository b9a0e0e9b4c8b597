import { nearestPlace } from "./thin.js";

/** The shortest stretch that can be looked at, in days of the clock. */
const FEWEST_DAYS = 5;

/** What all time charts show: a stretch of the clock, and the day the cursor is on (-1 for none). */
export function openView(clock) {
  const whole = { from: clock[0], to: clock.at(-1) };
  const listeners = [];
  const view = {
    clock,
    ...whole,
    cursor: -1,
    /** Calls back when the stretch or the cursor changed, and which of them. */
    onChange: (listener) => listeners.push(listener),
    isWhole: () => view.from === whole.from && view.to === whole.to,
    reset: () => view.show(whole.from, whole.to),
    show(from, to) {
      const span = fewest(clock);
      const [low, high] = to - from < span ? around((from + to) / 2, span) : [from, to];
      view.from = Math.max(whole.from, low);
      view.to = Math.min(whole.to, high);
      if (!(view.to > view.from)) Object.assign(view, whole);
      tell("stretch");
    },
    /** Zooms by a factor and leaves one time where it is. */
    zoom(factor, time) {
      const at = time ?? (view.cursor < 0 ? (view.from + view.to) / 2 : clock[view.cursor]);
      view.show(at - (at - view.from) * factor, at + (view.to - at) * factor);
    },
    point(day) {
      const at = Math.min(clock.length - 1, day);
      if (at === view.cursor) return;
      view.cursor = at;
      const time = clock[at];
      if (at >= 0 && (time < view.from || time > view.to)) {
        const span = view.to - view.from;
        const from = Math.min(Math.max(whole.from, time - span / 2), whole.to - span);
        view.from = from;
        view.to = from + span;
        tell("stretch");
      } else tell("cursor");
    },
    pointAt: (time) => view.point(nearestPlace(clock, time)),
  };
  const tell = (what) => listeners.forEach((listener) => listener(what));
  return view;
}

function fewest(clock) {
  const step = (clock.at(-1) - clock[0]) / Math.max(1, clock.length - 1);
  return Math.min(clock.at(-1) - clock[0], FEWEST_DAYS * step);
}

function around(middle, span) {
  return [middle - span / 2, middle + span / 2];
}
