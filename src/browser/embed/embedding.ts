import type { FrameMessage } from '../shared/messages.js';
import { variablesOf } from '../shared/style-variables.js';
import { effectOf, fixedHeightOf } from './attributes.js';
import { attachFrame, type GadgetFrame, heightFollower, newFrame, submitInto } from './gadget-frame.js';
import type { KnownParameters } from './known-parameters.js';
import { groundOf, localeOf, themeOf, timeZoneOf, watchTheme } from './page-environment.js';
import { surfaceOf } from './surface.js';
import type { TokenAnswer, TokenSource } from './token-source.js';
import { type Spoken, type Words, wordsFor } from './words.js';

/** Failures of the network, which may be over when it is back or when the page is visible again. */
const mayPass = (code: string): boolean =>
  code === 'offline' || code === 'token_url_unreachable' || code === 'no_answer';

/** The text for a page that has none of its own, with the code for its developers. */
const failureWords = (code: string, { offline, noAnswer, failed }: Words): string => {
  const sentence = { offline, token_url_unreachable: noAnswer }[code] ?? failed;
  return `${sentence} (${code})`;
};

/** The message in `oriel-error` for the page's developer: what went wrong, and the likely causes. */
const explain = (code: string, origin: string, host: string): string => {
  const causes: Readonly<Record<string, string>> = {
    no_answer:
      `The gadget didn’t answer within 10 seconds. Likely causes: this page’s Content-Security-Policy doesn’t allow ` +
      `${origin} in frame-src or form-action; “${host}” or this page’s origin (${location.origin}) isn’t registered ` +
      `with the gadget server; the gadget refused the launch (its frame says why); or the network is down.`,
    blocked_by_csp: `This page’s Content-Security-Policy blocked the gadget: allow ${origin} in frame-src and form-action.`,
    attributes_missing: 'The element needs the attributes host, gadget, and token-url or token.',
    token_used: 'A token works for one launch only. Set a new token, or set token-url.',
    token_url_foreign: 'token-url must be on this page’s own origin.',
    token_url_failed: 'The token-url answered with an error.',
    token_url_unreadable: 'The token-url didn’t answer with JSON {"token": …}.',
    token_url_unreachable: 'The token-url didn’t answer.',
    offline: 'This browser is offline. The gadget loads automatically when the network is back.',
  };
  return causes[code] ?? `The gadget reports: ${code.replaceAll('_', ' ')}.`;
};

const BETWEEN_AUTOMATIC = 60_000;

/** When to retry a failed launch after the browser reports to be online, ms: often the network doesn't work at once. */
const RETRIES_ONCE_ONLINE = [0, 2_000, 10_000];

const isOffline = (): boolean => navigator.onLine === false;

/** What all elements of a page share: the gadgets' origin, the queue of token requests, and the gadgets' parameters. */
export interface Page {
  readonly origin: string;
  readonly tokens: TokenSource;
  readonly known: KnownParameters;
}

/** The behavior of one element: requests tokens, launches the gadget into a new frame each time, and answers the frame's messages. */
export class Embedding {
  readonly #element: HTMLElement;
  readonly #page: Page;
  readonly #surface;
  readonly #sizes = heightFollower();
  readonly #attributes: MutationObserver;
  readonly #stopWatching: () => void;
  #frame: GadgetFrame | null = null;
  /** Counts launches: an answer for an earlier one is ignored. */
  #attempt = 0;
  #spentToken: string | null = null;
  #lastAutomatic = Number.NEGATIVE_INFINITY;
  /** Why the last launch failed; null if it didn't. */
  #failed: string | null = null;
  readonly #ended = new AbortController();
  #retries: readonly ReturnType<typeof setTimeout>[] = [];
  /** The parameters of the launch that is in progress or shown; null without one. */
  #sent: Readonly<Record<string, string>> | null = null;

  constructor(element: HTMLElement, page: Page) {
    this.#element = element;
    this.#page = page;
    this.#surface = surfaceOf(element);
    this.#attributes = new MutationObserver((records) => this.#changed(records));
    this.#attributes.observe(element, { attributes: true, attributeOldValue: true });
    this.#stopWatching = watchTheme(() => this.#sendTheme());
    const { signal } = this.#ended;
    addEventListener('online', () => this.#retryOnceOnline(), { signal });
    const shown = (): void => {
      if (document.visibilityState === 'visible') this.#retry();
    };
    document.addEventListener('visibilitychange', shown, { signal });
  }

  /** Launches from scratch, as for another person: the old frame is removed first. */
  async launch(): Promise<void> {
    this.#drop();
    const mine = this.#attempt;
    const parameters = this.#page.known.of(this.#element);
    this.#sent = parameters;
    this.#surface.replace('loading', this.#spoken());
    this.#enter('loading');
    const answer = await this.#nextToken(parameters);
    if (mine !== this.#attempt) return;
    if (answer.kind === 'token') return this.#insertFrame(answer.token, parameters);
    if (answer.kind === 'failed') return this.#giveUp(answer.code);
    this.#sent = null;
    this.#surface.replace('signed-out', this.#spoken());
    this.#enter('signed-out');
  }

  /** The element has left the document: everything stops. */
  end(): void {
    this.#drop();
    this.#attributes.disconnect();
    this.#ended.abort();
    for (const timer of this.#retries) clearTimeout(timer);
    this.#stopWatching();
  }

  #drop(): void {
    this.#attempt += 1;
    this.#frame?.end();
    this.#frame = null;
    this.#sent = null;
    this.#failed = null;
  }

  #attribute(name: string): string {
    return this.#element.getAttribute(name) ?? '';
  }

  #spoken(): Spoken {
    return wordsFor(localeOf(this.#element));
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

  /** The launch failed: from now on every change of the element may fix it. */
  #stopped(code: string): void {
    this.#sent = null;
    this.#failed = code;
    this.#fail(code);
  }

  /** As `#stopped`, with our text in place of a frame that shows nothing of ours. */
  #giveUp(failure: string): void {
    const code = isOffline() && mayPass(failure) ? 'offline' : failure;
    const spoken = this.#spoken();
    this.#surface.replace('error', spoken, failureWords(code, spoken.words));
    this.#stopped(code);
  }

  /** The network is back, or the page is visible again: retries a launch that failed without network. */
  #retry(): void {
    if (this.#failed !== null && mayPass(this.#failed)) void this.launch();
  }

  /** A launch that is in progress when the network comes back may still fail, so one retry is not enough. */
  #retryOnceOnline(): void {
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries = RETRIES_ONCE_ONLINE.map((pause) => setTimeout(() => this.#retry(), pause));
  }

  #sendTheme(): void {
    const theme = themeOf(this.#element);
    const ground = groundOf(this.#element, theme);
    this.#frame?.setLook(theme, ground);
    this.#frame?.send({ type: 'theme', theme, ground, variables: variablesOf(this.#element) });
  }

  async #nextToken(params: Readonly<Record<string, string>>): Promise<TokenAnswer> {
    const [host, gadget, given, url] = ['host', 'gadget', 'token', 'token-url'].map((name) =>
      this.#attribute(name),
    );
    if (!host || !gadget || !(given || url)) return { kind: 'failed', code: 'attributes_missing' };
    if (given && given !== this.#spentToken) {
      this.#spentToken = given;
      return { kind: 'token', token: given };
    }
    if (!url) return { kind: 'failed', code: 'token_used' };
    return this.#page.tokens({ url, gadget, params });
  }

  #insertFrame(token: string, parameters: Readonly<Record<string, string>>): void {
    const element = this.#element;
    const frame = newFrame(this.#title());
    this.#surface.insert(frame);
    const attached = attachFrame(frame, this.#page.origin, {
      heard: (message) => this.#heard(message),
      loaded: () => this.#surface.reveal(),
      silent: () => (isOffline() ? this.#giveUp('no_answer') : this.#stopped('no_answer')),
      blocked: () => this.#stopped('blocked_by_csp'),
    });
    this.#frame = attached;
    attached.setHeight(this.#height());
    const theme = themeOf(element);
    attached.setLook(theme, groundOf(element, theme));
    submitInto(frame, {
      origin: this.#page.origin,
      host: this.#attribute('host'),
      gadget: this.#attribute('gadget'),
      token,
      parameters,
      theme,
      locale: localeOf(element),
      timeZone: timeZoneOf(element),
    });
  }

  #heard(message: FrameMessage): void {
    this.#failed = null;
    if (message.type === 'hello') {
      this.#surface.reveal();
      this.#sendTheme();
    } else if (message.type === 'state') this.#stateChanged(message.state);
    else if (message.type === 'parameters') this.#learn(message.names);
    else if (message.type === 'resize') this.#resize(message.height);
    else if (message.type === 'renew') void this.#renew(message.id);
    else if (message.type === 'relaunch') this.#relaunch(message.asked);
    else this.#fail(message.code);
  }

  /** Launches again if a parameter was missing in this launch or had another value; other attributes don't matter. */
  #learn(names: readonly string[]): void {
    const { known } = this.#page;
    known.learn(this.#element, names);
    const wanted = known.of(this.#element);
    const sent = this.#sent;
    if (sent === null) return;
    if (names.some((name) => wanted[name] !== sent[name])) void this.launch();
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

  /** A token attribute works for one launch, so only a `token-url` allows an automatic relaunch. */
  #relaunch(asked: boolean): void {
    if (this.#attribute('token-url') === '') return;
    const now = Date.now();
    if (!asked && now - this.#lastAutomatic < BETWEEN_AUTOMATIC) return;
    if (!asked) this.#lastAutomatic = now;
    void this.launch();
  }

  async #renew(id: string): Promise<void> {
    const mine = this.#attempt;
    const answer = await this.#nextToken(this.#page.known.of(this.#element));
    if (mine !== this.#attempt) return;
    if (answer.kind === 'token') this.#frame?.send({ type: 'token', id, token: answer.token });
    else if (answer.kind === 'signed-out') this.#frame?.send({ type: 'signed-out', id });
    else this.#frame?.send({ type: 'token-error', id, code: answer.code });
  }

  /** If it is not known yet whether an attribute is a parameter, the launch in progress will tell. */
  #effectOf(name: string): ReturnType<typeof effectOf> {
    this.#page.known.warn(this.#element, name);
    const isTaken = this.#page.known.has(this.#element, name);
    return (isTaken ?? this.#sent === null) ? 'launch' : effectOf(name);
  }

  #changed(records: readonly MutationRecord[]): void {
    const effects = records
      .filter(({ attributeName, oldValue }) => this.#element.getAttribute(attributeName ?? '') !== oldValue)
      .map(({ attributeName }) => this.#effectOf(attributeName ?? ''));
    if (effects.includes('launch')) return void this.launch();
    if (!effects.includes('notify')) return;
    this.#frame?.setTitle(this.#title());
    this.#frame?.setHeight(this.#height());
    this.#sendTheme();
  }
}
