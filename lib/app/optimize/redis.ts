export { REDIS_NAMES, type RedisAddress, redisAddress } from "../../engine/sweep/queue_address.ts";
export {
  type RedisSweep,
  redisSweep,
  type RedisSweepOptions,
  type WorkerNote,
} from "./redis_executor.ts";
export { joinSweeps, listWorkers, type WorkerOptions, type WorkerProgress } from "./worker.ts";
