import { describe, expect, it } from 'vitest';
import { looseFaults } from '../../src/config/declared-gadgets.js';
import { flowSentences } from '../../src/gadgets/data-flows.js';
import { gadgetNamed, titledGadgets } from '../../src/hosts/bound-gadget.js';
import { hostRecord, hostSchema } from '../../src/hosts/host-schema.js';
import { gadget, request } from '../support/a-gadget.js';
import { HOST_SECRET } from '../support/host-token.js';

const pipelines = gadget({ id: 'pipelines', requests: [request('runs', { provider: 'gitlab' })] });
const given = { cards: { from: 'changes', take: 'number', type: 'integer' } } as const;
const activity = gadget({
  id: 'activity',
  requests: [
    request('changes', { provider: 'gocd' }),
    request('cards', { provider: 'mingle', given, path: '/cards/{cards}' }),
  ],
});
const all = [pipelines, activity];
const shelf = { gadget: (id: string) => all.find((each) => each.id === id) };

const hostOf = (gadgets: unknown, providers: readonly string[] = ['gitlab', 'inside', 'gocd', 'mingle']) =>
  hostRecord(
    'wiki',
    hostSchema.parse({
      ...{ origins: ['https://wiki.example.com'], key: { algorithm: 'HS256', secret: HOST_SECRET } },
      ...{ gadgets, providers },
    }),
  );

const twice = hostOf({
  ours: { gadget: 'pipelines', providers: { gitlab: 'inside' } },
  pipelines: {},
});

const placesIn = (host: ReturnType<typeof hostOf>) =>
  looseFaults([host], all, 'oriel.yaml').map(({ path, problem }) => `${path}: ${problem}`);

describe('A gadget that a host binds', () => {
  it('asks the providers that play its roles, under the host’s name', () => {
    expect(twice.gadgets).toEqual(['ours', 'pipelines']);
    const ours = gadgetNamed(shelf, twice, 'ours');
    expect(ours).toMatchObject({ id: 'ours', title: pipelines.title, providers: ['inside'] });
    expect(ours?.requests.map(({ provider }) => provider)).toEqual(['inside']);
    expect(ours?.requests[0]).toEqual({ ...pipelines.requests[0], provider: 'inside' });
    expect(gadgetNamed(shelf, twice, 'pipelines')).toMatchObject({ id: 'pipelines', providers: ['gitlab'] });
  });

  it('is the same object for as long as host and definition are, and has a version of its own', () => {
    const ours = gadgetNamed(shelf, twice, 'ours');
    expect(gadgetNamed(shelf, twice, 'ours')).toBe(ours);
    const elsewhere = hostOf({ ours: { gadget: 'pipelines', providers: { gitlab: 'gitlab' } } });
    expect(gadgetNamed(shelf, elsewhere, 'ours')?.version).not.toBe(ours?.version);
    const again = { gadget: () => ({ ...pipelines, version: 'v2' }) };
    expect(gadgetNamed(again, twice, 'ours')?.version).not.toBe(ours?.version);
  });

  it('is distinguished by its names where the host has it twice', () => {
    expect(titledGadgets(shelf, twice).map(({ title }) => title)).toEqual([
      'Example (ours)',
      'Example (pipelines)',
    ]);
    expect(titledGadgets(shelf, hostOf(['pipelines']))).toEqual([{ id: 'pipelines', title: 'Example' }]);
  });

  it('is called by its id where the host has a list', () => {
    const host = hostOf(['pipelines']);
    expect(gadgetNamed(shelf, host, 'pipelines')).toBe(pipelines);
    expect(gadgetNamed(shelf, host, 'ours')).toBeUndefined();
    expect(host).not.toHaveProperty('bindings');
  });

  it('may have one provider play two roles', () => {
    const host = hostOf({ both: { gadget: 'activity', providers: { gocd: 'inside', mingle: 'inside' } } });
    expect(gadgetNamed(shelf, host, 'both')?.providers).toEqual(['inside']);
  });

  it('says what flows where by the providers that play its roles', () => {
    const host = hostOf({ cards: { gadget: 'activity', providers: { gocd: 'inside' } } });
    const bound = gadgetNamed(shelf, host, 'cards');
    const names: Readonly<Record<string, string>> = { inside: 'Builds', mingle: 'Mingle' };
    expect(flowSentences(bound ?? activity, (id) => names[id] ?? id)).toEqual([
      'Numbers from Builds are sent to Mingle.',
    ]);
  });
});

describe('A binding with a mistake', () => {
  it('is reported with its place', () => {
    expect(placesIn(twice)).toEqual([]);
    expect(placesIn(hostOf({ ours: { gadget: 'pipelins' } }))).toEqual([
      'hosts.wiki.gadgets.ours.gadget: there is no gadget “pipelins”',
    ]);
    expect(placesIn(hostOf({ ours: {} }))).toEqual(['hosts.wiki.gadgets.ours: there is no gadget “ours”']);
    expect(placesIn(hostOf({ ours: { gadget: 'pipelines', providers: { github: 'inside' } } }))).toEqual([
      'hosts.wiki.gadgets.ours.providers.github: the gadget “pipelines” has no role “github”',
    ]);
  });

  it('is one where the host may not use the provider', () => {
    const gadgets = { ours: { gadget: 'pipelines', providers: { gitlab: 'inside' } } };
    expect(placesIn(hostOf(gadgets, ['gitlab']))).toEqual([
      'hosts.wiki.gadgets.ours.providers.gitlab: the gadget “ours” has “inside” play “gitlab”, which this host may not use',
    ]);
    // Only what plays the role is asked.
    expect(placesIn(hostOf(gadgets, ['inside']))).toEqual([]);
    expect(placesIn(hostOf({ pipelines: {} }, ['inside']))).toEqual([
      'hosts.wiki.gadgets.pipelines: the gadget “pipelines” uses the provider “gitlab”, which this host may not use',
    ]);
  });

  it('is one where a key is not known or a name is no word', () => {
    const issuesOf = (gadgets: unknown) => () => hostOf(gadgets);
    expect(issuesOf({ ours: { gadgets: 'pipelines' } })).toThrow();
    expect(issuesOf({ 'Our builds': {} })).toThrow();
    expect(issuesOf({ ours: { gadget: '*' } })).toThrow();
  });
});
