import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareOwnGadgets } from '../../src/server/prepare.js';

/** What runs once it is built: it has beside it what the build prepared. */
const { prepareOwnGadgets: readByTheBuilt } = (await import(
  new URL('../../dist/prepare.js', import.meta.url).href
)) as { readonly prepareOwnGadgets: typeof prepareOwnGadgets };

const built = async (file: string) => JSON.parse(await readFile(join('dist', file), 'utf8')) as object;

const root = await mkdtemp(join(tmpdir(), 'prepare-'));

beforeEach(async () => {
  await rm(root, { recursive: true, force: true });
  await cp('gadgets', join(root, 'gadgets'), { recursive: true });
});

afterAll(() => rm(root, { recursive: true, force: true }));

const write = async (name: string, change: (text: string) => string) => {
  const file = join(root, 'gadgets', name);
  await writeFile(file, change(await readFile(file, 'utf8')));
};

describe('the build', () => {
  it('reads every gadget and compiles their templates', async () => {
    const { gadgets, templates } = await prepareOwnGadgets('.');
    expect(Object.keys(templates)).toEqual(
      expect.arrayContaining(Object.keys(gadgets).map((id) => `${id}/view.njk`)),
    );
    expect(await built('gadgets/prepared-gadgets.json')).toEqual(gadgets);
    expect(await built('views/built-templates.json')).toMatchObject(templates);
  });

  it('leaves out what has mistakes, without failing', async () => {
    await write('mingle-cards/gadget.yaml', (text) => text.replace('format: xml', 'format: xls'));
    await write('mingle-events/view.njk', (text) => `${text}{% if %}`);
    const { gadgets, templates } = await prepareOwnGadgets(root);
    expect(gadgets).not.toHaveProperty('mingle-cards');
    expect(templates).not.toHaveProperty(['mingle-events/view.njk']);
    expect(templates).toHaveProperty(['mingle-murmurs/view.njk']);
  });
});

it('A program that was built reads gadgets as they are now', async () => {
  const before = await readByTheBuilt(root);
  expect(before).toEqual(await prepareOwnGadgets('.'));
  await write('mingle-cards/texts/de.yaml', (text) => text.replace('title: ', 'title: Neue '));
  await write('mingle-events/texts/de.yaml', (text) => `${text}rows: [1\n`);
  const after = await readByTheBuilt(root);
  expect(after).toEqual(await prepareOwnGadgets(root));
  expect(after.gadgets['mingle-cards']?.gadget).toContain('"title":"Neue ');
  expect(after.gadgets).not.toHaveProperty('mingle-events');
});
