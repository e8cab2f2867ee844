import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Loaded into a server before anything of its own: it writes what its memory holds, without what is garbage, whenever it is asked to. */
const PRELOADED = `
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const at = (name) => new URL(name, import.meta.url);
setInterval(() => {
  if (!existsSync(at('./wanted'))) return;
  rmSync(at('./wanted'));
  // What the first one finalizes, the second one frees.
  gc();
  gc();
  writeFileSync(at('./heap.next'), JSON.stringify(process.memoryUsage()));
  renameSync(at('./heap.next'), at('./heap'));
}, 50).unref();
`;

/** The memory of a server that is started with `env`. */
export class MeasuredHeap {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(join(folder, 'heap.mjs'), PRELOADED);
  }

  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${join(this.#folder, 'heap.mjs')}` };
  }

  /** What is in use after what is garbage was collected, bytes: objects, and buffers beside them. */
  async used(): Promise<{ readonly heap: number; readonly buffers: number; readonly resident: number }> {
    const answer = join(this.#folder, 'heap');
    rmSync(answer, { force: true });
    writeFileSync(join(this.#folder, 'wanted'), '');
    while (!existsSync(answer)) await pause(20);
    const { heapUsed, external, rss } = JSON.parse(readFileSync(answer, 'utf8')) as NodeJS.MemoryUsage;
    return { heap: heapUsed, buffers: external, resident: rss };
  }
}
