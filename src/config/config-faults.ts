import type { Fault } from '../domain/fault.js';

const place = ({ file, line, column, path }: Fault): string => {
  const at = [file, line, line === null ? null : column].filter(
    (each) => each !== null && each !== undefined,
  );
  return [at.join(':'), path].filter(Boolean).join(' ');
};

const block = (fault: Fault): string =>
  [
    `${place(fault)}: ${fault.problem}.`,
    ...(fault.excerpt ?? []),
    `    expected: ${fault.expected}.`,
    ...(fault.example === null ? [] : [`    example:  ${fault.example}`]),
  ].join('\n');

/** Faults as an administrator reads them: where, what is wrong, what was expected, an example. */
export const describeFaults = (faults: readonly Fault[]): string => faults.map(block).join('\n');

/** The one error `readConfig` throws. It carries every fault that was found, in the file's order. */
export class ConfigFaults extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(describeFaults(faults));
    this.name = 'ConfigFaults';
    this.faults = faults;
  }
}
