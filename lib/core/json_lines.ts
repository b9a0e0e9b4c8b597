/** The documents of a stream that has one a line, as they arrive; what stands behind the last line end is left. */
export async function* jsonLines<Document>(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Document> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}
