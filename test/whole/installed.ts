import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The program of a package that npm installed in this folder, as `npx oriel` starts it. Its environment holds nothing but what is given. */
export const startInstalled = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) => {
  const child = spawn(join(folder, 'node_modules/.bin/oriel'), args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((done) => {
    child.on('close', (code) => done(code));
  });
  return {
    /** The first whole line with these words. */
    line: (words = ''): Promise<string> =>
      new Promise((found, missed) => {
        const look = (): void => {
          const line = out
            .split('\n')
            .slice(0, -1)
            .find((each) => each.includes(words));
          if (line !== undefined) found(line);
        };
        child.stdout.on('data', look);
        look();
        void ended.then(() => missed(new Error(`it ended without “${words}”: ${out}${err}`)));
      }),
    /** Asks it to end, and resolves with its exit code. */
    end(): Promise<number | null> {
      child.kill('SIGTERM');
      return ended;
    },
  };
};
