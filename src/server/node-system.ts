import { createHash, hash, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Secret } from '../domain/secret.js';
import type { Clock, Digest, Entropy } from '../domain/system.js';

/** The machine's clock. A sleeping timer does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, waker) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      waker?.onWake(() => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** Random bytes, drawn in advance: one call to the operating system costs as much as many of these. What was given out is wiped here. */
class RandomBytes {
  readonly #drawn = Buffer.alloc(4096);
  #at = this.#drawn.length;

  text(bytes: number): string {
    const at = this.#next(bytes);
    const text = this.#drawn.toString('base64url', at, at + bytes);
    this.#drawn.fill(0, at, at + bytes);
    return text;
  }

  number(): number {
    return this.#drawn.readUInt32BE(this.#next(4));
  }

  #next(bytes: number): number {
    if (this.#at + bytes > this.#drawn.length) {
      randomFillSync(this.#drawn);
      this.#at = 0;
    }
    this.#at += bytes;
    return this.#at - bytes;
  }
}

const random = new RandomBytes();

/** The operating system's randomness. */
export const systemEntropy: Entropy = {
  id: () => {
    // An id may be typed at a command line, where a hyphen starts an option.
    for (;;) {
      const id = random.text(16);
      if (!id.startsWith('-')) return id;
    }
  },
  secret: () => new Secret(random.text(32)),
  fraction: () => random.number() / 2 ** 32,
};

/** SHA-256; the one-shot function, where Node has it, costs a third of a hash object. */
export const systemDigest: Digest = {
  sha256:
    typeof hash === 'function'
      ? (content) => hash('sha256', content, 'base64url')
      : (content) => createHash('sha256').update(content).digest('base64url'),
};
