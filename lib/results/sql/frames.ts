import { Refusal } from "../../core/errors.ts";
import type { Value } from "./duckdb.ts";

/** A question to the process that holds the engine: one line of JSON. */
export interface Question {
  readonly text: string;
  readonly values: readonly Value[];
}

/** What comes before an answer's bytes: warnings, or why there is no answer. */
export interface Header {
  readonly warnings: readonly string[];
  readonly refusal?: string;
}

/** Two lengths of four bytes each, little end first, then the header as JSON and the bytes. */
export function encodeFrame(header: Header, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(8 + head.length + body.length);
  const lengths = new DataView(frame.buffer);
  lengths.setUint32(0, head.length, true);
  lengths.setUint32(4, body.length, true);
  frame.set(head, 8);
  frame.set(body, 8 + head.length);
  return frame;
}

/** The next frame of a stream of bytes; undefined where the stream ends. Throws what the header refuses. */
export async function readFrame(
  read: (length: number) => Promise<Uint8Array | undefined>,
): Promise<{ readonly stream: Uint8Array; readonly warnings: readonly string[] } | undefined> {
  const lengths = await read(8);
  if (!lengths) return undefined;
  const view = new DataView(lengths.buffer, lengths.byteOffset);
  const head = await read(view.getUint32(0, true));
  const stream = await read(view.getUint32(4, true));
  if (!head || !stream) return undefined;
  const { refusal, warnings }: Header = JSON.parse(new TextDecoder().decode(head));
  if (refusal !== undefined) throw new Refusal(refusal);
  return { stream, warnings };
}

/** Reads a stream of chunks in pieces of the lengths asked for, and nothing before it is asked. */
export function exactReader(
  chunks: { read(): Promise<{ readonly value?: Uint8Array | undefined }> },
): (length: number) => Promise<Uint8Array | undefined> {
  let held = new Uint8Array(0);
  return async (length) => {
    const pieces = [held];
    for (let there = held.length; there < length;) {
      const { value } = await chunks.read();
      if (!value) return undefined;
      pieces.push(new Uint8Array(value));
      there += value.length;
    }
    const all = pieces.length === 1 ? held : joined(pieces);
    held = all.slice(length);
    return all.slice(0, length);
  };
}

function joined(pieces: readonly Uint8Array[]) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
