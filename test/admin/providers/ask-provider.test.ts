import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, KEY, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { startMingle } from '../../demo/mingle/start-mingle.js';

const SECRET = 'canary-client-secret-0123456789';
const CONTROL_C = '\u0003';
const CONTROL_D = '\u0004';

let folder: ReturnType<typeof openFolder>;
let config: ReturnType<typeof loopback>;
beforeEach(async () => {
  folder = openFolder();
  config = loopback(0);
  folder.write('oriel.yaml', config);
  await folder.makeDatabase();
});
afterEach(() => folder.remove());

const oriel = (...args: readonly string[]): Promise<Ended> =>
  commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY } })(...args);

/** Runs the command at a terminal of its own, and types each answer once its question is there. */
const atTerminal = (
  id: string,
  answers: readonly (readonly [question: string, typed: string])[],
): Promise<{ readonly shown: string; readonly code: number | null }> =>
  new Promise((done, fail) => {
    const command = `"${process.execPath}" "${resolve('dist/main.js')}" provider add ${id}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, TERM: 'xterm', ORIEL_KEY: KEY },
    });
    let shown = '';
    let from = 0;
    const left = [...answers];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const [question, typed] = left[0] ?? [];
      const at = question === undefined ? -1 : shown.indexOf(question, from);
      if (question === undefined || at < 0) return;
      from = at + question.length;
      left.shift();
      child.stdin.write(`${typed}${typed === CONTROL_C || typed === CONTROL_D ? '' : '\r'}`);
    });
    child.once('error', fail);
    child.once('close', (code) =>
      left.length === 0 ? done({ shown, code }) : fail(new Error(`never asked ${left[0]?.[0]}:\n${shown}`)),
    );
  });

describe('oriel provider add without options', () => {
  it('leads through the registration, asks what came of it, and never shows the secret', async () => {
    const { shown, code } = await atTerminal('github', [
      ['Name [GitHub]', ''],
      ['Client ID: ', ''],
      ['Client ID: ', 'Iv1.abc'],
      ['(not shown): ', SECRET],
      ['Scopes [repo read:org]', ''],
      ['Test it now?', 'n'],
    ]);
    expect(code).toBe(0);
    expect(shown).toContain('at https://github.com/settings/applications/new');
    expect(shown).toContain(`Redirect URI: ${config.siteOrigin}/connect/callback/github`);
    expect(shown).toContain('repo: Read your repositories, issues and pull requests');
    expect(shown).toContain('Enter the client ID from the provider.');
    expect(shown).toContain('Saved github as version 1.');
    expect(shown).not.toContain(SECRET);
    const { out } = await oriel('provider', 'show', 'github', '--json');
    const { entry } = JSON.parse(out);
    // What the preset settles stays its own.
    expect(entry).toEqual({
      preset: 'github',
      client: { id: 'Iv1.abc', secret: expect.objectContaining({ set: true, ends: SECRET.slice(-4) }) },
    });
  });

  it('lets one choose the kind, asks again for what is wrong, and tests what it saved', async () => {
    const redirectUri = `${config.siteOrigin}/connect/callback/cards`;
    const mingle = await startMingle({
      clients: [{ name: 'Oriel', id: 'oriel', secret: SECRET, redirectUri }],
    });
    try {
      const { shown, code } = await atTerminal('cards', [
        ['Kind [', 'nonsense'],
        ['Kind [', 'Mingle'],
        ['Name [', 'Cards'],
        ['Address', 'ftp://mingle.example.com'],
        ['Address', mingle.url],
        ['Client ID', 'oriel'],
        ['(not shown): ', SECRET],
        ['Scopes', ''],
        ['Test it now?', 'y'],
      ]);
      expect(shown).toContain('There is no kind called “nonsense”.');
      expect(shown).toContain('Saved cards as version 1.');
      // The machine itself is a private address, which no one allowed.
      expect(shown).toContain('✗ wrong');
      expect(code).toBe(1);
    } finally {
      await mingle.close();
    }
    const { out } = await oriel('provider', 'show', 'cards', '--json');
    expect(JSON.parse(out).entry).toMatchObject({ preset: 'mingle', name: 'Cards', url: mingle.url });
  });

  it('asks for no registration where people paste a token', async () => {
    const { shown, code } = await atTerminal('jenkins', [
      ['Name [', ''],
      ['Address: ', 'https://jenkins.example.com'],
      ['Test it now?', 'n'],
    ]);
    expect(code).toBe(0);
    expect(shown).toContain('Each person creates a token there');
    expect(shown).not.toContain('Client');
    expect(shown).not.toContain('edirect URI');
    const { out } = await oriel('provider', 'show', 'jenkins', '--json');
    expect(JSON.parse(out).entry).toMatchObject({ preset: 'jenkins', url: 'https://jenkins.example.com' });
  });

  it.each([
    ['Ctrl-C', CONTROL_C],
    ['Ctrl-D', CONTROL_D],
  ])('saves nothing when the person leaves by %s', async (_name, key) => {
    const { shown, code } = await atTerminal('github', [
      ['Name [GitHub]', ''],
      ['Client ID', key],
    ]);
    expect(shown).toContain('Nothing was saved.');
    expect(code).toBe(1);
    expect((await oriel('provider', 'list')).out).not.toContain('github');
  });

  it('asks nothing where there is one of this id, or no one who could answer', async () => {
    folder.write('github.yaml', { preset: 'github', client: { id: 'a', secret: SECRET } });
    expect((await oriel('provider', 'add', 'github', '--file', 'github.yaml')).code).toBe(0);
    const { shown, code } = await atTerminal('github', []);
    expect(shown).toContain('There is already a provider github');
    expect(code).toBe(1);
    const piped = await oriel('provider', 'add', 'jira');
    expect(piped.code).toBe(1);
    expect(piped.err).toContain('this is missing');
  });
});
