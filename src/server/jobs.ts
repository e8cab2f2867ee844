import { Waker } from '../domain/system.js';
import { type JobStore, LEASE, type NextTurn, type TakenJob } from '../store/jobs/job-store.js';
import { RepeatedTask, type TaskDeps, upkeepFailed } from './repeated-task.js';

/** Something that the processes of a database do once for all of them. It may be done again by another process after one was killed in the middle. */
export interface Job {
  readonly name: string;
  /** How long after its end it is done again, ms; null for one that is done when someone asks for it. */
  readonly every: number | null;
  /** A turn of it. What it gives is the data of the next turn, which follows at once: so a long job is done in short turns. */
  work(data: unknown): Promise<unknown>;
}

/** How often a process looks for jobs that are due, ms: at most one and a half times as long passes in between. */
const LOOK = 1000;
/** How often a process says that it still has a job, ms: several times before anyone takes it to be gone. */
const RENEWAL = LEASE / 4;
/** After a turn that failed, ms; a recurring job waits for its usual time. */
const AGAIN = 10_000;
/** One that this version does not know is left to the version that asked for it, ms. */
const UNKNOWN = 30_000;

/** A job that this process is doing. */
interface Turn {
  /** Null once another process has it. */
  held: TakenJob | null;
  readonly done: Promise<void>;
}

/** Takes what is due and does it, in turns with every other process of the database. */
export class JobRunner {
  readonly #jobs: ReadonlyMap<string, Job>;
  readonly #store: JobStore;
  readonly #deps: TaskDeps;
  readonly #turns = new Map<string, Turn>();
  readonly #looking: RepeatedTask;
  #isAsked = false;
  #isStopped = false;

  constructor(jobs: readonly Job[], store: JobStore, deps: TaskDeps) {
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    this.#store = store;
    this.#deps = deps;
    this.#looking = new RepeatedTask(LOOK, () => this.#look(), deps);
  }

  /** Takes no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking.stop();
    await Promise.all([...this.#turns.values()].map(({ done }) => done));
  }

  async #look(): Promise<void> {
    if (!this.#isAsked) await this.#askForRecurring();
    while (!this.#isStopped) {
      const taken = await this.#store.take();
      if (taken === null) return;
      const own = this.#turns.get(taken.name);
      // It was too busy to renew it in time, and no one else has come to it.
      if (own !== undefined) own.held = taken;
      else this.#start(taken);
    }
  }

  #start(taken: TakenJob): void {
    const { name } = taken;
    const turn: Turn = { held: taken, done: Promise.resolve().then(() => this.#do(taken, turn)) };
    this.#turns.set(name, turn);
  }

  async #do(taken: TakenJob, turn: Turn): Promise<void> {
    const renewing = this.#keep(turn);
    const next = await this.#nextAfter(taken);
    await renewing.stop();
    try {
      if (turn.held !== null) await this.#store.finish(turn.held, next);
    } catch (error) {
      upkeepFailed(this.#deps.journal, error);
    }
    this.#turns.delete(taken.name);
  }

  /** Renews the job until it is stopped. What fails is tried again in time, or another process does the job. */
  #keep(turn: Turn): { stop(): Promise<void> } {
    const { clock, journal } = this.#deps;
    let isOver = false;
    let waker = new Waker();
    const renew = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(RENEWAL, waker);
        if (isOver) return;
        waker = new Waker();
        const { held } = turn;
        // Another process has it, or this one is about to have it again.
        if (held === null) continue;
        try {
          const renewed = await this.#store.renew(held);
          // Where it was taken again in the meantime, that is the turn there is.
          if (turn.held === held) turn.held = renewed;
        } catch (error) {
          upkeepFailed(journal, error);
        }
      }
    };
    const renewing = renew();
    return {
      async stop() {
        isOver = true;
        waker.wake();
        await renewing;
      },
    };
  }

  /** Each at a moment of its own: not all of them at once, whenever a server starts. */
  async #askForRecurring(): Promise<void> {
    for (const { every, name } of this.#jobs.values()) {
      if (every === null) continue;
      const after = every * (0.5 + this.#deps.entropy.fraction());
      await this.#store.ask(name, { after, data: null });
    }
    this.#isAsked = true;
  }

  async #nextAfter({ name, data }: TakenJob): Promise<NextTurn | null> {
    const job = this.#jobs.get(name);
    if (job === undefined) return { after: UNKNOWN, data };
    const { every } = job;
    try {
      const left = (await job.work(data)) ?? null;
      if (left !== null) return { after: 0, data: left };
      return every === null ? null : { after: every, data: null };
    } catch (error) {
      upkeepFailed(this.#deps.journal, error);
      return { after: every ?? AGAIN, data };
    }
  }
}
