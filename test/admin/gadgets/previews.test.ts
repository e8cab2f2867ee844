import { describe, expect, it } from 'vitest';
import { issuePreviewToken } from '../../../src/admin/gadgets/use-cases.js';
import type { Directory } from '../../../src/config/directory.js';
import { Secret } from '../../../src/domain/secret.js';
import { CONSOLE_HOST, previewName } from '../../../src/hosts/console-host.js';
import type { Host } from '../../../src/hosts/host.js';
import { HostTokens } from '../../../src/hosts/host-tokens.js';
import { gadgetOfHost } from '../../../src/render/frame-renderings.js';
import { systemClock, systemEntropy } from '../../../src/server/node-system.js';
import { DirectoryWithConsole } from '../../../src/server/served-directory.js';
import { gadget } from '../../support/a-gadget.js';
import { exampleHost } from '../../support/gadget-server.js';

const gadgetOrigin = 'https://gadgets.example.com';
const siteOrigin = 'https://oriel.example.com';
const cards = gadget({ id: 'cards', providers: ['mingle'] });
const key = (letter: string) => ({ id: letter, key: new Secret(letter.repeat(43)) });
const ann = { id: 'admin-1', name: 'ann' } as Parameters<typeof issuePreviewToken>[1];

type Ring = readonly ReturnType<typeof key>[];

const all = [cards];

const directoryBy = (ring: Ring | (() => Ring), enabled = true, hosts: readonly Host[] = []): Directory => {
  const empty = {
    host: () => undefined,
    provider: () => undefined,
    providerName: (id: string) => id,
    leaving: () => undefined,
    gadget: (id: string) => (id === cards.id ? cards : undefined),
    gadgets: () => all,
  };
  const admin = { enabled } as ConstructorParameters<typeof DirectoryWithConsole>[1]['admin'];
  const keys = typeof ring === 'function' ? ring : () => ring;
  return new DirectoryWithConsole(empty, { siteOrigin, admin }, keys, () => hosts);
};

const previewsBy = (directory: Directory) => ({
  token: (admin: typeof ann, gadgetId: string) =>
    issuePreviewToken(
      { directory, clock: systemClock, entropy: systemEntropy, gadgetOrigin },
      admin,
      gadgetId,
    ),
});

const verifying = new HostTokens({
  audience: gadgetOrigin,
  clock: systemClock,
  journal: { note: () => {}, warn: () => {} },
  fetchJwks: () => Promise.reject(new Error('no JWKS here')),
});

describe('A preview’s token', () => {
  it('names the administrator as themselves, for that gadget, in every process of one key ring', async () => {
    const token = await previewsBy(directoryBy([key('a'), key('b')])).token(ann, 'cards');
    const host = directoryBy([key('a')]).host(CONSOLE_HOST);
    if (host === undefined) throw new Error('no console');
    const claims = await verifying.verify(host, token);
    expect(claims.viewer).toMatchObject({ host: CONSOLE_HOST, sub: 'admin-1' });
    expect(claims.gadget).toBe('cards');
    expect(host).toMatchObject({ origins: [siteOrigin], gadgets: ['cards'], providers: ['mingle'] });
  });

  it('is given for a gadget as a host binds it, which asks that host’s providers', async () => {
    const bindings = { ours: { gadget: 'cards', providers: { mingle: 'inside' } } };
    const wiki = { ...exampleHost(['https://wiki.example.com']), id: 'wiki', gadgets: ['ours'], bindings };
    const directory = directoryBy([key('a')], true, [wiki]);
    const host = directory.host(CONSOLE_HOST);
    if (host === undefined) throw new Error('no console');
    expect(previewName(wiki, 'ours')).toBe('wiki.ours');
    const claims = await verifying.verify(host, await previewsBy(directory).token(ann, 'wiki.ours'));
    expect(claims.gadget).toBe('wiki.ours');
    expect(gadgetOfHost(directory, host, 'wiki.ours').providers).toEqual(['inside']);
    expect(gadgetOfHost(directory, host, 'cards').providers).toEqual(['mingle']);
    expect(host.providers).toEqual(['mingle', 'inside']);
  });

  it('is refused by a server of another key', async () => {
    const token = await previewsBy(directoryBy([key('a')])).token(ann, 'cards');
    const other = directoryBy([key('b')]).host(CONSOLE_HOST);
    if (other === undefined) throw new Error('no console');
    await expect(verifying.verify(other, token)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('is refused from the moment its key is first no more', async () => {
    let ring = [key('a')];
    const directory = directoryBy(() => ring);
    const before = await previewsBy(directory).token(ann, 'cards');
    const host = directory.host(CONSOLE_HOST);
    expect(directory.host(CONSOLE_HOST)).toBe(host);
    ring = [key('b'), ...ring];
    const now = directory.host(CONSOLE_HOST);
    if (now === undefined) throw new Error('no console');
    await expect(verifying.verify(now, before)).rejects.toMatchObject({ code: 'token_invalid' });
    const after = await previewsBy(directory).token(ann, 'cards');
    expect(await verifying.verify(now, after)).toMatchObject({ gadget: 'cards' });
  });

  it('is given for no other gadget, and not without a console', async () => {
    const refused = { code: 'gadget_unknown' };
    await expect(previewsBy(directoryBy([key('a')])).token(ann, 'other')).rejects.toMatchObject(refused);
    const without = directoryBy([key('a')], false);
    expect(without.host(CONSOLE_HOST)).toBeUndefined();
    await expect(previewsBy(without).token(ann, 'cards')).rejects.toMatchObject({ code: 'host_unknown' });
  });
});
