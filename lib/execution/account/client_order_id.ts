import { createHash } from "node:crypto";
import type { Millis } from "../../core/bars.ts";

/** What one order is for. An attempt counts from 1 and grows only when the one before is known to have bought nothing. */
export interface OrderPurpose {
  /** The venue's number of the account, not the key's. */
  readonly accountNumber: string;
  readonly barCloseTime: Millis;
  readonly symbol: string;
  readonly leg: OrderLeg;
  readonly attempt: number;
}

/** Which step of a decision an order belongs to. */
export type OrderLeg = "sell" | "buy" | "flatten";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** The same purpose has the same id on every machine: 29 characters of [a-z2-7-], legal on every venue. */
export function clientOrderId(purpose: OrderPurpose): string {
  const { accountNumber, barCloseTime, symbol, leg, attempt } = purpose;
  const text = [accountNumber, barCloseTime, symbol, leg, attempt].join("|");
  return `q1-${base32(createHash("sha256").update(text).digest()).slice(0, 26)}`;
}

/** Whether an id has our form, so that this or another instance of ours sent it. */
export function isOurId(id: string): boolean {
  return /^q1-[a-z2-7]{26}$/.test(id);
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((group) => LETTERS[Number.parseInt(group, 2)]!).join("");
}
