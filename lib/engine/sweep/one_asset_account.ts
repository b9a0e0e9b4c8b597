import { powerOfTen } from "../../core/math.ts";
import { slippedPrice } from "../../execution/costs.ts";
import {
  isTooSmall,
  purchaseWithin,
  unitsAfter,
  unitsBetween,
  wholeLots,
} from "../../execution/lots.ts";
import { DUST } from "../../execution/simulated_book.ts";
import { fillPrices } from "../../execution/simulated_market.ts";
import { chooseTrades, type ExposureLimits } from "../../portfolio/instructions.ts";
import type { Market } from "../market.ts";
import type { TrialFill, TrialPath } from "./trial_row.ts";
import type { Wishes } from "./wishes.ts";

/** What an account is walked with. */
export interface WalkOptions {
  readonly initialNav: number;
  readonly threshold: number;
  readonly limits: ExposureLimits;
}

/** An account of one asset that follows targets known ahead. */
export interface OneAssetAccount {
  /** The path holds until the next walk; undefined when the account is ruined on the way. */
  walk(targets: Wishes, options: WalkOptions): TrialPath | undefined;
}

/** The simulated broker's account for one asset, long or flat, without its records: the same numbers, bit for bit. */
export function oneAssetAccount(market: Market): OneAssetAccount {
  const walker = new Walker(market);
  return { walk: (targets, options) => walker.walk(targets, options) };
}

class Walker {
  readonly #nav: Float64Array;
  readonly #closes: Float64Array;
  readonly #rows: Int32Array;
  readonly #prices: Float64Array;
  readonly #times: Float64Array;
  readonly #symbol: string;
  readonly #lots: number;
  readonly #minimum: number;
  readonly #rates: { readonly slippage: number; readonly fee: number };
  readonly #fillsBefore: number;
  readonly #sizesAtFill: boolean;
  readonly #allowBorrowing: boolean;
  readonly #drifted = new Float64Array(1);
  readonly #target = new Float64Array(1);
  readonly #trade = new Uint8Array(1);
  #cash = 0;
  #units = 0;
  #fills: TrialFill[] = [];

  constructor(market: Market) {
    const [asset] = market.assets;
    this.#nav = new Float64Array(market.markTimes.length);
    this.#closes = asset!.closeAt;
    this.#rows = asset!.rowAt;
    this.#prices = fillPrices(market, asset!);
    this.#times = market.decisionTimes;
    this.#symbol = asset!.asset.symbol;
    const { quantityPrecision, minOrderSize } = asset!.asset;
    this.#lots = quantityPrecision === null ? 0 : powerOfTen(quantityPrecision);
    this.#minimum = minOrderSize;
    this.#rates = asset!.rates;
    // At the close an order of decision t fills on the bar that ended there, which is decision t − 1's next one.
    this.#fillsBefore = market.fill === "next_open" ? 0 : 1;
    this.#sizesAtFill = market.sizing === "fill_price";
    this.#allowBorrowing = market.allowBorrowing;
  }

  walk({ count, times, weights }: Wishes, options: WalkOptions): TrialPath | undefined {
    this.#cash = options.initialNav;
    this.#units = 0;
    this.#fills = [];
    const nav = this.#nav;
    const last = nav.length - 1;
    nav.fill(this.#cash, 0, count === 0 ? last + 1 : times[0]!);
    for (let i = 0; i < count; i++) {
      const until = i + 1 < count ? times[i + 1]! : last;
      if (!this.#follow(weights[i]!, times[i]!, until, options)) return undefined;
    }
    if (count > 0) nav[last] = this.#navAt(last);
    if (!(nav[last]! > 0)) return undefined;
    return { nav, fills: this.#fills };
  }

  #navAt(t: number): number {
    return this.#units === 0 ? this.#cash : this.#cash + this.#units * this.#closes[t]!;
  }

  /** Holds one target from a decision to the next wish. False when nothing is left. */
  #follow(target: number, from: number, until: number, options: WalkOptions): boolean {
    const nav = this.#nav;
    const closes = this.#closes;
    for (let t = from; t < until; t++) {
      if (this.#units === 0 && target === 0) {
        nav.fill(this.#cash, t, until);
        return this.#cash > 0;
      }
      const units = this.#units;
      const cash = this.#cash;
      const value = units === 0 ? 0 : units * closes[t]!;
      const now = cash + value;
      nav[t] = now;
      if (!(now > 0)) return false;
      const held = value / now;
      if (target === held || !this.#isTraded(target, held, options)) continue;
      this.#send(t, target, now);
    }
    return true;
  }

  /** Whether an instruction is drawn: the plain cases here, those near a limit as for any portfolio. */
  #isTraded(target: number, held: number, { threshold, limits }: WalkOptions): boolean {
    if (target === 0 || Math.abs(target - held) >= threshold) return true;
    if (isUnlimited(limits)) return false;
    this.#target[0] = target;
    this.#drifted[0] = held;
    return chooseTrades(
      { targets: this.#target, drifted: this.#drifted, threshold, limits },
      this.#trade,
    );
  }

  /** Sizes the order of decision `t`, cuts it to lots and cash, and fills it where the asset trades before the next. */
  #send(t: number, weight: number, nav: number): void {
    const row = t < this.#fillsBefore ? -1 : this.#rows[t - this.#fillsBefore]!;
    if (row < 0) return;
    const price = this.#prices[row]!;
    const held = this.#units;
    const navThen = held === 0 ? this.#cash : this.#cash + held * price;
    const sizingNav = this.#sizesAtFill ? navThen : nav;
    const sizingPrice = this.#sizesAtFill ? price : this.#closes[t]!;
    const unitCost = price * (1 + this.#rates.slippage) * (1 + this.#rates.fee);
    let wanted = weight * sizingNav / sizingPrice + 0;
    if (this.#sizesAtFill && wanted > 0 && wanted > held) {
      wanted = held + (wanted - held) * price / unitCost;
    }
    const ordered = unitsBetween(held, wholeLots(wanted, this.#lots), this.#lots);
    const isNothing = (quantity: number) => Math.abs(quantity) * price <= DUST * sizingNav;
    if (isNothing(ordered) || isTooSmall(ordered, this.#minimum)) return;
    const quantity = ordered < 0 ? ordered : this.#affordable(ordered, unitCost);
    if (ordered > 0 && (isTooSmall(quantity, this.#minimum) || isNothing(quantity))) return;
    this.#fill(t, quantity, { reference: price, nav: navThen });
  }

  /** A purchase cut to the cash there is, costs included. */
  #affordable(quantity: number, unitCost: number): number {
    const spendable = this.#allowBorrowing ? Infinity : Math.max(0, this.#cash);
    const cost = quantity * unitCost;
    const asked = this.#sizesAtFill ? Math.min(cost, spendable) : cost;
    const money = asked * (asked <= spendable ? 1 : spendable / asked);
    if (cost <= money) return quantity;
    return purchaseWithin(this.#units, money / unitCost, this.#lots);
  }

  #fill(t: number, quantity: number, at: { reference: number; nav: number }): void {
    const price = slippedPrice(at.reference, quantity, this.#rates);
    const fee = Math.abs(quantity) * price * this.#rates.fee;
    this.#units = unitsAfter(this.#units, quantity, this.#lots);
    this.#cash -= quantity * price + fee;
    if (!this.#allowBorrowing && this.#cash < 0 && this.#cash > -DUST * at.nav) this.#cash = 0;
    this.#fills.push({
      symbol: this.#symbol,
      time: this.#times[t]!,
      quantity,
      price,
      fee,
      slippage: Math.abs(quantity * (price - at.reference)),
    });
  }
}

function isUnlimited({ asset, classes, gross, net }: ExposureLimits): boolean {
  if (asset !== Infinity || gross !== Infinity || net !== Infinity) return false;
  for (const cap of classes) if (cap !== Infinity) return false;
  return true;
}
