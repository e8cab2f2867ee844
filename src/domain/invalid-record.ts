import { AppError } from './errors.js';
import type { Fault } from './fault.js';

/** A provider or host that cannot be saved, with every mistake there is. */
export class InvalidRecord extends AppError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const count = faults.length === 1 ? 'is one mistake' : `are ${faults.length} mistakes`;
    super('record_invalid', `This cannot be saved: there ${count}.`);
    this.name = 'InvalidRecord';
    this.faults = faults;
  }
}
