import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 90_000,
    restoreMocks: true,
    // A worker reads the program once, not once for each of three hundred files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // A browser or a database on a busy machine answers later than the second that is the default.
    expect: { poll: { timeout: 10_000 } },
    // A file may start a browser, a database and several servers of its own, and mostly waits for these: one more than there are cores keeps them busy.
    maxWorkers: availableParallelism() + 1,
  },
});
