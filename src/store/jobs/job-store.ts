/** A job that was taken: for a while no other process takes it. */
export interface TakenJob {
  readonly name: string;
  /** What was said when it was asked for; JSON. */
  readonly data: unknown;
  /** Tells this turn of it from any other. */
  readonly turn: string;
}

/** When a job is to be done again. */
export interface NextTurn {
  /** Milliseconds from now on. */
  readonly after: number;
  /** What `work` is given then; JSON. */
  readonly data: unknown;
}

/** A job that is waited for or under way. */
export interface PendingJob {
  readonly data: unknown;
  readonly isTaken: boolean;
}

/** For so long a job that was taken or renewed belongs to who did so, ms. After that its process is taken to be gone. */
export const LEASE = 10_000;

/** What the processes of a database do for all of them: each job exists once, and is done by one of them at a time. */
export interface JobStore {
  /** Makes what it needs in the database, where it is not there; any number of processes may do so at once. */
  prepare(): Promise<void>;
  /** Asks for a job. Where it is waited for or under way already, nothing changes. */
  ask(name: string, next: NextTurn): Promise<void>;
  /** A job that is due and that no one has, now ours; null where there is none. */
  take(): Promise<TakenJob | null>;
  /** Keeps a job that is under way from being given to another. Null when it was. */
  renew(job: TakenJob): Promise<TakenJob | null>;
  /** The turn is over: the job is gone, or waits for the next one. Does nothing when it was given to another process in the meantime. */
  finish(job: TakenJob, next: NextTurn | null): Promise<void>;
  /** Null where it is not asked for. */
  find(name: string): Promise<PendingJob | null>;
  /** Ends what the store itself does now and then. Nothing may be asked of it any more. */
  close(): Promise<void>;
}
