import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider } from './provider.js';
import { type Server, startServer } from './server.js';
import { makeSetting, type Setting } from './setting.js';

/** What every part of the bench is given. */
export class Bench {
  readonly root: string;
  readonly provider: Provider;
  readonly #only: string;

  constructor(root: string, provider: Provider, only: string) {
    this.root = root;
    this.provider = provider;
    this.#only = only;
  }

  /** Whether this promise is to be measured: all are, or those whose name holds a word. */
  isWanted = (name: string): boolean => name.includes(this.#only);

  /** Starts Oriel as in production, with this file or the setting's own, and these flags of Node. */
  start(setting: Setting, config = setting.config, flags: readonly string[] = []): Promise<Server> {
    return this.startAt(setting.gadgetOrigin, config, flags);
  }

  /** Starts Oriel with a file that has it listen at this origin. */
  startAt(origin: string, config: string, flags: readonly string[] = []): Promise<Server> {
    const main = join(this.root, 'dist', 'main.js');
    return startServer(main, ['serve', '--config', config], {}, `${origin}/readyz`, flags);
  }

  /** Works with a setting of its own, whose folder is removed afterwards. */
  async within<T>(work: (setting: Setting) => Promise<T>, database?: string): Promise<T> {
    const setting = await makeSetting(this.root, this.provider.url, database);
    try {
      return await work(setting);
    } finally {
      rmSync(setting.folder, { recursive: true, force: true });
    }
  }
}
