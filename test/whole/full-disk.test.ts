import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { start } from '../cli/command-line.js';
import { commandsIn } from '../cli/in-process.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

vi.setConfig({ testTimeout: 60_000 });

/** A disk of its own, small enough to be filled; null where this process may not mount one. */
const mountDisk = (): string | null => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0755', 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
};

const disk = mountDisk();
afterAll(() => {
  if (disk === null) return;
  execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true });
});
const on = (name: string): string => join(disk ?? '', name);
const FILLER = 'filler';

/** Fills the disk to its last block. */
const fill = (): void => {
  const file = openSync(on(FILLER), 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
};
const makeRoom = (): void => {
  const file = openSync(on(FILLER), 'r+');
  ftruncateSync(file);
  closeSync(file);
};

// The title says why where it is not run.
describe.skipIf(disk === null)('On a disk that is full (needs the right to mount one)', () => {
  let whole: Whole;
  let frame: ReturnType<typeof httpFrame>;
  let bearer: string;
  /** Of a frame that has asked the provider for nothing yet. */
  let unasked: string;

  const launch = async (sub: string, more: Readonly<Record<string, string>> = {}) =>
    frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token(sub), more));
  const ask = (path: string, by = bearer) =>
    fetch(`${whole.gadgetOrigin}${path}`, { headers: { authorization: `Bearer ${by}` } });
  const readiness = async (): Promise<number> => (await ask('/readyz')).status;
  const run = (...args: readonly string[]) =>
    commandsIn({ cwd: whole.folder })(...args, '--config', 'oriel-0.yaml');

  beforeEach(async () => {
    for (const name of [FILLER, 'oriel.db', 'oriel.db-wal', 'oriel.db-shm'])
      rmSync(on(name), { force: true });
    whole = await startWhole({ config: { database: `sqlite:${on('oriel.db')}`, renderBudget: 10_000 } });
    frame = httpFrame(whole);
    ({ bearer } = frameData((await launch('ann')).text));
    unasked = frameData((await launch('ann', { 'p.sort': 'Name ASC' })).text).bearer;
    expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
    expect(frameData((await launch('ann')).text).state).toBe('content');
    fill();
  });
  afterEach(() => whole.close());

  it('a server refuses what it cannot save, goes on showing what it can, says so once, and recovers by itself', async () => {
    const { tokenRequests } = await whole.tell({ expire: 'ann' });
    for (const sub of ['ann', 'bob', 'ann']) {
      const { status, headers, text } = await launch(sub);
      expect([status, headers['retry-after']]).toEqual([503, '10']);
      expect(text).toContain('This service can’t reach its data right now.');
      expect(text).toContain('database_unavailable');
      expect(text).toContain(String(headers['x-request-id']));
      expect(text).not.toMatch(/SQLITE|oriel\.db/);
    }
    const red = await ask('/readyz');
    expect([red.status, red.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await red.json()).toEqual({
      status: 'not ready',
      version: expect.any(String),
      code: 'database_full',
    });
    expect((await ask('/healthz')).status).toBe(200);
    const content = await ask('/frame/content');
    expect([content.status, content.headers.get('x-oriel-state')]).toEqual([200, 'content']);
    // The token has run out, and no other is asked for that could not be saved.
    const refused = await ask('/frame/content', unasked);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refused.json()).toMatchObject({ code: 'database_unavailable' });
    expect((await whole.tell({})).tokenRequests).toBe(tokenRequests);

    makeRoom();
    await expect.poll(readiness, { timeout: 20_000 }).toBe(200);
    expect((await ask('/frame/content', unasked)).headers.get('x-oriel-state')).toBe('content');
    expect(frameData((await launch('ann')).text).state).toBe('content');
    expect((await whole.tell({})).tokenRequests).toBe(tokenRequests + 1);
    const lines = (await whole.stop())
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): Record<string, unknown> => JSON.parse(line));
    const eventsOf = (name: string) => lines.filter(({ event }) => event === name);
    expect(eventsOf('database-unavailable')).toMatchObject([{ code: 'database_full' }]);
    expect(eventsOf('database-recovered')).toHaveLength(1);
    expect(eventsOf('bug')).toEqual([]);
  });

  it('commands say in one sentence what is full, and leave nothing behind', async () => {
    const full = `The disk of the database ${on('oriel.db')} is full. Make room; a server that is running goes on by itself.\n`;
    expect(await run('admin', 'invite')).toEqual({ code: 1, out: '', err: full });
    for (const [command, file] of [
      [['backup'], on('oriel.backup')],
      [['audit', 'export'], on('audit.jsonl')],
    ] as const) {
      const err = `The file ${file} can’t be used: the disk is full.\n`;
      const { code, out, err: said } = await run(...command, file);
      // The audit log is asked to note an export, which is full too.
      expect({ code, out, said: said.endsWith(err) || said === full }).toEqual({
        code: 1,
        out: '',
        said: true,
      });
      expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
    }
    await whole.kill(0);
    const { code, err } = await start(['serve', '-c', 'oriel-0.yaml'], { cwd: whole.folder }).ended;
    expect({ code, err }).toEqual({ code: 1, err: full });
  });

  it('a log is interrupted, and says so when there is room again', async () => {
    makeRoom();
    const built = new URL('../../dist/log.js', import.meta.url).href;
    const script = `import { openLog } from ${JSON.stringify(built)};
      const log = openLog('info');
      let n = 0;
      const long = 'x'.repeat(50_000);
      process.stdin.once('data', () => {
        setInterval(() => { if ((n += 1) === 100) console.error('a hundred'); log.info('a line', { long }); }, 10);
      });`;
    const file = openSync(on('log'), 'a');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', file, 'pipe'],
    });
    closeSync(file);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    fill();
    child.stdin?.write('start');
    // So many that some are lost.
    await expect.poll(() => said).toContain('a hundred');
    expect(said).toContain('The server goes on without it.');
    makeRoom();
    await expect
      .poll(() => readFileSync(on('log'), 'utf8'))
      .toMatch(/"event":"log-interrupted","lost":[1-9]/);
    child.kill('SIGKILL');
    await once(child, 'close');
    rmSync(on('log'));
  });
});
