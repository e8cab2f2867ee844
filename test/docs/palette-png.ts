import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Enough for smooth letters in two themes; more make the file larger and nothing clearer. */
const MOST_COLORS = 64;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const chunksOf = (png: Buffer): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

const paeth = (left: number, above: number, corner: number): number => {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
};

/** One line of a picture as it was before it was filtered (PNG, section 9). */
const unfiltered = (filter: number, line: Buffer, above: Buffer, size: number): Buffer => {
  const plain = Buffer.alloc(line.length);
  line.forEach((byte, x) => {
    const [left, corner] = x < size ? [0, 0] : [plain.readUInt8(x - size), above.readUInt8(x - size)];
    const up = above.readUInt8(x);
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
    plain[x] = byte + guess;
  });
  return plain;
};

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** One number of 24 bits for each. */
  readonly colors: Uint32Array;
}

/** The pixels of a PNG as browsers write screenshots: eight bits, RGB or RGBA, not interlaced. */
const pixelsOf = (png: Buffer): Pixels => {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(13);
  const size = { 2: 3, 6: 4 }[header.readUInt8(9)];
  if (header[8] !== 8 || size === undefined || header[12] !== 0)
    throw new Error('not a PNG as browsers write them');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const raw = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)),
  );
  const stride = width * size + 1;
  const colors = new Uint32Array(width * height);
  let line: Buffer = Buffer.alloc(stride - 1);
  for (let y = 0; y < height; y += 1) {
    const filtered = raw.subarray(y * stride, (y + 1) * stride);
    line = unfiltered(filtered.readUInt8(0), filtered.subarray(1), line, size);
    for (let x = 0; x < width; x += 1) colors[y * width + x] = line.readUIntBE(x * size, 3);
  }
  return { width, height, colors };
};

const distance = (one: number, other: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 0xff) - ((other >> shift) & 0xff)) ** 2, 0);

/** For each color the one that is written for it: itself if it is frequent, as grounds are, otherwise the closest that is. */
const reduced = (colors: Uint32Array): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const byCount = [...counts.keys()].toSorted(
    (one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0),
  );
  const frequent = byCount.slice(0, MOST_COLORS);
  return new Map(
    byCount.map((color) => {
      const closest = frequent.reduce((best, each) =>
        distance(each, color) < distance(best, color) ? each : best,
      );
      return [color, closest];
    }),
  );
};

const KEYWORD = 'Source';

/** A screenshot with a palette of colors, a third as large, with a few words about what it was made from. */
export const palettePng = (png: Buffer, madeFrom: string): Buffer => {
  const { width, height, colors } = pixelsOf(png);
  const written = reduced(colors);
  const palette = [...new Set(written.values())];
  const index = new Map(palette.map((color, at) => [color, at]));
  const lines = Buffer.alloc(height * (width + 1));
  colors.forEach((color, at) => {
    const line = Math.floor(at / width);
    lines[line * (width + 1) + 1 + (at % width)] = index.get(written.get(color) ?? color) ?? 0;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`${KEYWORD}\0${madeFrom}`, 'latin1')),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 0xff, color & 0xff]))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

/** What such a picture was made from; null where it does not say. */
export const madeFromOf = (png: Buffer): string | null => {
  const text = chunksOf(png)
    .find(({ type, data }) => type === 'tEXt' && data.toString('latin1').startsWith(`${KEYWORD}\0`))
    ?.data.toString('latin1');
  return text?.slice(KEYWORD.length + 1) ?? null;
};
