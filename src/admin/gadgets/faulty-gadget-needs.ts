import type { Instance } from '../../store/instance-store.js';
import type { Attention } from '../overview/attention.js';

/** Gadgets with mistakes, by what is wrong: servers may have different files. */
export const faultyGadgetNeeds = (instances: readonly Instance[]): readonly Attention[] => {
  const found = new Map(
    instances.flatMap(({ gadgets }) => gadgets.map((each) => [JSON.stringify(each), each] as const)),
  );
  return [...found.values()].map(({ id, isServed, problem }) => ({
    kind: isServed ? 'warning' : 'bad',
    code: 'gadget_faulty',
    message: isServed
      ? `The gadget ${id} has mistakes, so its last version without mistakes is still served. ${problem}`
      : `The gadget ${id} has mistakes and is left out: no one can see it. ${problem}`,
    fix: 'Correct it (`oriel gadget check` shows where), and reload.',
    to: { kind: 'server' },
    since: null,
  }));
};
