import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactRule } from '../../src/providers/facts.js';
import type { Provider } from '../../src/providers/provider.js';
import type { ImageLimits } from '../../src/render/frame-images.js';
import { pngOf } from '../upstream/image-samples.js';
import { type StubServer, stubServer } from '../upstream/stub-server.js';
import { hostOf, KEY, OLD_KEY, setUpImages } from './frame-images-setup.js';
import { ann, bob, connection, provider } from './render-setup.js';

let api: StubServer;
let pictures: StubServer;
/** Where the two are asked. */
const asked = (server: StubServer): readonly string[] =>
  server.requests.map(({ url, headers }: IncomingMessage) => `${url} ${headers.authorization ?? '-'}`);

beforeEach(async () => {
  [api, pictures] = [await stubServer(), await stubServer()];
  // Each person's own picture is as wide as their name is long.
  api.answers(({ headers }, response) =>
    response.end(
      pngOf((headers.authorization ?? 'no one').length, headers.authorization?.includes('ann') ? 1 : 2),
    ),
  );
  pictures.answers((_, response) => response.end(pngOf(7, 7)));
});
afterEach(async () => {
  await api.close();
  await pictures.close();
});

type Setup = ReturnType<typeof setUpImages>;

const change = ({ records }: Setup, more: Partial<Provider>): void => {
  const record = records.get('mingle');
  if (record !== undefined) records.set('mingle', { ...record, ...more });
};

const started = (limits: Partial<ImageLimits> = {}): Setup => {
  const setup = setUpImages({ api, pictures }, limits);
  setup.connect(ann);
  setup.connect(bob);
  return setup;
};

describe('A picture', () => {
  it('of the provider’s API is fetched with the viewer’s token, and every other one with nothing that says who asks', async () => {
    const { show } = started();
    expect(await show(ann, `${api.origin}/api/users/1.png`)).toBe('12 × 1');
    expect(await show(ann, '/outside/2.png')).toBe('6 × 2');
    expect(await show(ann, `${pictures.origin}/3.png`)).toBe('7 × 7');
    expect(asked(api)).toEqual(['/api/users/1.png Bearer ann-1', '/outside/2.png -']);
    expect(asked(pictures)).toEqual(['/3.png -']);
    const [{ headers } = { headers: {} }] = pictures.requests;
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it('of a further API of the record is fetched with the token too, where it is bound to that API', async () => {
    const setup = started();
    const [v1, all] = [`${pictures.origin}/photos/v1`, `${pictures.origin}/photos`];
    change(setup, { apis: { v1, all } });
    for (const url of [`${v1}/1.png`, `${all}/2.png`, `${pictures.origin}/3.png`])
      expect(await setup.show(ann, url)).toBe('7 × 7');
    const withToken = ['/photos/v1/1.png Bearer ann-1', '/photos/2.png Bearer ann-1'];
    expect(asked(pictures)).toEqual([...withToken, '/3.png -']);
    // The record names it only since the person agreed.
    setup.bind(api.origin);
    expect(await setup.show(ann, `${all}/4.png`)).toBe('image-no-token');
    expect(asked(pictures)).toHaveLength(3);
    expect(setup.misplaced).toEqual([]);
  });

  it('of a further API is one of `{provider}`, and no other host’s is', () => {
    const setup = started();
    const named = (url: string, ...images: readonly string[]) =>
      setup.named(ann, url, { ...setup.shown, images }) !== null;
    const photo = `${pictures.origin}/photos/1.png`;
    expect(named(photo, '{provider}')).toBe(false);
    change(setup, { apis: { photos: `${pictures.origin}/photos` } });
    expect(named(photo, '{provider}')).toBe(true);
    expect(named('https://elsewhere.example/1.png', '{provider}')).toBe(false);
    expect(named(photo, hostOf(api))).toBe(false);
  });

  it('is part of the API that is a person’s own', async () => {
    const setup = started();
    const siteRule: FactRule = {
      from: 'token',
      at: 'site',
      kind: 'id',
      title: 'Site',
      target: null,
      items: '',
      label: null,
      hosts: [],
    };
    change(setup, { apiTemplate: `${api.origin}/api/{facts.site}`, facts: { site: siteRule } });
    const site = (value: string) => ({ facts: { site: { value, label: null, among: [] } } });
    setup.connect(ann, site('one'));
    setup.connect(bob, site('two'));
    await setup.show(ann, `${api.origin}/api/one/1.png`);
    await setup.show(bob, `${api.origin}/api/one/1.png`);
    expect(asked(api)).toEqual(['/api/one/1.png Bearer ann-1', '/api/one/1.png -']);
  });

  it('is fetched once for a viewer, also by several frames at a time, and for each viewer by themselves', async () => {
    const { show } = started();
    const own = `${api.origin}/api/me.png`;
    expect(await Promise.all([show(ann, own), show(ann, own)])).toEqual(['12 × 1', '12 × 1']);
    expect(await show(ann, own)).toBe('12 × 1');
    expect(await show(bob, own)).toBe('12 × 2');
    expect(asked(api)).toEqual(['/api/me.png Bearer ann-1', '/api/me.png Bearer bob-1']);
  });

  it('is fetched again after an hour, and what could not be had after a minute', async () => {
    const { show, clock } = started();
    await show(ann, `${pictures.origin}/a.png`);
    clock.pass(59 * 60_000);
    await show(ann, `${pictures.origin}/a.png`);
    expect(asked(pictures)).toHaveLength(1);
    clock.pass(2 * 60_000);
    await show(ann, `${pictures.origin}/a.png`);
    expect(asked(pictures)).toHaveLength(2);
    pictures.answers((_, response) => response.writeHead(404).end());
    expect(await show(ann, `${pictures.origin}/b.png`)).toBe('status-404');
    await show(ann, `${pictures.origin}/b.png`);
    expect(asked(pictures)).toHaveLength(3);
    clock.pass(61_000);
    await show(ann, `${pictures.origin}/b.png`);
    expect(asked(pictures)).toHaveLength(4);
  });

  it('is kept by no one where its server forbids it', async () => {
    const { show } = started();
    pictures.answers((_, response) => response.setHeader('cache-control', 'no-store').end(pngOf(7, 7)));
    await show(ann, `${pictures.origin}/a.png`);
    await show(ann, `${pictures.origin}/a.png`);
    expect(asked(pictures)).toHaveLength(2);
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image-svg'],
    ['a page', '<html>', 'image-svg'],
    ['too large', Buffer.alloc(1024 * 1024 + 1), 'image-too-large'],
    ['not whole', pngOf(9, 9).subarray(0, 40), 'image-malformed'],
  ])('is refused where it is %s', async (_, body, code) => {
    const { show } = started();
    pictures.answers((_asked, response) => response.setHeader('content-type', 'image/png').end(body));
    expect(await show(ann, `${pictures.origin}/a.png`)).toBe(code);
  });
});

describe('An address', () => {
  it('is the same for the same picture, so that a fragment stays the same', () => {
    const { named } = started();
    expect(named(ann, '/api/a.png')).toBe(named(ann, `${api.origin}/api/a.png#x`));
    expect(named(ann, '/api/a.png')).not.toBe(named(ann, '/api/b.png'));
  });

  it('opens nothing for another viewer, who is not even said that it is a picture', async () => {
    const { named, open } = started();
    const hers = named(ann, `${api.origin}/api/me.png`);
    await open(ann, hers);
    expect(await open(bob, hers)).toBeNull();
    expect(asked(api)).toEqual(['/api/me.png Bearer ann-1']);
  });

  it('opens nothing once its Connection has ended, was made again, or the gadget shows other pictures', async () => {
    const { named, open, connect, disconnect, serve, shown } = started();
    const address = named(ann, '/api/me.png');
    disconnect(ann);
    expect(await open(ann, address)).toBeNull();
    connect(ann, { generation: 2 });
    expect(await open(ann, address)).toBeNull();
    connect(ann);
    serve({ ...shown, images: [] });
    expect(await open(ann, address)).toBeNull();
    serve({ ...shown, version: 'v2' });
    expect(await open(ann, address)).toBeNull();
    serve(shown);
    expect(await open(ann, address)).not.toBeNull();
  });

  it('opens nothing that no rendering named, whatever is written in it', async () => {
    const { named, open } = started();
    const [index, packed = '', proof = ''] = (named(ann, '/api/me.png') ?? '')
      .replace('/frame/images/', '')
      .split('.');
    const other = Buffer.from(`${api.origin}/api/other.png`).toString('base64url');
    for (const address of [
      `${index}.${other}.${proof}`,
      `1.${packed}.${proof}`,
      `${index}.${packed}.${'A'.repeat(22)}`,
      `${index}.${packed}.`,
      `${index}.${packed}`,
      `99.${packed}.${proof}`,
      '..',
      '',
    ])
      expect(await open(ann, address)).toBeNull();
    expect(asked(api)).toEqual([]);
  });

  it('outlives a new key of the ring, and not the end of the one it was made with', async () => {
    const { named, open, use } = started();
    use(OLD_KEY);
    const address = named(ann, '/api/me.png');
    use(KEY, OLD_KEY);
    expect(await open(ann, address)).not.toBeNull();
    use(KEY);
    expect(await open(ann, address)).toBeNull();
  });

  it.each([
    'https://elsewhere.example/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'file:///etc/passwd',
    `http://user:secret@127.0.0.1/a.png`,
    '//elsewhere.example/a.png',
    'https://127.0.0.1.example/a.png',
    ' /api/a.png',
    'x'.repeat(3000),
    '',
  ])('is not given to what the definition does not name: %s', (written) => {
    const { named } = started();
    expect(named(ann, written)).toBeNull();
  });

  it('is given to nothing by a gadget that names no host, and to so many pictures of a rendering', () => {
    const { named, shown, addresses } = started({ named: 2 });
    expect(named(ann, '/api/a.png', { ...shown, images: [] })).toBeNull();
    expect(named(ann, '/api/a.png', { ...shown, images: ['elsewhere.example'] })).toBeNull();
    const sources = [{ provider: 'mingle', api: '', connection: connection(ann, 'mingle') }];
    const namer = addresses.namerFor(shown, sources);
    expect(['/1', '/2', '/3', '/1'].map((each) => namer?.(each) !== null)).toEqual([true, true, false, true]);
  });
});

describe('A redirect', () => {
  const to = (location: string): void =>
    api.answers(({ url, headers }, response) =>
      url?.includes('/first')
        ? response.writeHead(302, { location }).end()
        : response.end(pngOf((headers.authorization ?? 'no one').length, 1)),
    );

  it('is followed within the API', async () => {
    const { show } = started();
    to('/api/second.png');
    expect(await show(ann, '/api/first.png')).toBe('12 × 1');
  });

  it('never leads a token out of the API, and no one to another host', async () => {
    const { show } = started();
    to('/outside.png');
    expect(await show(ann, '/api/first.png')).toBe('status-302');
    to(`${pictures.origin}/a.png`);
    expect(await show(ann, '/api/first2.png')).toBe('status-302');
    expect(await show(ann, '/first3.png')).toBe('status-302');
    expect(asked(pictures)).toEqual([]);
  });
});

describe('Limits', () => {
  it('let so many pictures be fetched at a time for one viewer, and others wait their turn', async () => {
    const { show } = started({ atOnce: 2, atOnceInAll: 3, waiting: 3 });
    const held: ServerResponse[] = [];
    let [answered, most] = [0, 0];
    pictures.answers((_, response) => {
      held.push(response);
      most = Math.max(most, held.length);
      // Two at a time; the fifth comes alone.
      if (held.length < 2 && answered < 4) return;
      answered += held.length;
      for (const each of held.splice(0)) each.end(pngOf(7, 7));
    });
    const all = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((each) => show(ann, `${pictures.origin}/${each}.png`)),
    );
    expect(most).toBe(2);
    expect(all.filter((each) => each === 'images-too-many')).toHaveLength(2);
    expect(await show(bob, `${pictures.origin}/1.png`)).toBe('7 × 7');
  });

  it('let so many be fetched in a minute', async () => {
    const { show, clock } = started({ perMinute: 2 });
    const fetched = (each: number) => show(ann, `${pictures.origin}/${each}.png`);
    expect([await fetched(1), await fetched(2), await fetched(3)]).toEqual([
      '7 × 7',
      '7 × 7',
      'images-too-many',
    ]);
    clock.pass(61_000);
    expect(await fetched(3)).toBe('7 × 7');
  });
});

describe('The guard', () => {
  it('keeps pictures from addresses that the provider’s record does not allow', async () => {
    const { show, records } = started();
    records.set('mingle', provider('mingle', { api: `${api.origin}/api` }));
    expect(await show(ann, `${pictures.origin}/a.png`)).toBe('address-refused');
    expect(await show(ann, '/api/a.png')).toBe('address-refused');
    expect([asked(api), asked(pictures)]).toEqual([[], []]);
  });
});

it('A picture in the place of another’s is not shown, and reported', async () => {
  const { show, upstream, misplaced } = started();
  const url = `${api.origin}/api/me.png`;
  await show(ann, url);
  const hers = upstream.caches.get(
    { connection: 'ann-mingle' as never, generation: 1 },
    `image ${url}`,
    'image',
  );
  if (hers === undefined) throw new Error('her picture is not kept');
  upstream.caches.set(
    { connection: 'bob-mingle' as never, generation: 1 },
    `image ${url}`,
    hers,
    1,
    9e15,
    'image',
  );
  expect(misplaced).toEqual(['image']);
  expect(await show(bob, url)).toBe('12 × 2');
});
