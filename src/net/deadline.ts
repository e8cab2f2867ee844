/** Wins against a request that takes longer; carries nothing of the request. */
export class Overdue extends Error {
  constructor() {
    super('The server did not answer in time');
    this.name = 'Overdue';
  }
}

/**
 * Gives up on a request after `timeLimit` milliseconds, from name to last byte: the limits of the HTTP client below count headers
 * and body apart, and close the socket that is left.
 */
export const within = async <T>(timeLimit: number, request: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue()), timeLimit);
  });
  try {
    return await Promise.race([request, overdue]);
  } finally {
    clearTimeout(timer);
  }
};

/** The time that one call has as a whole. `AbortSignal.timeout` tells the same and takes as long as all the rest of sending a request. */
export class TimeLimit {
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  /** `ms` are milliseconds from now. The timer does not keep the process alive. */
  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#end(), ms).unref();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls `stop` when the time is over, unless `off` is called with it before. */
  on(stop: () => void): void {
    this.#waiting.add(stop);
  }

  off(stop: () => void): void {
    this.#waiting.delete(stop);
  }

  /** The call ended in time: nothing waits for the timer any more. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #end(): void {
    this.#isOver = true;
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
  }
}
