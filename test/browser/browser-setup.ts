import type { Browser, BrowserContext, BrowserContextOptions, FrameLocator, Page } from 'playwright-core';
import type { ConnectMode } from '../../src/domain/flow.js';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Provider } from '../../src/providers/provider.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { exampleHost, type GadgetServer, startGadgetServer } from '../support/gadget-server.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { selfSigned } from '../support/self-signed.js';

export interface GadgetEvent {
  readonly name: 'oriel-state' | 'oriel-resize' | 'oriel-error';
  readonly id: string;
  readonly state?: string;
  readonly height?: number;
  readonly code?: string;
  readonly message?: string;
}

export const GADGET =
  '<oriel-gadget id="one" host="gocd" gadget="example" project="apollo" token-url="/oriel-token"></oriel-gadget>';

/** A host application, Oriel, and a browser. */
export interface BrowserSetup {
  readonly host: HostPage;
  readonly oriel: GadgetServer;
  /** A person who has opened the host's page; `before` prepares it. */
  visit(options?: BrowserContextOptions, before?: (page: Page) => Promise<void>): Promise<Visit>;
  close(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The inside of a gadget's frame. */
  gadget(id?: string): FrameLocator;
  /** Pixels of the frame as the page lays it out. */
  frameHeight(): Promise<number>;
  /** Sets an attribute of the gadget, as the page's own script would; null takes it away. */
  set(name: string, value: string | null): Promise<void>;
  events(): Promise<readonly GadgetEvent[]>;
  /** Resolves with the first event that fits. */
  event(name: GadgetEvent['name'], fits?: Partial<GadgetEvent>): Promise<GadgetEvent>;
  /** Resolves when the frame has reported its state to the page and heard from it: from then on both act on what happens to the other. */
  settled(id?: string): Promise<void>;
}

/** What these tests use of the DOM, whose types the server's tests do without. */
interface Box {
  readonly clientHeight: number;
}
interface Attributes {
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

const visiting = async (
  browser: Browser,
  host: HostPage,
  options: BrowserContextOptions,
  before: (page: Page) => Promise<void>,
): Promise<Visit> => {
  const context = await newPerson(browser, options);
  const page = await context.newPage();
  await before(page);
  await page.goto(host.origin);
  const events = (): Promise<readonly GadgetEvent[]> =>
    page.evaluate(() => (globalThis as unknown as { events: GadgetEvent[] }).events);
  return {
    page,
    context,
    gadget: (id = 'one') => page.locator(`#${id}`).frameLocator('iframe'),
    frameHeight: () => page.locator('#one iframe').evaluate((frame: unknown) => (frame as Box).clientHeight),
    set: (name, value) =>
      page.locator('#one').evaluate(
        (element: unknown, [attribute, text]) => {
          if (text === null) (element as Attributes).removeAttribute(attribute);
          else (element as Attributes).setAttribute(attribute, text);
        },
        [name, value] as const,
      ),
    events,
    async event(name, fits = {}) {
      const handle = await page.waitForFunction(
        ({ name, fits }) =>
          (globalThis as unknown as { events: Record<string, unknown>[] }).events.find(
            (event) =>
              event.name === name && Object.entries(fits).every(([field, value]) => event[field] === value),
          ),
        { name, fits },
      );
      return (await handle.jsonValue()) as unknown as GadgetEvent;
    },
    async settled(id = 'one') {
      await page.waitForFunction(
        (id) =>
          (globalThis as unknown as { events: GadgetEvent[] }).events.some(
            (event) => event.id === id && event.name === 'oriel-state' && event.state !== 'loading',
          ),
        id,
      );
      const heard = page.locator(`#${id}`).frameLocator('iframe').locator('html[style*="--host-ground"]');
      await heard.waitFor({ state: 'attached' });
    },
  };
};

/**
 * Starts a host page, Oriel and a browser: on loopback host and gadget are two sites (`localhost` and `127.0.0.1`); with `named` they have names and
 * TLS, as in production.
 */
export const setUpBrowser = async (
  options: {
    readonly named?: boolean;
    readonly gadgets?: readonly Gadget[];
    readonly providers?: readonly Provider[];
    readonly renderBudget?: number;
    readonly browserArguments?: readonly string[];
    readonly connectMode?: ConnectMode;
    readonly hostProviders?: readonly string[];
  } = {},
): Promise<BrowserSetup> => {
  const names = { host: 'portal.acme.test', gadget: 'gadgets.oriel.test', site: 'connect.oriel.test' };
  const certificate = options.named ? selfSigned(names.host, names.gadget, names.site) : null;
  const host = await startHostPage(certificate ? { ...certificate, name: names.host } : undefined);
  const { connectMode = 'opener' } = options;
  const connectUrl = connectMode === 'reauth' ? `${host.origin}/oriel-connect` : null;
  const oriel = await startGadgetServer({
    hosts: [
      {
        ...exampleHost([host.origin]),
        ...{ connectMode, connectUrl },
        ...(options.hostProviders && { providers: options.hostProviders }),
      },
    ],
    ...(options.gadgets ? { gadgets: options.gadgets } : {}),
    ...(options.providers ? { providers: options.providers } : {}),
    ...(options.renderBudget ? { renderBudget: options.renderBudget } : {}),
    ...(certificate ? { tls: { ...certificate, gadget: names.gadget, site: names.site } } : {}),
  });
  host.gadgetOrigin = oriel.gadgetOrigin;
  host.siteOrigin = oriel.siteOrigin;
  host.body = GADGET;
  const browser = await launchBrowser(options.browserArguments);
  return {
    host,
    oriel,
    visit: (contextOptions = {}, before = async () => {}) => visiting(browser, host, contextOptions, before),
    async close() {
      await browser.close();
      await oriel.close();
      await host.close();
    },
  };
};
