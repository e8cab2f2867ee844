import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, KEY, openFolder, type Started, start } from '../cli/command-line.js';
import { fencesOf } from './markdown.js';
import { shell } from './shell.js';

const folder = openFolder();
let port: number;
let oriel: Started;
beforeAll(async () => {
  port = await freePort();
  const origins = { gadgetOrigin: `http://127.0.0.1:${port}`, siteOrigin: `http://localhost:${port}` };
  folder.write('oriel.yaml', { ...origins, listen: { port }, keys: [KEY] });
  oriel = start(['serve'], { cwd: folder.path });
  await oriel.saying('"msg":"ready"');
});
afterAll(async () => {
  oriel.child.kill('SIGTERM');
  await oriel.ended;
  folder.remove();
});

it('Every call of the API in the guide answers as the guide says', () => {
  const blocks = fencesOf('docs/operations.md').filter(({ language }) => language === 'sh');
  const preparing = blocks.find(({ text }) => text.includes('export API='))?.text ?? '';
  const printed = shell(`${preparing}\necho "$KEY $API"`, folder.path).trim().split(' ');
  const [key = '', api = ''] = printed;
  expect(key).toMatch(/^oriel_/);
  const calls = blocks.flatMap(({ text }) => {
    const [, status] = /^# (\d{3})\n/.exec(text) ?? [];
    return status === undefined ? [] : [{ status: Number(status), text }];
  });
  expect(calls.map(({ status }) => status)).toEqual([201, 200, 412, 422, 202, 403]);
  for (const { status, text } of calls) {
    // The last call of a block is the one that the guide is about.
    const counted = text.replaceAll('curl -sS', `curl -sS -w '\\n%{http_code}'`);
    const said = shell(counted, folder.path, { KEY: key, API: api.replace('3000', `${port}`) })
      .trim()
      .split('\n');
    expect([Number(said.at(-1)), said.at(-2)?.slice(0, 300)], text).toEqual([status, expect.any(String)]);
    if (status < 400) continue;
    const problem = JSON.parse(said.at(-2) ?? '') as { type: string; status: number; code: string };
    expect(problem).toMatchObject({ status, type: expect.stringContaining(`/errors/${problem.code}`) });
  }
});
