import type { Model } from "../../models/model.ts";
import type { LayOutSteps, RunRequest } from "../simulate.ts";

/** A run to be audited, made afresh at each call so that a model's hidden state starts empty. */
export interface Subject {
  readonly request: RunRequest;
  readonly models: readonly Model[];
  readonly steps?: LayOutSteps;
}

/** Where in a run the leak sits. */
export type LeakKind = "feature" | "join" | "regime" | "model" | "execution" | "selection";

/** A mistake as researchers make it, planted in a run, and the same run without it. */
export interface Leak {
  readonly name: string;
  readonly kind: LeakKind;
  /** What the researcher did wrong, in one line. */
  readonly what: string;
  leaky(): Subject;
  clean(): Subject;
}

/** A leak and its twin from one description, in which `peek` is all that tells them apart. */
export function planted(
  kind: LeakKind,
  name: string,
  what: string,
  make: (peek: boolean) => Subject,
): Leak {
  return { kind, name, what, leaky: () => make(true), clean: () => make(false) };
}
