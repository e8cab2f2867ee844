import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, KEY, openFolder, type Started, start } from '../cli/command-line.js';
import { snippet } from './markdown.js';

const GUIDE = 'docs/embedding.md';
const HOST_SECRET = 'the-secret-of-the-wiki-in-the-guide-0001';
const folder = openFolder();
let oriel: Started;
let gadgetOrigin: string;
let hostPort: number;

beforeAll(async () => {
  const [port, wiki] = [await freePort(), await freePort()];
  hostPort = wiki;
  gadgetOrigin = `http://127.0.0.1:${port}`;
  const yaml = snippet(GUIDE, 'oriel.yaml').replaceAll(':3000', `:${port}`).replaceAll(':4000', `:${wiki}`);
  const file = folder.write('oriel.yaml', `${yaml}listen: { port: ${port} }\n`);
  const env = { ORIEL_KEY: KEY, HOST_SECRET };
  oriel = start(['serve', '--config', file], { cwd: folder.path, env });
  await oriel.saying('"msg":"ready"');
});
afterAll(async () => {
  oriel.child.kill('SIGTERM');
  await oriel.ended;
  folder.remove();
});

const environment = () => ({
  PATH: process.env.PATH ?? '',
  GADGET_ORIGIN: gadgetOrigin,
  HOST_SECRET,
  PORT: String(hostPort),
});

const launch = (token: string): Promise<Response> =>
  fetch(`${gadgetOrigin}/h/wiki/g/mingle-cards`, {
    method: 'POST',
    body: new URLSearchParams({ token, 'p.project': 'apollo' }),
  });

const has = (command: string): boolean => spawnSync(command, ['--help']).error === undefined;

describe('The guide to embedding', () => {
  it('signs in Node with a token that launches a gadget once', async () => {
    folder.write('host-token.mjs', snippet(GUIDE, '// host-token.mjs'));
    const script = `import { hostToken } from './host-token.mjs';
      const { GADGET_ORIGIN: gadgetOrigin, HOST_SECRET: secret } = process.env;
      console.log(hostToken({ host: 'wiki', gadgetOrigin, secret }, { id: 'u-17', name: 'Ann' }, 'mingle-cards'));`;
    const options = { cwd: folder.path, env: environment(), encoding: 'utf8' } as const;
    const token = execFileSync(process.execPath, ['--input-type=module', '-e', script], options).trim();
    const launched = await launch(token);
    expect(launched.status).toBe(200);
    expect(await launched.text()).toContain('data-oriel-state="connect"');
    expect((await launch(token)).status).toBe(401);
  });

  it.skipIf(!['openssl', 'curl', 'sh'].every(has))('signs in a shell, with openssl and curl', () => {
    const file = folder.write('launch.sh', snippet(GUIDE, '# launch.sh'));
    const printed = execFileSync('sh', [file], { env: environment(), encoding: 'utf8' });
    expect(printed).toContain('data-oriel-state="connect"');
    expect(printed.trim().split('\n').at(-1)).toBe('200');
  });

  it('has a whole host, which gives tokens to its own page alone', async () => {
    folder.write('host-token.mjs', snippet(GUIDE, '// host-token.mjs'));
    const file = folder.write('host.mjs', snippet(GUIDE, '// host.mjs'));
    const host = spawn(process.execPath, [file], { cwd: folder.path, env: environment() });
    const ended = new Promise((done) => host.on('close', done));
    try {
      await new Promise((ready) => host.stdout.once('data', ready));
      const origin = `http://localhost:${hostPort}`;
      expect(await (await fetch(`${origin}/`)).text()).toContain(`${gadgetOrigin}/embed.js`);
      const ask = (from: string) =>
        fetch(`${origin}/oriel-token`, {
          method: 'POST',
          headers: { Origin: from, 'Content-Type': 'application/json' },
          body: JSON.stringify({ gadget: 'mingle-cards', params: {} }),
        });
      expect((await ask('https://evil.example')).status).toBe(403);
      const { token } = (await (await ask(origin)).json()) as { token: string };
      expect((await launch(token)).status).toBe(200);
    } finally {
      host.kill();
      await ended;
    }
  });

  it('says that a person has left, and then nothing of theirs is kept', () => {
    const file = folder.write('leave.mjs', snippet(GUIDE, '// leave.mjs'));
    const options = { env: environment(), encoding: 'utf8' } as const;
    const say = (): string => execFileSync(process.execPath, [file, 'u-17'], options).trim();
    expect(say()).toMatch(/^200 \{"departure":"[\w-]+","total":0,"left":0\}$/);
    expect(say()).toBe('200 {"departure":null,"total":0,"left":0}');
  });

  it('shows for helmet the very lines that a browser test runs', () => {
    const plain = (text: string): string => text.replace(/\s+/g, '').replace(/;$/, '');
    const run = readFileSync('test/support/host-page.ts', 'utf8');
    expect(plain(run)).toContain(plain(snippet(GUIDE, 'helmet({')));
  });
});
