import { civil, DAY } from "./dates.js";

/** Round values between two bounds, about `count` of them. */
export function valueTicks(low, high, count) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(low) ? [low] : [];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power)
    .find((candidate) => span / candidate <= count + 0.5) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

/** Values that begin a decade, half of one or a fifth, for a logarithmic axis; plain ones where there are too few. */
export function logTicks(low, high, count) {
  const ticks = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    ticks.push(...[1, 2, 5].map((digit) => digit * power));
  }
  const inside = ticks.filter((tick) => tick >= low && tick <= high);
  if (inside.length < 3) return valueTicks(low, high, count);
  return inside.length <= count + 2
    ? inside
    : inside.filter((tick) => /^[^1-9]*1/.test(String(tick)));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const DAY_STEPS = [1, 2, 7, 14];

/** Dates that begin something, at most `most` of them: days, months or years, with the words for them. */
export function timeTicks(from, to, most) {
  const days = (to - from) / DAY;
  const dayStep = DAY_STEPS.find((step) => days / step <= most);
  if (dayStep !== undefined && days / 30.4 < 2.5) return dayTicks(from, to, dayStep);
  const months = days / 30.4;
  return monthTicks(from, to, MONTH_STEPS.find((step) => months / step <= most) ?? 240);
}

function dayTicks(from, to, step) {
  const ticks = [];
  for (let day = Math.ceil(from / DAY / step) * step; day * DAY <= to; day += step) {
    const { month, day: ofMonth, year } = civil(day * DAY);
    const label = `${ofMonth} ${MONTHS[month - 1]}`;
    ticks.push({ time: day * DAY, label: ticks.length === 0 ? `${label} ${year}` : label });
  }
  return ticks;
}

function monthTicks(from, to, step) {
  const { year, month } = civil(from);
  const ticks = [];
  let place = Math.floor((year * 12 + month - 1) / step) * step;
  for (;; place += step) {
    const time = Date.UTC(Math.floor(place / 12), place % 12, 1);
    if (time > to) return ticks;
    if (time < from) continue;
    const name = MONTHS[place % 12];
    const ofYear = String(Math.floor(place / 12));
    ticks.push({
      time,
      label: place % 12 === 0 ? ofYear : ticks.length ? name : `${name} ${ofYear}`,
    });
  }
}
