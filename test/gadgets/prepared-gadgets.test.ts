import { appendFile, cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Gadget } from '../../src/domain/gadget.js';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import type { Reading } from '../../src/gadgets/manifest.js';
import { PreparedGadgets, prepareGadgets } from '../../src/gadgets/prepared-gadgets.js';
import { reading } from './reading.js';

const bundled = await loadCatalog(['gadgets'], reading);
const gadgets = bundled.entries.map(({ gadget }) => gadget);
const prepared = new PreparedGadgets(JSON.stringify(prepareGadgets(gadgets)));
const known: Reading['known'] = (id, version) => prepared.get(id, version);

const unread: Reading = {
  ...reading,
  known,
  parse: (text) => {
    throw new Error(`this was parsed:\n${text}`);
  },
};

const root = await mkdtemp(join(tmpdir(), 'prepared-'));
const own = join(root, 'mingle-cards');

beforeEach(async () => {
  await rm(root, { recursive: true, force: true });
  await cp('gadgets/mingle-cards', own, { recursive: true });
});

afterAll(() => rm(root, { recursive: true, force: true }));

const replaceIn = async (name: string, before: string, after: string) => {
  const file = join(own, name);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(before);
  await writeFile(file, text.replace(before, after));
};

const mingleCards = async (way: Reading): Promise<Gadget | undefined> =>
  (await loadCatalog([root], way)).entries[0]?.gadget;

const filesParsed = async (): Promise<number> => {
  let count = 0;
  const parse: Reading['parse'] = (text) => {
    count += 1;
    return reading.parse(text);
  };
  await loadCatalog([root], { ...reading, known, parse });
  return count;
};

describe('a gadget that was read when the program was built', () => {
  it('is what reading it gives, and none of its files is parsed', async () => {
    expect(gadgets.length).toBeGreaterThan(0);
    expect(await loadCatalog(['gadgets'], unread)).toStrictEqual(bundled);
  });

  it.each([
    ['gadget.yaml', 'title: Cards', 'title: Tasks'],
    ['texts/de.yaml', 'title: ', 'title: Neue '],
    ['view.njk', '', '{# #}'],
  ])('is read again when a byte of %s was changed', async (name, before, after) => {
    const unchanged = await mingleCards(unread);
    await replaceIn(name, before, after);
    const read = await mingleCards({ ...reading, known });
    expect(read).toStrictEqual(await mingleCards(reading));
    expect(read).not.toEqual(unchanged);
  });

  it('is read again when a file was added, or it has another name', async () => {
    expect(await filesParsed()).toBe(0);
    await writeFile(join(own, 'part.njk'), '');
    expect(await filesParsed()).toBeGreaterThan(0);
    await rm(join(own, 'part.njk'));
    expect(await filesParsed()).toBe(0);
    await rename(own, join(root, 'my-cards'));
    expect(await filesParsed()).toBeGreaterThan(0);
  });

  it('is reported where it was broken since, as any other', async () => {
    await appendFile(join(own, 'texts', 'de.yaml'), 'rows: [1\n');
    await replaceIn('gadget.yaml', 'format: xml', 'format: xls');
    const broken = await loadCatalog([root], { ...reading, known });
    expect(broken).toStrictEqual(await loadCatalog([root], reading));
    expect(broken.entries).toEqual([]);
    expect(broken.faults.map(({ line }) => line)).not.toContain(null);
  });

  it('is another object each time, so that no one who reads it has that of another', async () => {
    expect(await mingleCards(unread)).not.toBe(await mingleCards(unread));
  });
});

it('A gadget that JSON would change is not prepared', () => {
  const [gadget] = gadgets;
  if (gadget === undefined) throw new Error('there is no gadget');
  expect(Object.keys(prepareGadgets([gadget]))).toEqual([gadget.id]);
  const parameter = { name: 'n', title: 'N', type: { kind: 'boolean' }, required: false } as const;
  const odd = { ...gadget, parameters: [{ ...parameter, default: Number.NaN, viewer: null }] };
  expect(prepareGadgets([odd])).toEqual({});
});

it('Where nothing was built, nothing is known', () => {
  const [{ id, version } = { id: '', version: '' }] = gadgets;
  expect(prepared.get(id, version)).toBeDefined();
  expect(new PreparedGadgets(null).get(id, version)).toBeUndefined();
});

it('remembers what was read in this process, as long as its files stay the same', () => {
  const [gadget] = gadgets;
  if (gadget === undefined) throw new Error('there is no gadget');
  const known = new PreparedGadgets(null);
  known.remember(gadget);
  expect(known.get(gadget.id, gadget.version)).toStrictEqual(gadget);
  expect([known, prepared].map((each) => each.isOfBuild(gadget))).toEqual([false, true]);
  expect(prepared.isOfBuild({ ...gadget, version: 'changed' })).toBe(false);
  expect(known.get(gadget.id, 'changed')).toBeUndefined();
  known.remember({ ...gadget, version: 'changed' });
  expect(known.get(gadget.id, gadget.version)).toBeUndefined();
});
