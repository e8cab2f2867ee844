import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort, KEY, loopback, openFolder, start } from './command-line.js';

const folder = openFolder();
afterAll(() => folder.remove());

describe('a configuration on standard input', () => {
  it('serves, from the working folder, and is the same at a reload', async () => {
    const port = await freePort();
    mkdirSync(join(folder.path, 'own'));
    const input = stringify({ ...loopback(port), gadgets: ['./own'] });
    const server = start(['serve', '--config', '-'], { cwd: folder.path, env: { ORIEL_KEY: KEY }, input });
    await server.saying('"msg":"ready"');
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    server.child.kill('SIGHUP');
    await server.saying('"event":"configuration-reloaded"');
    await server.saying('"changed":[],"restart":[]');
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  it('is checked, and its mistakes are named by line', async () => {
    const good = start(['check', '--config', '-'], {
      cwd: folder.path,
      env: { ORIEL_KEY: KEY },
      input: stringify(loopback(3000)),
    });
    const { code, out } = await good.ended;
    expect([code, out.split('\n')[0]]).toEqual([0, '<standard input> is valid.']);
    const bad = start(['check', '--config', '-'], {
      cwd: folder.path,
      env: { ORIEL_KEY: KEY },
      input: 'gadgetOrigin: nonsense\n',
    });
    const ended = await bad.ended;
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('<standard input>:1 gadgetOrigin:');
  });

  it('is refused in one sentence where it is empty, larger than 1 MB, or named by ORIEL_CONFIG and no YAML', async () => {
    const options = { cwd: folder.path, env: { ORIEL_KEY: KEY }, input: `# ${'x'.repeat(1024 * 1024)}\n` };
    const large = await start(['check', '-c', '-'], options).ended;
    expect([large.code, large.err]).toEqual([1, expect.stringContaining('this is larger than 1 MB')]);
    const empty = await start(['check', '-c', '-'], { cwd: folder.path, env: { ORIEL_KEY: KEY }, input: '' })
      .ended;
    expect(empty.code).toBe(1);
    const env = { ORIEL_CONFIG: '-' };
    const broken = await start(['check'], { cwd: folder.path, env, input: '{' }).ended;
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('<standard input>:')]);
  });
});
