import { createHash, hash, randomBytes } from 'node:crypto';
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

/** The operating system's randomness. */
export const systemEntropy: Entropy = {
  id: () => {
    // An id may be typed at a command line, where a hyphen begins an option.
    for (;;) {
      const id = randomBytes(16).toString('base64url');
      if (!id.startsWith('-')) return id;
    }
  },
  secret: () => new Secret(randomBytes(32).toString('base64url')),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

/** SHA-256; the one-shot function, where Node has it, costs a third of a hash object. */
export const systemDigest: Digest = {
  sha256:
    typeof hash === 'function'
      ? (content) => hash('sha256', content, 'base64url')
      : (content) => createHash('sha256').update(content).digest('base64url'),
};
