import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectPath } from './site/files.js';

interface Ready {
  readonly ready: boolean;
  readonly host: string;
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly administration: string;
  readonly people: readonly { readonly name: string; readonly password: string }[];
}

describe('npm run demo', () => {
  let folder: string;
  const started: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-demo-test-'));
  });
  afterEach(async () => {
    for (const demo of started.splice(0)) {
      if (demo.exitCode !== null) continue;
      demo.kill('SIGTERM');
      await once(demo, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the demo on free ports with a temporary folder of its own, and collects what it prints. */
  const start = (...args: readonly string[]) => {
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
  };
  const ready = async ({ demo, printed }: ReturnType<typeof start>): Promise<Ready> => {
    while (!printed.out.includes('\n')) {
      await Promise.race([once(demo.stdout, 'data'), once(demo, 'exit')]);
      if (demo.exitCode !== null) throw new Error(printed.err);
    }
    return JSON.parse(printed.out);
  };

  it('prints one line of JSON when GoCD, Mingle and Oriel all answer, and a signal ends them without a trace', async () => {
    const running = start('--json');
    const { host, gadgetOrigin, siteOrigin, administration, people } = await ready(running);
    const invited = await fetch(`${siteOrigin}/admin/setup`, {
      method: 'POST',
      headers: { Origin: siteOrigin, 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams({ token: new URL(administration).hash.slice(1) }),
    });
    expect(await invited.text()).toContain('Create your administrator account');
    expect(people).toContainEqual({ name: 'ann', password: 'ann' });
    expect(new URL(gadgetOrigin).hostname).toBe('127.0.0.1');
    expect(new URL(siteOrigin).hostname).toBe('localhost');
    expect((await fetch(`${gadgetOrigin}/readyz`)).status).toBe(200);
    expect((await fetch(`${gadgetOrigin}/embed.js`)).status).toBe(200);
    const page = await fetch(host, { redirect: 'manual' });
    expect(page.headers.get('location')).toContain(`return=${encodeURIComponent(new URL(host).pathname)}`);

    running.demo.kill('SIGTERM');
    const [code] = await once(running.demo, 'exit');
    expect(code).toBe(0);
    expect(running.printed.out.split('\n')).toHaveLength(2);
    expect(readdirSync(folder)).toEqual([]);
    for (const address of [host, gadgetOrigin]) await expect(fetch(address)).rejects.toThrow();
  });

  it('can only be reached from this machine', async () => {
    const { host, gadgetOrigin } = await ready(start('--json'));
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      for (const { port } of [new URL(host), new URL(gadgetOrigin)]) {
        const signal = AbortSignal.timeout(3000);
        await expect(fetch(`http://${address}:${port}/`, { signal })).rejects.toThrow();
      }
    }
  });

  it('keeps its state where an option says, with secrets for the owner only, and goes on from there', async () => {
    const kept = join(folder, 'kept');
    const first = start('--json', '--keep', kept);
    await ready(first);
    first.demo.kill('SIGINT');
    await once(first.demo, 'exit');
    expect(readdirSync(kept)).toEqual(
      expect.arrayContaining(['mingle.json', 'oriel.db', 'oriel.yaml', 'secrets.json']),
    );
    await ready(start('--json', '--keep', kept));
  });

  it('starts Mingle alone for an Oriel of one’s own, without a client', async () => {
    const running = start('--json', '--mingle');
    await ready(running);
    const { mingle } = JSON.parse(running.printed.out) as { mingle: string };
    expect((await fetch(`${mingle}/oauth/clients`, { redirect: 'manual' })).status).toBe(302);
    running.demo.kill('SIGTERM');
    expect((await once(running.demo, 'exit'))[0]).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('explains an option that it does not know', async () => {
    const { demo, printed } = start('--prot-base');
    expect((await once(demo, 'exit'))[0]).toBe(2);
    expect(printed.err).toContain("Unknown option '--prot-base'");
    expect(printed.err).toContain('Usage: npm run demo');
  });
});
