import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Loaded into a server before anything of its own: its wall clock is ahead by as many ms as the file says; timers and what is measured go
 * on as they are.
 */
const PRELOADED = `
import { readFileSync } from 'node:fs';
const RealDate = Date;
let ahead = 0;
const look = () => {
  ahead = Number(readFileSync(new URL('./ahead', import.meta.url), 'utf8'));
};
look();
setInterval(look, 50).unref();
globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + ahead);
    else super(...given);
  }
  static now() {
    return RealDate.now() + ahead;
  }
};
`;

/** The wall clock of the servers that are started with `env`, which a test can set. */
export class ShiftedClock {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.setAhead(0);
    writeFileSync(join(folder, 'clock.mjs'), PRELOADED);
  }

  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${join(this.#folder, 'clock.mjs')}` };
  }

  /** Sets it to so many seconds ahead of the machine's, or behind; they see it within a twentieth of a second. */
  setAhead(seconds: number): void {
    // Never half of it.
    writeFileSync(join(this.#folder, 'ahead.next'), String(seconds * 1000));
    renameSync(join(this.#folder, 'ahead.next'), join(this.#folder, 'ahead'));
  }
}
