import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Endpoint } from '../../../../src/hosts/snippets/snippet-facts.js';
import { freePort } from '../../../cli/command-line.js';
import { RUNNERS } from './languages.js';

/** A token endpoint at work, as a host's developer would have pasted it. */
export interface RunningEndpoint {
  ask(init?: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly cookie?: string | null;
  }): Promise<Response>;
  close(): Promise<void>;
}

/** Puts a snippet beside a small server in its language, and starts that. */
export const running = async (
  endpoint: Endpoint,
  variables: Readonly<Record<string, string>>,
  origin: string,
): Promise<RunningEndpoint> => {
  const runner = RUNNERS[endpoint.language];
  const folder = mkdtempSync(join(tmpdir(), 'snippet-'));
  const file = endpoint.language === 'go' ? join('orieltoken', endpoint.file) : endpoint.file;
  for (const [name, content] of Object.entries({ ...runner.files, [file]: endpoint.code })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const port = await freePort();
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GOFLAGS: '-mod=mod', GO111MODULE: 'on', PORT: String(port), ...variables };
  const options = { cwd: folder, env } as const;
  for (const [command = '', ...args] of runner.before)
    execFileSync(command, args, { ...options, stdio: 'pipe' });
  const [command = '', ...args] = runner.serve.map((word) => word.replace('PORT', String(port)));
  const child = spawn(command, args, options);
  let said = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  await new Promise<void>((ready, failed) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/serving|started/.test(said)) ready();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', failed);
    void ended.then(() => failed(new Error(said)));
  });
  return {
    ask: ({ method = 'POST', headers = {}, cookie = 'session=1' } = {}) =>
      fetch(`http://127.0.0.1:${port}/`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          Origin: origin,
          ...(cookie && { Cookie: cookie }),
          ...headers,
        },
        ...(method === 'POST' ? { body: '{"gadget":"example","params":{}}' } : {}),
      }),
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
