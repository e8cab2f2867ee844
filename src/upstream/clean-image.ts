import { crc32, createInflate } from 'node:zlib';

/** A picture as browsers are given it: nothing is in it but what they need to draw it. */
export interface CleanImage {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/** How large a picture may be: as a file, and once it is drawn. */
export interface ImageBounds {
  readonly bytes: number;
  readonly pixels: number;
}

/** Why a picture is not shown; stable, for the log. */
export type ImageProblem =
  | 'image-svg'
  | 'image-unknown'
  | 'image-malformed'
  | 'image-animated'
  | 'image-too-large'
  | 'image-too-many-pixels';

type Judged = CleanImage | ImageProblem;

/** No side of a picture is longer, in pixels. */
const LONGEST_SIDE = 8192;

/** Anything that is read past the end of a file, or is not as its format has it, makes it malformed. */
class Malformed extends Error {}

const need = (holds: boolean): void => {
  if (!holds) throw new Malformed();
};

const sized = (width: number, height: number, pixels: number): ImageProblem | null => {
  need(width > 0 && height > 0);
  return width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > pixels
    ? 'image-too-many-pixels'
    : null;
};

/** How many bytes come out of a zlib stream, counted without keeping them; null where it is broken, or they are more than `most`. */
const inflatedLength = (parts: readonly Buffer[], most: number): Promise<number | null> =>
  new Promise((resolve) => {
    const inflate = createInflate();
    let length = 0;
    inflate.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= most) return;
      inflate.destroy();
      resolve(null);
    });
    inflate.on('end', () => resolve(length));
    inflate.on('error', () => resolve(null));
    for (const part of parts) inflate.write(part);
    inflate.end();
  });

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** What a PNG's pixels are made of; everything else in it is about them, and left out (PNG, §11). */
const PNG_KEPT: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** As it stands in the file. */
  readonly whole: Buffer;
}

const pngChunks = (body: Buffer): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  for (let at = PNG_SIGNATURE.length; ; ) {
    need(at + 12 <= body.length);
    const length = body.readUInt32BE(at);
    const end = at + 12 + length;
    need(end <= body.length);
    const type = body.toString('latin1', at + 4, at + 8);
    need(/^[A-Za-z]{4}$/.test(type) && crc32(body.subarray(at + 4, end - 4)) === body.readUInt32BE(end - 4));
    // An upper-case letter first: it cannot be drawn without it.
    need(PNG_KEPT.has(type) || /^[a-z]/.test(type));
    chunks.push({ type, data: body.subarray(at + 8, end - 4), whole: body.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
};

/** Samples of a pixel by color type, and the depths it may have (PNG, table 8). */
const PNG_COLORS: ReadonlyMap<number, readonly [samples: number, depths: readonly number[]]> = new Map([
  [0, [1, [1, 2, 4, 8, 16]]],
  [2, [3, [8, 16]]],
  [3, [1, [1, 2, 4, 8]]],
  [4, [2, [8, 16]]],
  [6, [4, [8, 16]]],
]);

/** First column, first row, and the steps of each pass of an interlaced PNG (PNG, §8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the rows of a PNG, each with its filter before it. */
const pngLength = (width: number, height: number, bits: number, isInterlaced: boolean): number => {
  const rows = (columns: number, lines: number): number =>
    columns === 0 ? 0 : lines * (1 + Math.ceil((columns * bits) / 8));
  if (!isInterlaced) return rows(width, height);
  return ADAM7.reduce((sum, [x, y, dx, dy]) => {
    return sum + rows(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy));
  }, 0);
};

const cleanPng = async (body: Buffer, { pixels }: ImageBounds): Promise<Judged> => {
  const chunks = pngChunks(body);
  const [header] = chunks;
  need(header?.type === 'IHDR' && header.data.length === 13);
  const { data } = header as Chunk;
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [depth = 0, color = 0, compression, filter, interlace = 0] = data.subarray(8);
  const [samples, depths] = PNG_COLORS.get(color) ?? [0, []];
  need(depths.includes(depth) && compression === 0 && filter === 0 && interlace <= 1);
  const problem = sized(width, height, pixels);
  if (problem !== null) return problem;
  const kept = chunks.filter(({ type }) => PNG_KEPT.has(type));
  // Header, palette, transparency, pixels without a gap, end: each at its place, and but for the pixels once.
  need(/^IHDR(PLTE)?(tRNS)?(IDAT)+IEND$/.test(kept.map(({ type }) => type).join('')));
  const palette = kept.find(({ type }) => type === 'PLTE')?.data.length ?? 0;
  need(palette <= 768 && palette % 3 === 0 && (color !== 3 || palette > 0));
  const rows = pngLength(width, height, depth * samples, interlace === 1);
  const packed = kept.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data);
  need((await inflatedLength(packed, rows)) === rows);
  const bytes = Buffer.concat([PNG_SIGNATURE, ...kept.map(({ whole }) => whole)]);
  return { type: 'image/png', bytes, width, height };
};

const SCAN = 0xda;
/** Scans of a progressive JPEG: each costs a browser a pass over the whole picture. */
const MOST_SCANS = 64;

/** Where the entropy-coded data that starts here ends: at a marker that is neither a stuffed 0xff nor a restart (T.81, B.1.1.5). */
const scanEnd = (body: Buffer, from: number): number => {
  for (let at = body.indexOf(0xff, from); at !== -1; at = body.indexOf(0xff, at + 1)) {
    const next = body[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new Malformed();
};

/** Baseline, extended and progressive pictures, which is what browsers draw. */
const isJpegFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xc2;
/** Tables, the restart interval, and Adobe's segment, which says how colors are written. Comments, places and cameras are left out. */
const isKeptSegment = (marker: number, data: Buffer): boolean =>
  isJpegFrame(marker) ||
  marker === 0xdb ||
  marker === 0xc4 ||
  marker === 0xdd ||
  (marker === 0xee && isAdobe(data));
const isAdobe = (data: Buffer): boolean => data.length === 12 && data.toString('latin1', 0, 5) === 'Adobe';
/** Applications' own segments and comments. */
const isAside = (marker: number): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

/** One segment of a JPEG, from its marker to the next one's place (T.81, B.1.1.4). */
interface Segment {
  readonly marker: number;
  readonly data: Buffer;
  readonly whole: Buffer;
  readonly end: number;
}

const segmentAt = (body: Buffer, from: number): Segment | null => {
  let at = from;
  need(body[at] === 0xff);
  while (body[at + 1] === 0xff) at += 1;
  const marker = body[at + 1] ?? 0;
  if (marker === 0xd9) return null;
  need(at + 4 <= body.length);
  const end = at + 2 + body.readUInt16BE(at + 2);
  need(end >= at + 4 && end <= body.length);
  return { marker, data: body.subarray(at + 4, end), whole: body.subarray(at, end), end };
};

const jpegSize = (data: Buffer): readonly [width: number, height: number] => {
  need(data.length >= 6 && data.length === 6 + 3 * (data[5] ?? 0) && data[0] === 8);
  return [data.readUInt16BE(3), data.readUInt16BE(1)];
};

const cleanJpeg = (body: Buffer, { pixels }: ImageBounds): Judged => {
  const kept = [body.subarray(0, 2)];
  let size: readonly [width: number, height: number] | null = null;
  let scans = 0;
  for (let segment = segmentAt(body, 2); segment !== null; ) {
    const { marker, data, whole } = segment;
    let { end } = segment;
    if (isJpegFrame(marker)) {
      need(size === null);
      size = jpegSize(data);
      const problem = sized(...size, pixels);
      if (problem !== null) return problem;
    }
    if (marker === SCAN) {
      need(size !== null && scans < MOST_SCANS);
      scans += 1;
      end = scanEnd(body, end);
      kept.push(whole, body.subarray(segment.end, end));
    } else if (isKeptSegment(marker, data)) kept.push(whole);
    else need(isAside(marker));
    segment = segmentAt(body, end);
  }
  need(scans > 0);
  const [width, height] = size ?? [0, 0];
  return { type: 'image/jpeg', bytes: Buffer.concat([...kept, END_OF_JPEG]), width, height };
};

const END_OF_JPEG = Buffer.from([0xff, 0xd9]);

/** Where a row of sub-blocks ends that starts here, its empty last one included (GIF89a, §15, §16). */
const blocksEnd = (body: Buffer, from: number): number => {
  let at = from;
  for (let length = body[at]; length !== 0; length = body[at]) {
    need(length !== undefined);
    at += 1 + (length ?? 0);
  }
  return at + 1;
};

/** Bytes of the color table that packed fields announce. */
const tableLength = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1));

/** Where the picture of a GIF ends that starts here; it lies within the whole. */
const gifPictureEnd = (body: Buffer, at: number, width: number, height: number): number => {
  need(at + 10 < body.length);
  const right = body.readUInt16LE(at + 1) + body.readUInt16LE(at + 5);
  const bottom = body.readUInt16LE(at + 3) + body.readUInt16LE(at + 7);
  const data = at + 10 + tableLength(body[at + 9] ?? 0);
  const codeSize = body[data] ?? 0;
  need(right <= width && bottom <= height && codeSize >= 2 && codeSize <= 8);
  const end = blocksEnd(body, data + 1);
  need(end <= body.length && end > data + 2);
  return end;
};

/** The first picture of a GIF, so that nothing in a gadget moves by itself. */
const cleanGif = (body: Buffer, { pixels }: ImageBounds): Judged => {
  need(body.length >= 13);
  const [width, height] = [body.readUInt16LE(6), body.readUInt16LE(8)];
  const problem = sized(width, height, pixels);
  if (problem !== null) return problem;
  const start = 13 + tableLength(body[10] ?? 0);
  need(start <= body.length);
  let control: Buffer = Buffer.alloc(0);
  let at = start;
  // What stands before the picture: how it is shown, and comments and the like, which are left out.
  while (body[at] === 0x21) {
    const end = blocksEnd(body, at + 2);
    if (body[at + 1] === 0xf9) {
      need(body[at + 2] === 4 && end === at + 8);
      control = body.subarray(at, end);
    }
    at = end;
  }
  need(body[at] === 0x2c);
  const picture = body.subarray(at, gifPictureEnd(body, at, width, height));
  const bytes = Buffer.concat([body.subarray(0, start), control, picture, END_OF_GIF]);
  return { type: 'image/gif', bytes, width, height };
};

const END_OF_GIF = Buffer.from([0x3b]);

interface RiffChunk {
  readonly type: string;
  readonly data: Buffer;
}

const riffChunks = (body: Buffer): readonly RiffChunk[] => {
  const end = 8 + body.readUInt32LE(4);
  need(end <= body.length);
  const chunks: RiffChunk[] = [];
  for (let at = 12; at < end; ) {
    need(at + 8 <= end);
    const length = body.readUInt32LE(at + 4);
    need(at + 8 + length <= end);
    chunks.push({
      type: body.toString('latin1', at, at + 4),
      data: body.subarray(at + 8, at + 8 + length),
    });
    at += 8 + length + (length % 2);
  }
  return chunks;
};

/** The size of what a WebP draws, lossy (RFC 6386, §9.1) or lossless (RFC 9649, §3.4). */
const webpSize = ({ type, data }: RiffChunk): readonly [width: number, height: number] => {
  if (type === 'VP8 ') {
    need(data.length > 10 && ((data[0] ?? 1) & 1) === 0 && data.readUIntBE(3, 3) === 0x9d012a);
    return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff];
  }
  need(data.length > 5 && data[0] === 0x2f);
  const bits = data.readUInt32LE(1);
  need(bits >>> 29 === 0);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
};

const riff = ({ type, data }: RiffChunk): Buffer => {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
};

const HAS_ALPHA = 0x10;

const cleanWebp = (body: Buffer, { pixels }: ImageBounds): Judged => {
  const chunks = riffChunks(body);
  if (chunks.some(({ type }) => type === 'ANIM' || type === 'ANMF')) return 'image-animated';
  const drawn = chunks.filter(({ type }) => type === 'VP8 ' || type === 'VP8L');
  const [picture] = drawn;
  need(drawn.length === 1);
  const [width, height] = webpSize(picture as RiffChunk);
  const problem = sized(width, height, pixels);
  if (problem !== null) return problem;
  const alpha = picture?.type === 'VP8 ' ? chunks.filter(({ type }) => type === 'ALPH') : [];
  need(alpha.length <= 1);
  const kept = [picture as RiffChunk];
  if (alpha.length === 1) {
    // Flags and size of the canvas, which is the picture's own (RFC 9649, §2.7).
    const canvas = Buffer.alloc(10);
    canvas[0] = HAS_ALPHA;
    canvas.writeUIntLE(width - 1, 4, 3);
    canvas.writeUIntLE(height - 1, 7, 3);
    kept.unshift({ type: 'VP8X', data: canvas }, ...alpha);
  }
  const content = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...kept.map(riff)]);
  return { type: 'image/webp', bytes: riff({ type: 'RIFF', data: content }), width, height };
};

type Clean = (body: Buffer, bounds: ImageBounds) => Judged | Promise<Judged>;

/** The format that a file's first bytes say, whatever it is called. */
const formatOf = (body: Buffer): Clean | 'image-svg' | 'image-unknown' => {
  const start = body.toString('latin1', 0, 12);
  if (body.subarray(0, 8).equals(PNG_SIGNATURE)) return cleanPng;
  if (start.startsWith('\xff\xd8\xff')) return cleanJpeg;
  if (/^GIF8[79]a/.test(start)) return cleanGif;
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return cleanWebp;
  return /^(?:\xef\xbb\xbf)?\s*</.test(start) ? 'image-svg' : 'image-unknown';
};

/**
 * A picture as it may be shown, or why it may not. What it is comes from its content: PNG, JPEG, GIF or WebP whose structure holds from
 * the first byte to the last. Everything that is not drawn is left out: places, cameras, comments, profiles, further frames, and what
 * stands behind its end. Never throws.
 */
export async function cleanImage(body: Buffer, bounds: ImageBounds): Promise<Judged> {
  if (body.length > bounds.bytes) return 'image-too-large';
  const clean = formatOf(body);
  if (typeof clean === 'string') return clean;
  try {
    return await clean(body, bounds);
  } catch (error) {
    if (error instanceof Malformed || error instanceof RangeError) return 'image-malformed';
    throw error;
  }
}
