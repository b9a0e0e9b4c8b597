import type { CompressionCodec, Compressors, FileMetaData } from "hyparquet";

/** What the reader lacks for files of other programs (Polars and DuckDB like ZSTD); loaded only when a file needs it. */
export async function decompressors(footer: FileMetaData): Promise<Compressors> {
  const codecs = new Set<CompressionCodec | undefined>(
    footer.row_groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec)),
  );
  if (!codecs.has("ZSTD") && !codecs.has("GZIP")) return {};
  const { gunzipSync, zstdDecompressSync } = await import("node:zlib");
  return {
    GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
    ZSTD: (bytes) => new Uint8Array(zstdDecompressSync(bytes)),
  };
}
