import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CleanImage, cleanImage } from '../../src/upstream/clean-image.js';
import { launchBrowser } from '../support/browser.js';
import { pngOf, SAMPLES, type Sample, sampleImage } from './image-samples.js';

const BOUNDS = { bytes: 100_000, pixels: 1_000_000 };
const NAMES = Object.keys(SAMPLES) as readonly Sample[];

const cleaned = async (body: Buffer): Promise<CleanImage> => {
  const image = await cleanImage(body, BOUNDS);
  if (typeof image === 'string') throw new Error(image);
  return image;
};
const fault = async (body: Buffer, bounds = BOUNDS): Promise<string> => {
  const image = await cleanImage(body, bounds);
  return typeof image === 'string' ? image : `${image.type} ${image.width} × ${image.height}`;
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe('A picture', () => {
  it.each(NAMES)('is drawn as before, and nothing else is left in it: %s', async (name) => {
    const body = sampleImage(name);
    const image = await cleaned(body);
    expect([image.width, image.height]).toEqual([6, 4]);
    expect(image.bytes.toString('latin1')).not.toMatch(/ICC|Google|JFIF/);
    const page = await browser.newPage();
    const drawn = await page.evaluate(
      (sources) => {
        const pixels = async (src: string): Promise<string> => {
          const { document, Image } = globalThis as unknown as {
            document: { createElement(name: string): unknown };
            Image: new () => { src: string; decode(): Promise<void> };
          };
          const picture = new Image();
          picture.src = src;
          await picture.decode();
          const canvas = document.createElement('canvas') as {
            width: number;
            height: number;
            getContext(kind: string): {
              drawImage(picture: unknown, x: number, y: number): void;
              getImageData(...box: number[]): { data: ArrayLike<number> };
            };
          };
          canvas.width = 6;
          canvas.height = 4;
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          return Array.from(context.getImageData(0, 0, 6, 4).data).join();
        };
        return Promise.all(sources.map(pixels));
      },
      [body, image.bytes].map((bytes) => `data:${image.type};base64,${bytes.toString('base64')}`),
    );
    expect(drawn[1]).toBe(drawn[0]);
    await page.close();
  });

  it.each(NAMES)('that is cleaned once more is the same: %s', async (name) => {
    const once = await cleaned(sampleImage(name));
    expect((await cleaned(once.bytes)).bytes).toEqual(once.bytes);
  });

  it('keeps no text, no place, no camera, and nothing that stands behind its end', async () => {
    const secret = Buffer.from('secret', 'latin1');
    const text = await cleaned(
      Buffer.concat([
        pngOf(3, 2, {
          extra: [
            ['tEXt', secret],
            ['eXIf', secret],
          ],
        }),
        secret,
      ]),
    );
    expect(text.bytes).toEqual(pngOf(3, 2));
    const jpeg = sampleImage('jpeg');
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 8]), secret]);
    const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 8]), secret]);
    const described = Buffer.concat([jpeg.subarray(0, 2), comment, exif, jpeg.subarray(2), secret]);
    expect((await cleaned(described)).bytes).toEqual((await cleaned(jpeg)).bytes);
    const gif = Buffer.concat([
      sampleImage('gif').subarray(0, -1),
      Buffer.from('!\xfe\x06secret\0;', 'latin1'),
    ]);
    expect((await cleaned(gif)).bytes).toEqual(sampleImage('gif'));
  });
});

describe('What is refused', () => {
  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image-svg'],
    ['SVG behind a byte order mark', '\ufeff <?xml version="1.0"?><svg/>', 'image-svg'],
    ['a page', '<!doctype html><script>alert(1)</script>', 'image-svg'],
    ['a text', 'nothing', 'image-unknown'],
    ['nothing', '', 'image-unknown'],
    ['a page that starts like a GIF', 'GIF89a<script>alert(1)</script>', 'image-too-many-pixels'],
    ['a page that starts like a JPEG', '\xff\xd8\xff<script>', 'image-malformed'],
  ])('is %s', async (_, text, expected) => {
    expect(await fault(Buffer.from(text, text.includes('\ufeff') ? 'utf8' : 'latin1'))).toBe(expected);
  });

  it('is a picture that says it is larger than its pixels, or smaller', async () => {
    expect(await fault(pngOf(30, 20))).toBe('image/png 30 × 20');
    expect(await fault(pngOf(30, 20, { rows: 30 * 20 }))).toBe('image-malformed');
    expect(await fault(pngOf(30, 20, { rows: 1_000_000 }))).toBe('image-malformed');
  });

  it('is a picture too large as a file, or once it is drawn', async () => {
    expect(await fault(pngOf(30, 20), { ...BOUNDS, bytes: 60 })).toBe('image-too-large');
    expect(await fault(pngOf(1000, 1001))).toBe('image-too-many-pixels');
    expect(await fault(pngOf(9000, 1))).toBe('image-too-many-pixels');
    expect(await fault(pngOf(0, 1))).toBe('image-malformed');
  });

  it('is a PNG with a part that browsers could not know, or a wrong checksum', async () => {
    expect(await fault(pngOf(3, 2, { extra: [['ABCD', Buffer.alloc(1)]] }))).toBe('image-malformed');
    const wrong = pngOf(3, 2);
    wrong[20] = 9;
    expect(await fault(wrong)).toBe('image-malformed');
  });

  it('is a WebP that moves', async () => {
    const moving = Buffer.from('RIFF\x0c\0\0\0WEBPANIM\0\0\0\0', 'latin1');
    expect(await fault(moving)).toBe('image-animated');
  });

  it.each(NAMES)('is whatever is cut off, at every byte: %s', async (name) => {
    const body = sampleImage(name);
    // A GIF's trailer and padding say nothing; a WebP is as long as it says.
    const ends = name === 'gif' ? body.length - 1 : body.length;
    for (let length = 0; length < ends; length += 1)
      expect(await fault(body.subarray(0, length)), `${length}`).not.toMatch(/^image\/./);
  });

  it('never makes it fail, whatever is changed in a picture, and what is shown is clean', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        async (name, changes) => {
          const body = sampleImage(name);
          for (const [at, byte] of changes) body[at % body.length] = byte;
          const image = await cleanImage(body, BOUNDS);
          if (typeof image !== 'string') expect((await cleaned(image.bytes)).bytes).toEqual(image.bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
