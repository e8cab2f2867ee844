import { AppError } from '../domain/errors.js';

/** Why the database cannot be used, as a closed set; `database_` before it is the code that operators see. */
export type DatabaseFault =
  /** Nothing stands where “oriel serve” would make it. */
  | 'not_made'
  | 'missing'
  | 'foreign'
  | 'damaged'
  | 'older'
  | 'newer'
  | 'read_only'
  | 'forbidden'
  | 'locked'
  | 'full'
  | 'unreachable'
  /** Its certificate is not trusted, or it has none. */
  | 'untrusted'
  /** Too many changes of the same rows met. */
  | 'contended'
  | 'failing';

/**
 * The database cannot be used at the moment. Anyone who asked for something reads that it is on our side and passes; `reason` says for the
 * administrator which database it is, what is wrong and what to do, in our words and without its password.
 */
export class DatabaseTrouble extends AppError {
  readonly fault: DatabaseFault;

  constructor(fault: DatabaseFault, reason: string, cause?: unknown) {
    super('database_unavailable', {}, reason);
    this.name = 'DatabaseTrouble';
    this.fault = fault;
    this.cause = cause;
  }

  /** Stable name of the cause: in the log, at `/readyz` and in what commands print. */
  get faultCode(): string {
    return `database_${this.fault}`;
  }
}
