import { pipeline as pipelineCallback, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzip, type ZlibOptions } from 'node:zlib';
import type { Bytes } from '../database/index.ts';

const minimumBytes = 700;
const thoroughBytes = 20_000;
/** The pieces of larger bodies are not joined first. */
const largeBytes = 4 * 1024 * 1024;
/** Of larger bodies: a full introspection of thousands of tables takes 0.7 s instead of 1.7, and is 18 MiB instead of 13. */
const largeLevel = 3;

/** What `Accept-Encoding` asks for: `required` when the plain form is refused. Source: spec/server.md 2.3. */
export type GzipWish = 'no' | 'allowed' | 'required';

export function gzipWish(acceptEncoding: string | null): GzipWish {
  if (acceptEncoding === null || !/gzip/i.test(acceptEncoding)) return 'no';
  let gzipAccepted = false;
  let identityAccepted = true;
  for (const part of acceptEncoding.split(',')) {
    const [coding = '', ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const accepted = !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (coding === 'gzip') gzipAccepted = accepted;
    if (coding === 'identity' || (coding === '*' && !accepted)) identityAccepted = accepted;
  }
  if (!gzipAccepted) return 'no';
  return identityAccepted ? 'allowed' : 'required';
}

export function shouldCompress(wish: GzipWish, sizeBytes: number): boolean {
  return wish === 'required' || (wish === 'allowed' && sizeBytes >= minimumBytes);
}

/** The body, gzipped: quickly, or thoroughly when it is large. */
export function compress(body: string | Bytes, sizeBytes: number): Promise<Buffer> {
  if (typeof body !== 'string' && sizeBytes > largeBytes) return compressPieces(body);
  const plain =
    typeof body === 'string' ? body : body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body);
  const options: ZlibOptions = { level: sizeBytes > thoroughBytes ? 6 : 1 };
  return new Promise((resolve, reject) => {
    gzip(plain, options, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

/** The same for a body that is still being made; errors go the same way as bytes. */
export function compressStream(body: Readable): Readable {
  const gzipped = createGzip({ level: largeLevel, chunkSize: 64 * 1024 });
  // the callback has nothing to do: whoever reads hears of the error, and of the end
  pipelineCallback(body, gzipped, () => {});
  return gzipped;
}

async function compressPieces(body: Bytes): Promise<Buffer> {
  const compressed: Buffer[] = [];
  await pipeline(
    Readable.from(body),
    createGzip({ level: largeLevel }),
    async (chunks: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of chunks) compressed.push(chunk);
    },
  );
  return Buffer.concat(compressed);
}
