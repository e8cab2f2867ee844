import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectPath } from './site/files.js';

interface Ready {
  readonly ready: boolean;
  readonly host: string;
  readonly pages: Readonly<Record<'gocd' | 'mingle' | 'portal', string>>;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly administration: string;
  readonly people: readonly { readonly name: string; readonly password: string }[];
}

type Printing = ReturnType<ReturnType<typeof openDemos>['start']>;

/** A temporary folder, and the demos that are started with it. */
const openDemos = () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-demo-test-'));
  const started: ChildProcess[] = [];
  return {
    folder,
    /** Starts the demo on free ports, and collects what it prints. */
    start(...args: readonly string[]) {
      const demo = spawn(
        process.execPath,
        [projectPath('dist', 'demo', 'main.js'), '--port-base', '0', ...args],
        {
          env: { ...process.env, TMPDIR: folder },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      started.push(demo);
      const printed = { out: '', err: '' };
      demo.stdout.on('data', (data) => {
        printed.out += data;
      });
      demo.stderr.on('data', (data) => {
        printed.err += data;
      });
      return { demo, printed };
    },
    async close(): Promise<void> {
      for (const demo of started.splice(0)) {
        if (demo.exitCode !== null) continue;
        demo.kill('SIGTERM');
        await once(demo, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const ready = async ({ demo, printed }: Printing): Promise<Ready> => {
  while (!printed.out.includes('\n')) {
    await Promise.race([once(demo.stdout, 'data'), once(demo, 'exit')]);
    if (demo.exitCode !== null) throw new Error(printed.err);
  }
  return JSON.parse(printed.out);
};

describe('npm run demo', () => {
  let demos: ReturnType<typeof openDemos>;
  let running: Printing;
  let shown: Ready;
  beforeAll(async () => {
    demos = openDemos();
    running = demos.start('--json');
    shown = await ready(running);
  });
  afterAll(() => demos.close());

  it('can only be reached from this machine', async () => {
    const { pages, gadgetOrigin } = shown;
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      for (const { port } of [...Object.values(pages), gadgetOrigin].map((page) => new URL(page))) {
        const signal = AbortSignal.timeout(3000);
        await expect(fetch(`http://${address}:${port}/`, { signal })).rejects.toThrow();
      }
    }
  });

  it('prints one line of JSON when the three applications and Oriel all answer, and a signal ends them without a trace', async () => {
    const { host, pages, gadgetOrigin, siteOrigin, administration, people } = shown;
    const invited = await fetch(`${siteOrigin}/admin/setup`, {
      method: 'POST',
      headers: { Origin: siteOrigin, 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams({ token: new URL(administration).hash.slice(1) }),
    });
    expect(await invited.text()).toContain('Create your administrator account');
    for (const name of ['ann', 'dana']) expect(people).toContainEqual({ name, password: name });
    expect(new URL(gadgetOrigin).hostname).toBe('127.0.0.1');
    expect(new URL(siteOrigin).hostname).toBe('localhost');
    expect((await fetch(`${gadgetOrigin}/readyz`)).status).toBe(200);
    expect((await fetch(`${gadgetOrigin}/embed.js`)).status).toBe(200);
    expect(pages.gocd).toBe(host);
    for (const framing of [pages.gocd, pages.mingle]) {
      const page = await fetch(framing, { redirect: 'manual' });
      const back = encodeURIComponent(new URL(framing).pathname);
      expect(page.headers.get('location')).toContain(`return=${back}`);
    }
    expect(await (await fetch(pages.portal)).text()).toContain('Sign in');

    running.demo.kill('SIGTERM');
    const [code] = await once(running.demo, 'exit');
    expect(code).toBe(0);
    expect(running.printed.out.split('\n')).toHaveLength(2);
    expect(readdirSync(demos.folder)).toEqual([]);
    for (const address of [...Object.values(pages), gadgetOrigin])
      await expect(fetch(address)).rejects.toThrow();
  });
});

describe('npm run demo, with an option or none,', () => {
  let demos: ReturnType<typeof openDemos>;
  beforeEach(() => {
    demos = openDemos();
  });
  afterEach(() => demos.close());

  it('keeps its state where an option says, with secrets for the owner only, and goes on from there', async () => {
    const kept = join(demos.folder, 'kept');
    const first = demos.start('--json', '--keep', kept);
    await ready(first);
    first.demo.kill('SIGINT');
    await once(first.demo, 'exit');
    expect(readdirSync(kept)).toEqual(
      expect.arrayContaining(['gocd.json', 'mingle.json', 'oriel.db', 'oriel.yaml', 'secrets.json']),
    );
    const secrets = readFileSync(join(kept, 'secrets.json'), 'utf8');
    await ready(demos.start('--json', '--keep', kept));
    expect(readFileSync(join(kept, 'secrets.json'), 'utf8')).toBe(secrets);
  });

  it('says in three lines what to look at, and what each person may see', async () => {
    const { demo, printed } = demos.start();
    while (!printed.out.includes('Ctrl-C')) await once(demo.stdout, 'data');
    expect(printed.out).toMatch(
      /GoCD shows Mingle's cards +http\S+\n +Mingle shows GoCD's pipelines +http\S+\n +A portal shows both +http\S+\n/,
    );
    for (const name of ['ann', 'bob', 'admin', 'dana'])
      expect(printed.out).toMatch(new RegExp(`^ +${name} +in Mingle`, 'm'));
  });

  it('starts Mingle alone for an Oriel of one’s own, without a client', async () => {
    const running = demos.start('--json', '--mingle');
    await ready(running);
    const { mingle } = JSON.parse(running.printed.out) as { mingle: string };
    expect((await fetch(`${mingle}/oauth/clients`, { redirect: 'manual' })).status).toBe(302);
    running.demo.kill('SIGTERM');
    expect((await once(running.demo, 'exit'))[0]).toBe(0);
    expect(readdirSync(demos.folder)).toEqual([]);
  });

  it('explains an option that it does not know', async () => {
    const { demo, printed } = demos.start('--prot-base');
    expect((await once(demo, 'exit'))[0]).toBe(2);
    expect(printed.err).toContain("Unknown option '--prot-base'");
    expect(printed.err).toContain('Usage: oriel demo');
  });
});
