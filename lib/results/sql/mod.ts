export { type AnswerColumn, type AnswerKind, arqueroTable, decodeAnswer } from "./answer.ts";
export { openChildSession } from "./child.ts";
export type { Value } from "./duckdb.ts";
export { type Answer, openSession, type SqlSession } from "./session.ts";
