import { afterEach, describe, expect, it } from 'vitest';
import type { Provider, ProviderDraft } from '../../src/providers/provider.js';
import { ServedDirectory } from '../../src/server/served-directory.js';
import { github } from '../connect/connect-setup.js';
import { TestClock } from '../support/test-clock.js';

/** No retry waits longer, ms. */
const LONGEST_PAUSE = 5 * 60_000;

type Found = Provider | { readonly failure: string };

const draft = (id: string): ProviderDraft => ({
  kind: 'discover',
  issuer: `https://${id}.example`,
  draft: { ...github, id },
});

const content = (providers: readonly { readonly value: ProviderDraft; readonly stamp: string }[]) => ({
  hosts: [],
  providers,
  leaving: [],
});

/** A directory whose sleeps end when the test says so, and whose discoveries answer as it says. */
const setUp = (answer: (asked: number) => Found | Promise<Found>) => {
  let asked = 0;
  const clock = new TestClock('waits');
  const complete = async () => {
    asked += 1;
    return answer(asked);
  };
  const journal = { note: () => undefined, warn: () => undefined };
  const directory = new ServedDirectory({ gadgets: [], clock, journal, discovery: { complete } });
  return {
    directory,
    take: (content: Parameters<ServedDirectory['take']>[0]) => directory.take(content),
    asked: () => asked,
    wake: async (): Promise<void> => {
      clock.pass(LONGEST_PAUSE);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

describe('The directory', () => {
  const made: ReturnType<typeof setUp>[] = [];
  const open = (answer: Parameters<typeof setUp>[0]) => {
    const opened = setUp(answer);
    made.push(opened);
    return opened;
  };
  afterEach(() => {
    for (const { directory } of made.splice(0)) directory.stop();
  });

  it('asks for metadata once for as long as a record does not change, and again when it does', async () => {
    const { directory, take, asked } = open((n) => ({ ...github, name: `Answer ${n}` }));
    await take(content([{ value: draft('github'), stamp: 'a' }]));
    const first = directory.provider('github');
    await take(content([{ value: draft('github'), stamp: 'a' }]));
    expect([asked(), directory.provider('github')]).toEqual([1, first]);
    expect(directory.provider('github')).toBe(first);
    await take(content([{ value: draft('github'), stamp: 'b' }]));
    expect([asked(), directory.provider('github')?.name]).toEqual([2, 'Answer 2']);
  });

  it('serves the previous record while new metadata is read, and stops if it cannot be read', async () => {
    let tell: (found: Found) => void = () => undefined;
    const { directory, take } = open((n) =>
      n === 1
        ? github
        : new Promise<Found>((resolve) => {
            tell = resolve;
          }),
    );
    await take(content([{ value: draft('github'), stamp: 'a' }]));
    const taken = take(content([{ value: draft('github'), stamp: 'b' }]));
    expect(directory.provider('github')).toBe(github);
    tell({ failure: 'unreachable' });
    await taken;
    expect(directory.provider('github')).toBeUndefined();
  });

  it('retries in the background until it gets an answer, but not for what was removed', async () => {
    const { directory, take, asked, wake } = open((n) => (n < 3 ? { failure: 'unreachable' } : github));
    await take(content([{ value: draft('github'), stamp: 'a' }]));
    expect(directory.provider('github')).toBeUndefined();
    await wake();
    expect([asked(), directory.provider('github')]).toEqual([2, undefined]);
    await wake();
    expect([asked(), directory.provider('github')]).toEqual([3, github]);
    await wake();
    expect(asked()).toBe(3);
  });

  it('calls a provider by its name also while its metadata cannot be read, and by its id where none is known', async () => {
    const { directory, take } = open(() => ({ failure: 'unreachable' }));
    await take(content([{ value: draft('tracker'), stamp: 'a' }]));
    expect([directory.provider('tracker'), directory.providerName('tracker')]).toEqual([undefined, 'GitHub']);
    expect(directory.providerName('nowhere')).toBe('nowhere');
  });

  it('ignores an answer for what was removed in the meantime', async () => {
    const { directory, take, asked, wake } = open(() => ({ failure: 'unreachable' }));
    await take(content([{ value: draft('github'), stamp: 'a' }]));
    await take(content([]));
    await wake();
    expect([asked(), directory.provider('github')]).toEqual([1, undefined]);
  });
});
