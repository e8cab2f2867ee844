import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, frameData, HttpBrowser, httpFrame, redirectOf } from '../support/http-viewer.js';
import type { Random } from './random.js';
import { canaryOf } from './rotating-provider.js';
import type { TestCluster } from './test-cluster.js';

/** What everyone met together, by what it was. */
export class Seen {
  readonly states = new Map<string, number>();
  /** Answers that held what another person may see: this must stay empty. */
  readonly foreign: string[] = [];
  /** The longest that an answer took, ms. */
  slowest = 0;

  count(what: string): void {
    this.states.set(what, (this.states.get(what) ?? 0) + 1);
  }
}

const CANARY = /canary-(\w+)-only/g;

/** One person with a frame, who looks again and again whatever happens. */
export class Person {
  readonly name: string;
  /** They disconnected, and were not seen to be connected again. */
  hasLeft = false;
  readonly #cluster: TestCluster;
  readonly #random: Random;
  readonly #seen: Seen;
  readonly #frame: ReturnType<typeof httpFrame>;
  #bearer = '';

  constructor(name: string, cluster: TestCluster, random: Random, seen: Seen) {
    this.name = name;
    this.#cluster = cluster;
    this.#random = random;
    this.#seen = seen;
    this.#frame = httpFrame(cluster, new HttpBrowser());
  }

  async launch(): Promise<void> {
    const token = await this.#cluster.token(this.name);
    const form = { token, 'p.n': String(this.#random.below(3)) };
    const answer = await this.#timed(() => this.#frame.launch('page', 'mine', form));
    if (answer.status !== 200) return this.#seen.count(`launch ${answer.status}`);
    this.#bearer = frameData(answer.text).bearer;
  }

  /** Consents, and returns what became of it. */
  async connect(): Promise<string> {
    return this.#frame.connect(this.#bearer, 'strict', async (address, browser) => {
      const authorize = new URL(address);
      authorize.searchParams.set('as', this.name);
      return redirectOf(await browser.send(authorize.href), address);
    });
  }

  /** Looks once: the state that is shown. */
  async look(): Promise<string> {
    const answer = await this.#timed(() => this.#frame.content(this.#bearer));
    const state = answer.status === 200 ? String(answer.headers['x-oriel-state']) : String(answer.status);
    this.#seen.count(state);
    if (state === 'content' && !answer.text.includes(canaryOf(this.name)))
      this.#seen.foreign.push(`${this.name}: content without their own: ${answer.text.slice(0, 300)}`);
    return state;
  }

  /** Looks, launches and disconnects at random until it is over. */
  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      try {
        const what = this.#random.next();
        if (this.#bearer === '' || what < 0.1) await this.launch();
        else if (what < 0.13) await this.#startAgain();
        // A page with several frames: their servers want the same token refreshed at the same moment.
        else {
          const states = await Promise.all(
            Array.from({ length: 1 + this.#random.below(4) }, () => this.look()),
          );
          // Anyone who is asked to connect does so after a while, or no one would be connected in the end.
          const isAsked = states.some((state) => state === 'connect' || state === 'reconnect');
          if (isAsked && this.#random.next() < 0.2) await this.#connectAgain();
        }
      } catch (error) {
        // A server was killed in the middle, or refused for the moment.
        this.#seen.count(error instanceof Error ? `failed: ${error.message.slice(0, 40)}` : 'failed');
      }
      await pause(this.#random.below(120));
    }
  }

  /** What is shown once all is calm again. */
  async settled(): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.launch();
        for (let looks = 0; looks < 100; looks += 1) {
          const state = await this.look();
          if (state === 'content' || state === 'reconnect' || state === 'connect') return state;
          await pause(100);
        }
      } catch (error) {
        if (attempt === 20) throw error;
      }
      if (attempt === 20) return 'nothing';
      await pause(200);
    }
  }

  async #startAgain(): Promise<void> {
    this.hasLeft = true;
    await this.#frame.call(this.#bearer, '/frame/disconnect', { provider: 'strict' });
    this.#seen.count('disconnected');
    await this.#connectAgain();
  }

  async #connectAgain(): Promise<void> {
    const became = await this.connect();
    if (became === 'active') this.hasLeft = false;
    this.#seen.count(`connected: ${became}`);
  }

  async #timed(ask: () => Promise<Answer>): Promise<Answer> {
    const before = performance.now();
    const answer = await ask();
    this.#seen.slowest = Math.max(this.#seen.slowest, performance.now() - before);
    for (const [, person] of answer.text.matchAll(CANARY))
      if (person !== this.name) this.#seen.foreign.push(`${this.name} was shown ${person}`);
    return answer;
  }
}
