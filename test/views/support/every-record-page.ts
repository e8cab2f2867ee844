import { adminBase, type Model } from './every-admin-page.js';

/** A record in which every field that is asked for holds the same. */
const inEveryField = (value: unknown): object => new Proxy({}, { get: () => value });

const certificateOf = (text: string) => ({
  subject: text,
  issuer: text,
  names: [text, text],
  from: 0,
  until: 0,
  sha256: text,
  sha1: text,
  pem: text,
});

const lineOf = (text: string, light: string) => ({
  light,
  code: text,
  about: text,
  sentence: text,
  cause: text,
  fix: text,
  chain: [],
  trustable: [],
});

/** What a dry run finds where the answers of a server are hostile, its certificate too. */
const dryRunOf = (text: string) => {
  const certificate = certificateOf(text);
  return [
    { ...lineOf(text, 'red'), chain: [certificate, certificateOf(text)], trustable: [certificate] },
    lineOf(text, 'yellow'),
    { ...lineOf(text, 'green'), cause: null, fix: null },
  ];
};

const formOf = (text: string) => {
  const secret = { set: true, ends: text, fingerprint: text };
  return {
    id: text,
    version: 1,
    madeOf: text,
    values: inEveryField(text),
    errors: inEveryField(text),
    labels: inEveryField(text),
    theirs: inEveryField({ kind: 'both', other: text }),
    secrets: inEveryField(secret),
    kept: { field: 'kept', value: text, names: [text] },
    summary: [{ name: 'client-0-id', label: text, message: text }],
    others: [{ place: text, message: text }],
    changed: null,
    message: text,
    clients: [
      { host: text, id: text, secret, removed: true },
      { host: '', id: '', secret: null, removed: false },
    ],
    hosts: [{ id: text, name: text }],
  };
};

const recordOf = (text: string, kind: string) => ({
  kind,
  id: text,
  name: text,
  origin: 'store',
  version: 1,
  entry: { url: text, origins: [text, text], scopes: [text], client: { id: text } },
  updatedAt: 0,
  updatedBy: text,
  leavingAt: null,
  faults: [{ path: text, problem: text, expected: text, example: text }],
});

/** A record in each condition that its pages distinguish. */
const conditionsOf = (text: string, kind: string) => {
  const record = recordOf(text, kind);
  return [
    ['of the console', record],
    ['of the file', { ...record, origin: 'file', version: null, updatedAt: null, updatedBy: null }],
    ['being removed', { ...record, leavingAt: 0 }],
    ['that no key opens', { ...record, entry: null }],
  ] as const;
};

const inEachCondition = (
  template: string,
  text: string,
  kind: string,
  more: Model,
): Readonly<Record<string, Model>> =>
  Object.fromEntries(
    conditionsOf(text, kind).map(([condition, record]) => [
      `${template} (${condition})`,
      { ...more, [kind]: record },
    ]),
  );

/** The console's pages of providers and hosts. */
export const everyRecordPage = (text: string): Readonly<Record<string, Model>> => {
  const base = adminBase(text);
  const secret = { set: true, ends: text, fingerprint: text };
  const provider = recordOf(text, 'provider');
  const host = recordOf(text, 'host');
  const box = { id: text, label: text, chosen: true };
  const role = { role: text, provider: text, usual: text };
  const placed = { ...box, of: text, isBound: true, roles: [role, { ...role, usual: null }] };
  const lists = {
    ...{ algorithms: [box], gadgets: [box, placed], providers: [box], players: [box] },
    known: [{ id: text, title: text }],
  };
  const gadget = { id: text, title: text };
  const ofHost = {
    ...base,
    origins: [text, text],
    algorithms: [text, text],
    jwks: text,
    secrets: inEveryField(secret),
    connectUrl: text,
    gadgets: [gadget, gadget],
    providers: [text, text],
    entry: text,
  };
  const ofProvider = {
    ...base,
    hosts: [host],
    entry: text,
    redirectUri: text,
    scopes: { asked: [text, text], ofPreset: true },
    secrets: inEveryField(secret),
    clients: [{ host: text, id: text, secret }],
  };
  const trust = '/admin/providers/x/certificates';
  const trusting = { ...base, provider, text, certificates: [certificateOf(text)], error: null };
  const form = { ...base, ...formOf(text) };
  const kinds = [{ name: text, title: text, about: text }];
  const changed = {
    ...form,
    changed: { at: 0, by: text },
    theirs: { name: { kind: 'taken', other: text } },
  };
  return {
    'admin/providers': { ...base, providers: conditionsOf(text, 'provider').map(([, each]) => each) },
    ...inEachCondition('admin/provider', text, 'provider', ofProvider),
    'admin/provider-new': { ...base, kinds },
    'admin/provider-form': {
      ...form,
      redirectUri: text,
      lines: dryRunOf(text),
      asksPreset: true,
      kinds,
      url: null,
    },
    'admin/provider-form (of Mingle)': {
      ...form,
      values: { preset: 'mingle', name: text, url: text },
      url: { example: text, ending: text },
      redirectUri: text,
      lines: null,
    },
    'admin/provider-form (changed in the meantime)': {
      ...changed,
      redirectUri: text,
      lines: null,
      url: null,
    },
    'admin/provider-test': {
      ...{ ...base, provider, lines: dryRunOf(text), trust },
      previews: [{ title: text, path: '/admin/preview/x' }],
      isUntried: true,
    },
    'admin/provider-test (that cannot be changed)': {
      ...{ ...base, provider, lines: dryRunOf(text), trust: null, previews: [], isUntried: false },
    },
    'admin/provider-trust': trusting,
    'admin/provider-trust (of what is none)': { ...trusting, certificates: [], error: text },
    'admin/hosts': { ...base, hosts: conditionsOf(text, 'host').map(([, each]) => each) },
    ...inEachCondition('admin/host', text, 'host', { ...ofHost, keyKind: 'secret', mode: 'reauth' }),
    'admin/host (with a key set)': { ...ofHost, host, keyKind: 'jwks', mode: 'code' },
    'admin/host (with a public key)': { ...ofHost, host, keyKind: 'public-key', mode: 'opener' },
    'admin/host-form': { ...form, ...lists, newSecret: true },
    'admin/host-form (of a new one)': { ...form, ...lists, id: null, version: null, newSecret: false },
    'admin/host-form (changed in the meantime)': { ...changed, ...lists, newSecret: false },
    'admin/host-secret': { ...base, host, secret: text },
    'admin/record-remove': {
      ...base,
      record: provider,
      connections: 2,
      endings: [{ provider, count: 2, atEnd: 'unknown' }],
    },
  };
};
