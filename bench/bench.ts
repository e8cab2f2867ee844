import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Server, startServer } from './server.js';
import { makeSetting, type Setting } from './setting.js';

/** What every part of the bench is given. */
export class Bench {
  readonly root: string;
  /** The origin of the provider that is asked. */
  readonly provider: string;
  readonly #only: string;

  constructor(root: string, provider: string, only: string) {
    this.root = root;
    this.provider = provider;
    this.#only = only;
  }

  /** Whether this promise is to be measured: all are, or those whose name holds a word. */
  isWanted = (name: string): boolean => name.includes(this.#only);

  /** Starts Oriel as in production, with this file or the setting's own. */
  start(setting: Setting, config = setting.config, execArgv: readonly string[] = []): Promise<Server> {
    const main = join(this.root, 'dist', 'main.js');
    return startServer(main, ['serve', '--config', config], {}, `${setting.gadgetOrigin}/readyz`, execArgv);
  }

  /** Works with a setting of its own, whose folder is removed afterwards. */
  async within<T>(work: (setting: Setting) => Promise<T>, database?: string): Promise<T> {
    const setting = await makeSetting(this.root, this.provider, database);
    try {
      return await work(setting);
    } finally {
      rmSync(setting.folder, { recursive: true, force: true });
    }
  }
}
