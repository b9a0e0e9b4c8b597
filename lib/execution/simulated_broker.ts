import type { OrderOutcome, TargetWeights } from "../core/orders.ts";
import type { Broker, BrokerMetadata, DecimalText, Position } from "../core/ports.ts";
import { averageEntry } from "./positions.ts";
import type { SimulatedAccount, SimulatedMarket } from "./simulated_market.ts";
import { type HeldOf, simulatedVenue } from "./simulated_venue.ts";

export type { SimulatedAccount } from "./simulated_market.ts";

/** The simulated venue behind the broker port: at once, in float64, with the account open to the loop. */
export interface SimulatedBroker extends Broker {
  readonly account: SimulatedAccount;
  /** Sized at the fill: by asset, NAV just before the moment of the last `runMarket` at which it could fill. */
  readonly navAtFill: Float64Array;
  /** `runMarket` and then `runLimits`, with the units that the legs themselves name. */
  submitTargetWeights(targets: TargetWeights): readonly OrderOutcome[];
  /** Fills the netted orders, so that the ledgers can be settled before limits are looked at. */
  runMarket(targets: TargetWeights): readonly OrderOutcome[];
  /** Sets off the limits in force inside the bars that follow the decision. */
  runLimits(targets: TargetWeights, heldOf?: HeldOf): readonly OrderOutcome[];
  /** Sets off the stops in force inside the bars that follow the decision; `heldOf` knows each model's units. */
  runStops(targets: TargetWeights, heldOf: HeldOf): readonly OrderOutcome[];
  /** Pays interest on cash; negative is charged. */
  accrue(interest: number): void;
  getPositions(): readonly Position[];
  getCash(): string;
  getNav(): string;
  getBrokerMetadata(): BrokerMetadata;
}

/** A broker that fills on the bars of `market`, starting with `cash` and nothing held. */
export function simulatedBroker(market: SimulatedMarket, cash: number): SimulatedBroker {
  const size = market.assets.length;
  const account: SimulatedAccount = { cash, quantity: new Float64Array(size), index: 0 };
  const entry = averageEntry(size);
  const venue = simulatedVenue(market, account);
  const booked = (outcomes: readonly OrderOutcome[]) => {
    for (const outcome of outcomes) if (outcome.status === "filled") entry.book(outcome);
    return outcomes;
  };
  const runMarket = (targets: TargetWeights) => {
    account.index = targets.index;
    return booked(venue.fillMarket(targets));
  };
  const runLimits = (targets: TargetWeights, heldOf?: HeldOf) =>
    booked(venue.fillLimits(targets, heldOf));
  return {
    account,
    navAtFill: venue.navAtFill,
    submitTargetWeights(targets) {
      const market = runMarket(targets);
      const limits = runLimits(targets);
      return limits.length === 0 ? market : [...market, ...limits];
    },
    runMarket,
    runLimits,
    runStops(targets, heldOf) {
      account.index = targets.index;
      return booked(venue.runStops(targets, heldOf));
    },
    accrue(interest) {
      account.cash += interest;
    },
    getPositions: () =>
      market.assets.flatMap(({ asset, closeAt }, place) => {
        const quantity = account.quantity[place]!;
        if (quantity === 0) return [];
        const price = closeAt[account.index]!;
        const average = entry.price(place);
        return [{
          symbol: asset.symbol,
          quantity: decimalText(quantity),
          averageEntryPrice: decimalText(average),
          marketValue: decimalText(quantity * price),
          unrealizedPnl: decimalText(quantity * (price - average)),
        }];
      }),
    getCash: () => decimalText(account.cash),
    getNav: () => decimalText(venue.navAtCloses(account.index)),
    getBrokerMetadata: () => ({
      name: "simulated",
      mode: "backtest",
      symbols: market.assets.map(({ asset }) => asset.symbol),
      orderKinds: ["market", "limit", "stop"],
      shorting: market.allowShort,
    }),
  };
}

/** The shortest digits that name a float, never in exponent form. */
function decimalText(value: number): DecimalText {
  const [mantissa, power] = String(value).split("e");
  if (power === undefined) return mantissa!;
  const [, sign, whole, fraction = ""] = /^(-?)(\d)(?:\.(\d+))?$/.exec(mantissa!)!;
  const digits = whole! + fraction;
  const shift = Number(power);
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${digits}`
    : sign + digits.padEnd(shift + 1, "0");
}
