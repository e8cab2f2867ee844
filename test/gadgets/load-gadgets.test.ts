import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { reading } from './reading.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'catalog-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const write = async (id: string, files: Readonly<Record<string, string>>, folder = 'gadgets') => {
  await mkdir(join(root, folder, id), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, id, name), text);
};

const load = async (...folders: string[]) => {
  const { entries, faults } = await loadCatalog(
    (folders.length === 0 ? ['gadgets'] : folders).map((folder) => join(root, folder)),
    reading,
  );
  const place = (file: string, line: number | null, path: string) =>
    [relative(root, file), line, path].filter((each) => each !== null && each !== '').join(':');
  return {
    gadgets: entries.map(({ gadget }) => gadget),
    faults: faults.map(({ file, line, path, problem }) => `${place(file, line, path)}: ${problem}`),
  };
};

const definition = `
title: Board
description: A board.
parameters:
  project: { title: Project, type: identifier, required: true }
  labels: { title: Labels, type: list, of: { type: text }, default: [open, done] }
requests:
  labels: { provider: tracker, path: '/p/{project}/labels', format: json }
  items:
    provider: tracker
    path: /p/{project}/items
    query: { label: '{labels}', page: '1' }
    format: json
    ttl: 0
    narrow: { labels: { request: labels, path: labels.name } }
`;
const files = { 'gadget.yaml': definition, 'view.njk': '<p>{{ gadget.title }}</p>' };

describe('the gadgets of a folder', () => {
  it('are read with the defaults of the definition', async () => {
    await write('board', { ...files, 'style.css': '.board { color: inherit }' });
    const { gadgets, faults } = await load();
    expect(faults).toEqual([]);
    expect(gadgets).toEqual([
      {
        id: 'board',
        title: 'Board',
        description: 'A board.',
        version: expect.stringMatching(/^[\w-]{43}$/),
        view: 'board/view.njk',
        style: '.board { color: inherit }',
        texts: {},
        providers: ['tracker'],
        images: [],
        parameters: [
          {
            name: 'project',
            title: 'Project',
            type: { kind: 'identifier', maxLength: 64 },
            required: true,
            default: null,
            viewer: null,
          },
          {
            name: 'labels',
            title: 'Labels',
            type: { kind: 'list', of: { kind: 'text', maxLength: 200 }, maxItems: 100 },
            required: false,
            default: ['open', 'done'],
            viewer: null,
          },
        ],
        requests: [
          {
            ...{ name: 'labels', provider: 'tracker', effect: 'read', method: 'GET', body: null },
            path: {
              text: '/p/{project}/labels',
              prefix: '/p/',
              segments: [
                { text: '', parts: [] },
                { text: 'p', parts: [{ kind: 'literal', text: 'p' }] },
                { text: '{project}', parts: [{ kind: 'value', name: 'project', before: '' }] },
                { text: 'labels', parts: [{ kind: 'literal', text: 'labels' }] },
              ],
            },
            query: [],
            accept: 'application/json',
            headers: null,
            isGraphql: false,
            inputs: { when: [], narrow: [], given: [], each: null, needs: [] },
            namesAccount: false,
            facts: [],
            namesDay: false,
            answer: { format: 'json', refused: null, pick: null, pages: null },
            ttl: 30,
            required: true,
          },
          expect.objectContaining({
            ttl: 0,
            query: [
              {
                name: 'label',
                language: null,
                template: { text: '{labels}', parts: [{ kind: 'value', name: 'labels', before: '' }] },
              },
              {
                name: 'page',
                language: null,
                template: { text: '1', parts: [{ kind: 'literal', text: '1' }] },
              },
            ],
            inputs: {
              when: [],
              narrow: [{ parameter: 'labels', request: 'labels', path: 'labels.name' }],
              given: [],
              each: null,
              needs: ['labels'],
            },
          }),
        ],
      },
    ]);
  });

  it('get another version with every change of definition, view or style', async () => {
    const version = async (): Promise<string | undefined> => (await load()).gadgets[0]?.version;
    await write('board', files);
    const first = await version();
    await write('board', { 'view.njk': '<p>changed</p>' });
    const second = await version();
    await write('board', { 'style.css': 'p { margin: 0 }' });
    const third = await version();
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await version()).toBe(third);
  });

  it('are left out when something is wrong with them, and the others stay', async () => {
    await write('board', files);
    await write('Broken', { 'gadget.yaml': 'title: x' });
    await write('empty', {});
    const { gadgets, faults } = await load('gadgets', 'nowhere');
    expect(gadgets.map(({ id }) => id)).toEqual(['board']);
    expect(faults).toEqual([
      'gadgets/Broken: the folder cannot name a gadget',
      'gadgets/Broken/view.njk: there is no such file',
      'gadgets/Broken/gadget.yaml:1:description: this is missing',
      'gadgets/empty/gadget.yaml: there is no such file',
      'nowhere: this folder cannot be read',
    ]);
  });

  it('may be mounted by links, as a ConfigMap is', async () => {
    await write(join('board', '..2027'), files);
    await symlink('..2027', join(root, 'gadgets', 'board', '..data'));
    for (const name of Object.keys(files))
      await symlink(join('..data', name), join(root, 'gadgets', 'board', name));
    await write('wall', files, 'elsewhere');
    await symlink(join(root, 'elsewhere', 'wall'), join(root, 'gadgets', 'wall'));
    const { gadgets, faults } = await load();
    expect(faults).toEqual([]);
    expect(gadgets.map(({ id }) => id)).toEqual(['board', 'wall']);
  });

  it.each(['gadget.yaml', 'view.njk', 'style.css'])(
    'stay in their folder: a link that leads %s out of it is a fault, and is not read',
    async (name) => {
      const all = { ...files, 'style.css': '.board { color: inherit }' };
      await write('board', all);
      await write('board-of-others', all, 'gadgets');
      await writeFile(join(root, 'secret'), 'canary: a secret of this machine');
      const own = join(root, 'gadgets', 'board', name);
      for (const target of [join(root, 'secret'), '../../secret', join('..', 'board-of-others', name)]) {
        await rm(own);
        await symlink(target, own);
        const { gadgets, faults } = await load();
        expect(gadgets.map(({ id }) => id)).toEqual(['board-of-others']);
        expect(faults).toEqual([`gadgets/board/${name}: this file is a link that leads out of its folder`]);
      }
    },
  );

  it('are named with what keeps a file from being read, when it is there', async () => {
    await write('board', files);
    await mkdir(join(root, 'gadgets', 'board', 'style.css'));
    expect((await load()).faults).toEqual(['gadgets/board/style.css: this file cannot be read (EISDIR)']);
  });

  it('cannot be defined twice', async () => {
    await write('board', files);
    await write('board', files, 'more');
    expect((await load('gadgets', 'more')).faults).toEqual([
      `more/board: the gadget "board" is already defined in ${join(root, 'gadgets/board')}`,
    ]);
  });

  it('are read once where two names lead to one folder', async () => {
    await write('board', files);
    await symlink(join(root, 'gadgets'), join(root, 'linked'));
    const { gadgets, faults } = await load('gadgets', 'linked', 'linked/../gadgets/');
    expect(faults).toEqual([]);
    expect(gadgets.map(({ id }) => id)).toEqual(['board']);
  });
});
