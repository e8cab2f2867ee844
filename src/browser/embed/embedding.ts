import type { FrameMessage } from '../shared/messages.js';
import { effectOf, fixedHeightOf, parametersOf } from './attributes.js';
import { explain } from './failures.js';
import { type HeldFrame, holdFrame } from './held-frame.js';
import { newFrame, submitInto } from './launch.js';
import { heightFollower } from './sizing.js';
import { surfaceOf } from './surface.js';
import { localeOf, themeOf, timeZoneOf, watchTheme } from './surroundings.js';
import type { TokenAnswer, TokenSource } from './token-source.js';

const BETWEEN_AUTOMATIC = 60_000;

/** What the whole page shares: where the gadgets come from, and the queue of token questions. */
export interface Page {
  readonly origin: string;
  readonly tokens: TokenSource;
}

/** An element at work: asks for tokens, launches the gadget into frame after frame, and answers the frame's messages. */
export class Embedding {
  readonly #element: HTMLElement;
  readonly #page: Page;
  readonly #surface;
  readonly #sizes = heightFollower();
  readonly #attributes: MutationObserver;
  readonly #stopWatching: () => void;
  #frame: HeldFrame | null = null;
  /** Counts launches: an answer that belongs to an earlier one comes too late. */
  #attempt = 0;
  #spentToken: string | null = null;
  #lastAutomatic = Number.NEGATIVE_INFINITY;

  constructor(element: HTMLElement, page: Page) {
    this.#element = element;
    this.#page = page;
    this.#surface = surfaceOf(element);
    this.#attributes = new MutationObserver((records) => this.#changed(records));
    this.#attributes.observe(element, { attributes: true, attributeOldValue: true });
    this.#stopWatching = watchTheme(() => this.#sendTheme());
  }

  /** Launches anew, as for another person: the old frame goes first. */
  async launch(): Promise<void> {
    this.#drop();
    const mine = this.#attempt;
    this.#surface.replace('loading');
    this.#enter('loading');
    const answer = await this.#nextToken();
    if (mine !== this.#attempt) return;
    if (answer.kind === 'token') return this.#begin(answer.token);
    this.#surface.replace(answer.kind === 'signed-out' ? 'signed-out' : 'error');
    if (answer.kind === 'signed-out') this.#enter('signed-out');
    else this.#fail(answer.code);
  }

  /** The element has left the document: nothing of it goes on. */
  end(): void {
    this.#drop();
    this.#attributes.disconnect();
    this.#stopWatching();
  }

  #drop(): void {
    this.#attempt += 1;
    this.#frame?.end();
    this.#frame = null;
  }

  #attribute(name: string): string {
    return this.#element.getAttribute(name) ?? '';
  }

  #title(): string {
    return this.#attribute('title') || this.#attribute('gadget');
  }

  #height(): number {
    return fixedHeightOf(this.#element) ?? this.#sizes.current;
  }

  #tell(name: string, detail: Readonly<Record<string, unknown>>): void {
    this.#element.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }

  #enter(state: string): void {
    this.#element.dataset.orielState = state;
    this.#tell('oriel-state', { state });
  }

  #fail(code: string): void {
    this.#tell('oriel-error', { code, message: explain(code, this.#page.origin, this.#attribute('host')) });
  }

  #sendTheme(): void {
    this.#frame?.send({ type: 'theme', theme: themeOf(this.#element) });
  }

  async #nextToken(): Promise<TokenAnswer> {
    const [host, gadget, given, url] = ['host', 'gadget', 'token', 'token-url'].map((name) =>
      this.#attribute(name),
    );
    if (!host || !gadget || !(given || url)) return { kind: 'failed', code: 'attributes_missing' };
    if (given && given !== this.#spentToken) {
      this.#spentToken = given;
      return { kind: 'token', token: given };
    }
    if (!url) return { kind: 'failed', code: 'token_used' };
    return this.#page.tokens({ url, gadget, params: parametersOf(this.#element) });
  }

  #begin(token: string): void {
    const element = this.#element;
    const frame = newFrame(this.#title());
    this.#surface.insert(frame);
    const held = holdFrame(frame, this.#page.origin, {
      heard: (message) => this.#heard(message),
      loaded: () => this.#surface.reveal(),
      silent: () => this.#fail('no_answer'),
      blocked: () => this.#fail('blocked_by_csp'),
    });
    this.#frame = held;
    held.setHeight(this.#height());
    submitInto(frame, {
      origin: this.#page.origin,
      host: this.#attribute('host'),
      gadget: this.#attribute('gadget'),
      token,
      parameters: parametersOf(element),
      theme: themeOf(element),
      locale: localeOf(element),
      timeZone: timeZoneOf(element),
    });
  }

  #heard(message: FrameMessage): void {
    if (message.type === 'hello') {
      this.#surface.reveal();
      this.#sendTheme();
    } else if (message.type === 'state') this.#stateChanged(message.state);
    else if (message.type === 'resize') this.#resize(message.height);
    else if (message.type === 'renew') void this.#renew(message.id);
    else if (message.type === 'relaunch') this.#relaunch(message.asked);
    else this.#fail(message.code);
  }

  #stateChanged(state: string): void {
    this.#sizes.settle();
    if (state === 'signed-out' && this.#surface.has('signed-out')) this.#surface.cover('signed-out');
    else this.#surface.reveal();
    this.#enter(state);
  }

  #resize(reported: number): void {
    if (fixedHeightOf(this.#element) !== null) return;
    const height = this.#sizes.follow(reported);
    if (height === null) return;
    this.#frame?.setHeight(height);
    this.#tell('oriel-resize', { height });
  }

  /** A token that was given serves one launch, so only a `token-url` can bring the frame back by itself. */
  #relaunch(asked: boolean): void {
    if (this.#attribute('token-url') === '') return;
    const now = Date.now();
    if (!asked && now - this.#lastAutomatic < BETWEEN_AUTOMATIC) return;
    if (!asked) this.#lastAutomatic = now;
    void this.launch();
  }

  async #renew(id: string): Promise<void> {
    const mine = this.#attempt;
    const answer = await this.#nextToken();
    if (mine !== this.#attempt) return;
    if (answer.kind === 'token') this.#frame?.send({ type: 'token', id, token: answer.token });
    else if (answer.kind === 'signed-out') this.#frame?.send({ type: 'signed-out', id });
    else this.#frame?.send({ type: 'token-error', id, code: answer.code });
  }

  #changed(records: readonly MutationRecord[]): void {
    const effects = records
      .filter(({ attributeName, oldValue }) => this.#element.getAttribute(attributeName ?? '') !== oldValue)
      .map(({ attributeName }) => effectOf(attributeName ?? ''));
    if (effects.includes('launch')) return void this.launch();
    if (!effects.includes('tell')) return;
    this.#frame?.setTitle(this.#title());
    this.#frame?.setHeight(this.#height());
    this.#sendTheme();
  }
}
