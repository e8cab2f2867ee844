import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, KEY, openFolder, type Started, start } from '../cli/command-line.js';
import { snippet } from './markdown.js';
import { shell } from './shell.js';

const GUIDE = 'docs/operations.md';
const folder = openFolder();
let oriel: Started;
beforeAll(async () => {
  const port = await freePort();
  const origins = { gadgetOrigin: `http://127.0.0.1:${port}`, siteOrigin: `http://localhost:${port}` };
  folder.write('oriel.yaml', { ...origins, listen: { port }, keys: [KEY] });
  folder.write('wiki.yaml', {
    name: 'Wiki',
    authorizationEndpoint: 'https://wiki.example.com/authorize',
    tokenEndpoint: 'https://wiki.example.com/token',
    api: 'https://wiki.example.com/api',
    client: { id: 'oriel', secret: '$' + '{WIKI_SECRET}' },
  });
  oriel = start(['serve'], { cwd: folder.path });
  await oriel.saying('"msg":"ready"');
});
afterAll(() => folder.remove());

describe('The commands in the guide to operations', () => {
  it('make, change, show and remove a provider', { timeout: 60_000 }, () => {
    const said = shell(snippet(GUIDE, 'oriel provider add wiki'), folder.path, {
      WIKI_SECRET: 'a-secret-of-the-wiki',
    });
    expect(said).toContain('version 2');
    expect(said).toContain('ending in wiki');
    expect(said).not.toContain('a-secret-of-the-wiki');
  });

  it('back up beside a running server, and restore once it has stopped', { timeout: 60_000 }, async () => {
    const made = shell(snippet(GUIDE, 'oriel backup oriel.backup'), folder.path);
    expect(made).toContain('Checked: the backup of');
    const restoring = snippet(GUIDE, 'oriel restore oriel.backup --replace');
    expect(() => shell(restoring, folder.path)).toThrow(/A server is running/);
    oriel.child.kill('SIGTERM');
    await oriel.ended;
    expect(shell(restoring, folder.path)).toContain('The audit log is intact');
  });

  it('export an audit log that can be checked without Oriel, as the guide says', () => {
    const [, fields = ''] = /^\[(.+)\]$/m.exec(snippet(GUIDE, '[previous, seq')) ?? [];
    const names = fields.split(', ');
    let previous = '';
    const lines = shell('oriel audit export -', folder.path).trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const entry = JSON.parse(line);
      const covered = (name: string): unknown =>
        name === 'previous'
          ? previous
          : name === 'JSON.stringify(changes)'
            ? JSON.stringify(entry.changes)
            : // The guide: a time is covered as epoch milliseconds.
              name === 'at'
              ? Date.parse(entry.at)
              : name.split('.').reduce((value, key) => value[key], entry);
      previous = createHash('sha256')
        .update(JSON.stringify(names.map(covered)))
        .digest('base64url');
      expect(entry.hash).toBe(previous);
    }
  });

  it('check the audit log against a head that was kept', () => {
    const head = /Head: (\S+)/.exec(shell('oriel audit verify', folder.path))?.[1] ?? '';
    const asked = snippet(GUIDE, 'oriel audit verify --head').replace('4bZx…', head);
    expect(shell(asked, folder.path)).toContain('The audit log is intact');
  });
});
