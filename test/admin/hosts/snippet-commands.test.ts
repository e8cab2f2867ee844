import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';

const folder = openFolder();
let file: string;
beforeAll(async () => {
  await folder.makeDatabase();
  file = folder.write('oriel.yaml', { ...loopback(3000), database: `sqlite:${folder.path}/oriel.db` });
});
afterAll(() => folder.remove());

const snippet = (...args: string[]) =>
  commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY } })(
    'host',
    'snippet',
    'gocd',
    '--config',
    file,
    ...args,
  );

describe('oriel host snippet', () => {
  it('prints what a host’s page and server need, without any secret', async () => {
    const { code, out, err } = await snippet('--language', 'go', '--param', 'project=a"b');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('<oriel-gadget host="gocd"');
    expect(out).toContain('project="a&quot;b"');
    expect(out).toContain('package orieltoken');
    expect(out).toContain('frame-src http://127.0.0.1:3000');
    expect(out).not.toContain('canary');
  });

  it('prints all of it for programs, the six languages too', async () => {
    const { out } = await snippet('--json', '--gadget', 'mingle-cards');
    const { endpoints, gadget, missing } = JSON.parse(out);
    expect(gadget.id).toBe('mingle-cards');
    expect(missing).toEqual([]);
    expect(endpoints.map(({ language }: { language: string }) => language)).toEqual([
      'node',
      'python',
      'ruby',
      'java',
      'php',
      'go',
    ]);
    expect(out).not.toContain('canary');
  });

  it('says what it cannot do', async () => {
    for (const [args, said] of [
      [['--gadget', 'none'], 'There is no such gadget'],
      [['--language', 'cobol'], 'node, python'],
      [['--param', 'nonsense'], 'NAME=VALUE'],
    ] as const) {
      const { code, out, err } = await snippet(...args);
      expect(code).toBe(1);
      expect(out + err).toContain(said);
    }
  });
});
