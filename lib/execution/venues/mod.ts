export type { AlpacaVenue, VenueSession } from "./alpaca.ts";
export { onBrokerClock } from "./broker_clock.ts";
export { keyNames, type Mode } from "./hosts.ts";
export {
  type BrokerSettings,
  type OpenedVenue,
  openVenue,
  type OpenVenueOptions,
  type VenueAsset,
} from "./open_venue.ts";
export type { ReplayedBars } from "./replay_quotes.ts";
