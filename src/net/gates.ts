interface Gate {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets at most so many calls of one name run at once; the others wait in the order they came. */
export class Gates {
  readonly #limit: number;
  readonly #gates = new Map<string, Gate>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` when there is room. Rejects with the signal's reason when it is aborted while waiting. */
  async through<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(name, signal);
    try {
      return await work();
    } finally {
      this.#leave(name);
    }
  }

  async #enter(name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const gate = this.#gates.get(name) ?? { running: 0, waiting: [] };
    this.#gates.set(name, gate);
    if (gate.running < this.#limit) {
      gate.running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = (): void => {
        gate.waiting.splice(gate.waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', give, { once: true });
      gate.waiting.push(enter);
    });
  }

  /** Whoever waits longest takes the place that was left, so the count stays. */
  #leave(name: string): void {
    const gate = this.#gates.get(name);
    if (gate === undefined) return;
    const next = gate.waiting.shift();
    if (next === undefined) gate.running -= 1;
    else next();
    if (gate.running === 0) this.#gates.delete(name);
  }
}
