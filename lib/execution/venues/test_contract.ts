import { alpacaOn, binanceOn, brokerOf, stageOf } from "./test_venues.ts";
import { venueContract } from "./venue_contract.ts";

venueContract("alpaca", (guard) => {
  const broker = brokerOf("alpaca");
  return stageOf(broker, alpacaOn(broker, { guard }));
});

venueContract("binance", (guard) => {
  const broker = brokerOf("binance");
  return stageOf(broker, binanceOn(broker, { guard }));
});
