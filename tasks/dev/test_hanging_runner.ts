/** A trader that has sent an order which keeps working, and then hangs: it holds the account's lock and answers nothing. */
import { systemClock } from "../../lib/core/clock.ts";
import { openAccount } from "../../lib/execution/account/mod.ts";
import { onBrokerClock, openVenue } from "../../lib/execution/venues/mod.ts";
import { registerAccount } from "../../lib/app/trade/registered.ts";

const [kind, stateFolder, url] = Deno.args as ["alpaca" | "binance", string, string];
const symbol = kind === "alpaca" ? "SPY" : "BTC";
const lots = { minOrderSize: 0.001, quantityPrecision: 3, pricePrecision: 2 };
const registered = {
  ...{ account: "main", venue: kind, mode: "paper", stamps: "broker", feed: "iex" } as const,
  brokers: {
    alpaca: { trading_url: url, data_url: url, timeout_ms: 5_000 },
    binance: { base_url: url, timeout_ms: 5_000 },
    kraken: { base_url: null, timeout_ms: 5_000 },
  },
  assets: [
    {
      ...{ symbol, venue: kind, ...lots, feeBps: 0, slippageBps: 0 },
      assetClass: kind === "alpaca" ? "equity" : "crypto",
    },
  ] as const,
};
await registerAccount(stateFolder, registered);
const opened = await openVenue({
  ...registered,
  environment: (name) => Deno.env.get(name),
  clock: systemClock,
  paper: { account: "main", file: "", initialCash: 1 },
});
const { venue, clock } = await onBrokerClock(opened, systemClock);
const { submit } = venue;
const account = await openAccount({
  ...{ folder: stateFolder, account: "main", symbols: [symbol], clock },
  ...{ journal: { write: () => {} }, sleep: () => Promise.resolve() },
  venue: {
    ...venue,
    async submit(request) {
      const answer = await submit(request);
      console.log(answer.kind);
      for (;;); // not even a timer runs any more
    },
  },
});
await account.recover();
await account.execute({
  ...{ barCloseTime: clock.now(), configHash: "c", codeHash: "d", inputsHash: "i" },
  weights: { [symbol]: 0.5 },
});
