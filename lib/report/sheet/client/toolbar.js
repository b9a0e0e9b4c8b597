import { DAY, dayText, monthStart } from "./dates.js";
import { el } from "./dom.js";

const SPANS = [["1M", 1], ["6M", 6], ["1Y", 12], ["3Y", 36]];

/** What is in view, ready-made stretches, and light or dark. */
export function toolbar(view) {
  const range = document.getElementById("range");
  const last = view.clock.at(-1);
  const fits = SPANS.filter(([, months]) => monthStart(last, -months) > view.clock[0]);
  const all = el("button", { type: "button", onclick: view.reset }, "All");
  document.getElementById("tools").append(
    ...fits.map(([name, months]) =>
      el("button", {
        type: "button",
        onclick: () => view.show(last - months * 30.4375 * DAY, last),
      }, name)
    ),
    all,
    themeButton(),
  );
  const say = () => {
    range.textContent = `${dayText(view.from + 1)} to ${dayText(view.to)}`;
    all.disabled = view.isWhole();
  };
  view.onChange(say);
  say();
}

function themeButton() {
  const root = document.documentElement;
  const isDark = () =>
    (root.dataset.theme ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) ===
      "dark";
  const button = el("button", {
    type: "button",
    id: "theme",
    onclick: () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      say();
    },
  });
  const say = () => {
    button.textContent = isDark() ? "Light" : "Dark";
  };
  say();
  return button;
}
