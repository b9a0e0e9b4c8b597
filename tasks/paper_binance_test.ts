import { brokerContract } from "./test_paper_brokers.ts";

brokerContract("binance");
