import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { freePort, KEY, loopback, openFolder, type Started, start } from '../cli/command-line.js';

vi.setConfig({ testTimeout: 120_000 });

const FOLDER = 'deploy/systemd';
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const SERVICES = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

/** What systemd makes of a unit: each setting's values, in their order. Throws at a line that is none. */
const parseUnit = (text: string): ReadonlyMap<string, readonly string[]> => {
  const settings = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    if (/^(?:[#;].*|\[\w+\])?$/.test(line)) continue;
    const [, key, value = ''] = /^([A-Z][A-Za-z]*)=(.*)$/.exec(line) ?? [];
    if (key === undefined) throw new Error(`systemd ignores “${line}”`);
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
};

/** The folders that a unit of ProtectSystem=strict may write to. */
const writable = (unit: string): readonly string[] => {
  const settings = parseUnit(unit);
  expect(settings.get('ProtectSystem')).toEqual(['strict']);
  const listed = (key: string): readonly string[] =>
    (settings.get(key) ?? []).flatMap((value) => value.split(' '));
  return [
    ...listed('ReadWritePaths').map((path) => path.replace(/^[-+]+/, '')),
    ...listed('StateDirectory').map((path) => `/var/lib/${path}`),
    ...listed('CacheDirectory').map((path) => `/var/cache/${path}`),
    ...listed('LogsDirectory').map((path) => `/var/log/${path}`),
    ...listed('RuntimeDirectory').map((path) => `/run/${path}`),
  ];
};

const isWritable = (unit: string, folder: string): boolean =>
  writable(unit).some((each) => folder === each || folder.startsWith(`${each}/`));

const operations = readFileSync('docs/operations.md', 'utf8');
const DATABASE = /database: sqlite:(\/\S+)\/[^/`]+`/.exec(operations)?.[1] ?? '';
const SOCKET = /listen: \{ socket: (\/\S+)\/[^/]+\.sock/.exec(operations)?.[1] ?? '';
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

const BACKUPS = '/var/lib/oriel/backups';

/** As docs/upgrading.md asks for. */
const uncommented = (unit: string, word: string): string => {
  const commented = unit.split('\n').filter((line) => line.startsWith('#') && line.includes(word));
  expect(commented).toHaveLength(1);
  return unit.replace(commented[0] ?? '', (line) => line.slice(1));
};

describe('The units of systemd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-units-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(SERVICES)('let %s write where its work is', (name) => {
    expect([DATABASE, SOCKET]).toEqual(['/var/lib/oriel', '/run/oriel']);
    const unit = read(name);
    expect(isWritable(unit, DATABASE)).toBe(true);
    for (const working of parseUnit(unit).get('WorkingDirectory') ?? [])
      expect(isWritable(unit, working)).toBe(true);
    if (name === 'oriel.service') expect(isWritable(unit, SOCKET)).toBe(true);
    if (name === 'oriel-backup.service') expect(isWritable(unit, BACKUPS)).toBe(true);
  });

  it('have a step off the machine that can be uncommented', () => {
    const unit = read('oriel-backup.service');
    const steps = parseUnit(uncommented(unit, 'rclone')).get('ExecStart') ?? [];
    expect(steps).toHaveLength((parseUnit(unit).get('ExecStart')?.length ?? 0) + 1);
    expect(steps.at(-1)).toMatch(/^\/usr\/bin\/rclone copy /);
  });

  it.for(SERVICES)('are taken by systemd: %s', (name, { skip }) => {
    if (!hasSystemd) skip('there is no systemd here');
    const verify = (unit: string): string => {
      const file = join(folder, name);
      // Neither the package nor rclone need be on this machine.
      writeFileSync(file, unit.replaceAll(/^ExecStart=\S+/gm, 'ExecStart=/bin/true'));
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      return stderr
        .split('\n')
        .filter((line) => line.includes(name))
        .join('\n');
    };
    const unit = read(name);
    expect(verify(unit)).toBe('');
    if (unit.includes('rclone')) expect(verify(uncommented(unit, 'rclone'))).toBe('');
  });
});

/** Whether this user can have mounts of its own. */
const canMount = spawnSync('unshare', ['-m', 'mount', '--bind', tmpdir(), tmpdir()]).status === 0;

describe('A backup by its unit', () => {
  const folder = openFolder();
  const running: Started[] = [];
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  });
  afterAll(() => folder.remove());

  /** The steps of the unit, one after another, where nothing is writable but what it says. */
  const backUp = (root: string, file: string) => {
    const unit = read('oriel-backup.service');
    const steps = (parseUnit(unit).get('ExecStart') ?? []).map((step) =>
      step
        .replaceAll('$$', '$')
        .replaceAll('%%', '%')
        .replace(
          '/usr/bin/node /opt/oriel/node_modules/oriel/dist/main.js',
          () => `"${process.execPath}" "${resolve('dist/main.js')}"`,
        ),
    );
    const mounts = [root, ...writable(unit).map((path) => join(root, path))];
    const script = [
      'set -e',
      ...mounts.map((path) => `mkdir -p "${path}"; mount --bind "${path}" "${path}"`),
      `mount -o remount,bind,ro "${root}"`,
      `cd "${join(root, BACKUPS)}"`,
      `if touch "${join(root, 'etc')}/x" 2>/dev/null; then echo "nothing is read-only" >&2; exit 9; fi`,
      ...steps,
    ].join('\n');
    return spawnSync('unshare', ['-m', 'sh', '-c', script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ORIEL_KEY: KEY, ORIEL_CONFIG: file },
    });
  };

  it.for(['beside a running server', 'while none runs'])('is made and proven %s', async (when, { skip }) => {
    if (!canMount) skip('this user cannot have mounts of its own');
    const root = join(folder.path, when.replaceAll(' ', '-'));
    for (const path of ['etc', DATABASE, BACKUPS]) mkdirSync(join(root, path), { recursive: true });
    const file = join(root, 'etc', 'oriel.yaml');
    const data = { ...loopback(await freePort()), database: `sqlite:${join(root, DATABASE)}/oriel.db` };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(data));
    const server = start(['serve', '--config', file], { cwd: root, env: { ORIEL_KEY: KEY } });
    running.push(server);
    await server.saying('"msg":"ready"');
    if (when === 'while none runs') {
      server.child.kill('SIGTERM');
      await server.ended;
    }
    const { status, stdout, stderr } = backUp(root, file);
    expect(status, stdout + stderr).toBe(0);
    expect(readdirSync(join(root, BACKUPS))).toEqual([
      expect.stringMatching(/^oriel-\d{4}-\d\d-\d\dT\d{4}\.backup$/),
    ]);
  });
});
