import type { ServerResponse } from 'node:http';
import type { Frame } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disconnectOwnConnection } from '../../src/connect/ending/disconnect.js';
import type { Connection } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import { originsOf } from '../../src/providers/provider.js';
import { FrameImages, IMAGE_LIMITS } from '../../src/render/frame-images.js';
import { ImageAddresses } from '../../src/render/image-addresses.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { mingle } from '../connect/connect-setup.js';
import { request } from '../support/a-gadget.js';
import { connectIn } from '../support/connect-in.js';
import { exampleGadget, fragment } from '../support/gadget-server.js';
import { neverMisplaced } from '../support/misplaced.js';
import { pngOf } from '../upstream/image-samples.js';
import { type StubServer, stubServer } from '../upstream/stub-server.js';
import { openGadget } from '../views/support/try-gadget.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

const KEY = { id: 'k', key: new Secret('k'.repeat(43)) };

const show = openGadget({
  'view.njk': `{% from "oriel" import list, row, avatar, person, image %}
{% call list() %}
{% for each in answers.people.data %}{{ row(title=each.name, lead=avatar(each.name, image=each.picture), meta=[person(each.name, image=each.picture), "Reviewer"]) }}{% endfor %}
{% endcall %}
<p class="before">{{ image(answers.badge.data, "Build passed", width=240, height=120) }} beside</p>
{{ answers.text.data | markdown }}
<p class="after">after</p>`,
});

let setup: BrowserSetup;
let provider: StubServer;
let pictures: StubServer;
let upstream: Upstream;
let connection: Connection;
/** While true, pictures are held back. */
let isHeld = false;
let held: ServerResponse[] = [];

beforeEach(async () => {
  [provider, pictures] = [await stubServer(), await stubServer()];
  [isHeld, held] = [false, []];
  // Whose token it is fetched with is seen by its width.
  provider.answers(({ headers, url }, response) => {
    if (url?.includes('svg')) return void response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    if (isHeld) held.push(response);
    else response.end(pngOf(100 + (headers.authorization ?? '').length, 50));
  });
  pictures.answers((_, response) => response.end(pngOf(64, 64)));
  const record = { ...mingle, api: `${provider.origin}/api`, allowAddresses: ['127.0.0.0/8'] };
  const gadget = {
    ...exampleGadget,
    requests: [request('people', { provider: 'mingle' })],
    images: ['{provider}', new URL(pictures.origin).host],
  };
  setup = await setUpBrowser({ gadgets: [gadget], providers: [record] });
  const { clock, directory: served, stores } = setup.oriel.ports;
  const directory = {
    host: (id: string) => served.host(id),
    gadget: (id: string) => served.gadget(id),
    provider: () => record,
  };
  upstream = new Upstream({
    ...{ clock, userAgent: 'test', maxStaleMs: () => 0, misplaced: neverMisplaced },
    ...{ meter: { called: () => {}, answered: () => {} }, journal: { warn: () => {} } },
  });
  const addresses = new ImageAddresses(directory, () => [KEY], IMAGE_LIMITS.named);
  setup.oriel.showImages(
    new FrameImages(
      {
        ...{ addresses, clock, directory, upstream, caches: upstream.caches },
        connections: stores.connections,
        access: {
          async fresh(viewer) {
            const found = await stores.connections.find(viewer, 'mingle');
            if (found === null) return { kind: 'none' };
            const token = new Secret(`of-${viewer.sub}`);
            return { kind: 'access', access: { connection: found, token, origins: originsOf(record) } };
          },
        },
      },
      IMAGE_LIMITS,
    ),
  );
  connection = await connectIn(setup.oriel, 'ann');
  setup.oriel.render(async ({ viewer }) => {
    const found = await stores.connections.find(viewer, 'mingle');
    if (found?.status !== 'active')
      return fragment('<h1>Connect</h1>', { state: 'connect', fetchedAt: null });
    const data = {
      people: [
        { name: 'Ann Archer', picture: '/api/ann.png' },
        { name: 'Bob Baker', picture: `${pictures.origin}/bob.png` },
        { name: 'Cyd Cole', picture: '/api/cyd.svg' },
        { name: 'Dee Dunn', picture: 'https://elsewhere.example/dee.png' },
      ],
      badge: '/api/badge.png',
      text: `![A chart](${pictures.origin}/chart.png) in words`,
    };
    const sources = [{ provider: 'mingle', api: '', connection: found }];
    const own = served.gadget('example') ?? gadget;
    return fragment(show(data, {}, addresses.namerFor(own, sources) ?? undefined));
  });
});
afterEach(async () => {
  await setup.close();
  await upstream.close();
  await provider.close();
  await pictures.close();
});

const frameOf = (visit: Visit): Frame => {
  const [, frame] = visit.page.frames();
  if (frame === undefined) throw new Error('there is no frame');
  return frame;
};
const opened = async (): Promise<Visit> => {
  const visit = await setup.visit();
  await visit.gadget().locator('.after').waitFor();
  await visit.settled();
  return visit;
};
const drawn = (visit: Visit, selector: string): Promise<unknown> =>
  frameOf(visit).evaluate(
    `Array.from(document.querySelectorAll(${JSON.stringify(selector)}), (each) => each.naturalWidth)`,
  );

describe('Pictures in a frame', () => {
  it('come with the bearer of the frame, each viewer’s with their own token, and no other server is asked by the browser', async () => {
    const asked = new Set<string>();
    const visit = await setup.visit({}, async (page) => {
      page.on('request', (each) => void asked.add(new URL(each.url()).origin));
    });
    await visit.gadget().locator('.oriel-image img').nth(1).waitFor();
    expect(await drawn(visit, '.oriel-lead img')).toEqual([100 + 'Bearer of-ann'.length, 64]);
    expect(await drawn(visit, '.oriel-image img')).toEqual([113, 64]);
    const own = [setup.host.origin, setup.oriel.gadgetOrigin];
    expect([...asked].filter((origin) => origin !== 'null' && !own.includes(origin))).toEqual([]);
    expect(provider.requests.map(({ url }) => url).toSorted()).toEqual([
      '/api/ann.png',
      '/api/badge.png',
      '/api/cyd.svg',
    ]);
  });

  it('leave initials and words where there is none', async () => {
    const visit = await opened();
    await visit.gadget().locator('.oriel-image img').nth(1).waitFor();
    await expect.poll(() => provider.requests.length).toBe(3);
    expect(await visit.gadget().locator('.oriel-row:nth-child(3) .oriel-avatar img').count()).toBe(0);
    expect(await visit.gadget().locator('.oriel-row:nth-child(3) .oriel-lead').textContent()).toBe('CC');
    expect(await visit.gadget().locator('.oriel-row:nth-child(4) .oriel-lead').textContent()).toBe('DD');
    expect(JSON.stringify(setup.oriel.lines)).toContain('"image":"image-svg"');
    expect(JSON.stringify(setup.oriel.lines)).not.toContain('cyd.svg');
  });

  it('move nothing when they come', async () => {
    isHeld = true;
    const visit = await opened();
    const frame = frameOf(visit);
    const boxes = (): Promise<unknown> =>
      frame.evaluate(
        `Array.from(document.querySelectorAll('.oriel-content *:not(img)'), (each) => { const { x, y, width, height } = each.getBoundingClientRect(); return [x, y, width, height].join(); }).join(' ')`,
      );
    await frame.evaluate(`window.shifts = [];
      new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shifts.push(each.value); }).observe({ type: 'layout-shift' });`);
    await expect.poll(() => held.length).toBe(2);
    const before = await boxes();
    for (const response of held) response.end(pngOf(300, 900));
    await visit.gadget().locator('.oriel-row:first-child .oriel-lead img').waitFor();
    await visit.gadget().locator('.oriel-image img').first().waitFor();
    await frame.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await boxes()).toBe(before);
    expect(await frame.evaluate('window.shifts.reduce((sum, each) => sum + each, 0)')).toBe(0);
  });

  it('go with what they belong to when the Connection ends', async () => {
    const visit = await opened();
    await visit.gadget().locator('.oriel-image img').nth(1).waitFor();
    const frame = frameOf(visit);
    const src = (await frame.evaluate(`document.querySelector('.oriel-lead img').src`)) as string;
    expect(src).toMatch(new RegExp(`^blob:${setup.oriel.gadgetOrigin}/`));
    await disconnectOwnConnection(setup.oriel.ports, connection.viewer, connection.id);
    await visit.gadget().getByText('Connect').first().waitFor();
    const stays = await frame.evaluate(
      `new Promise((done) => { const image = new Image(); image.onload = () => done(true); image.onerror = () => done(false); image.src = ${JSON.stringify(src)}; })`,
    );
    expect(stays).toBe(false);
  });

  it('are nothing to anyone without the bearer', async () => {
    const visit = await opened();
    const address = (await frameOf(visit).evaluate(
      `document.querySelector('[data-oriel-image]').dataset.orielImage`,
    )) as string;
    const answer = await fetch(`${setup.oriel.gadgetOrigin}${address}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  });
});
