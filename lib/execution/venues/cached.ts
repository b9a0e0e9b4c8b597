import { HOUR_MS } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";

/** Asks once an hour for what seldom changes: a venue's rules. What could not be read is asked for again. */
export function cachedForAnHour<Value>(
  clock: Clock,
  ask: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const known = new Map<string, { readonly value: Value; readonly until: number }>();
  return async (key) => {
    const cached = known.get(key);
    if (cached && clock.elapsed() < cached.until) return cached.value;
    const value = await ask(key);
    known.set(key, { value, until: clock.elapsed() + HOUR_MS });
    return value;
  };
}
