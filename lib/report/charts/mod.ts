import { nav } from "./nav.ts";

export const charts = { nav };
