import type { Obstacle } from '../../../src/domain/rendering.js';
import { everySignInPage } from './every-admin-page.js';
import { everyEmbeddingPage } from './every-embedding-page.js';
import { everyRecordPage } from './every-record-page.js';
import { everyWatchedPage } from './every-watched-page.js';

/**
 * Every page of `templates/` with a model in which each text is the given one; what stands in brackets behind a page says which variant it
 * can show.
 */
/** One of several that a person may choose among. */
const choice = (label: string, chosen: boolean) => ({ value: label, label, chosen });

export const everyPage = (text: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> => {
  const site = {
    assets: { style: '/assets/s.css', script: '/assets/s.js' },
    requestId: text,
    gadgetOrigin: text,
  };
  const frame = { assets: { style: '/assets/f.css', gadgetStyle: '/assets/g.css', script: '/assets/f.js' } };
  const account = { id: text, label: text };
  const provider = { name: text, accountPage: text, apiHost: text };
  const flow = {
    ...site,
    flow: text,
    host: { name: text, origin: text },
    viewer: { name: text, email: text },
    gadget: text,
    provider,
    scopes: [text, text],
    account,
    emailDiffers: true,
    oneGrantPerAccount: true,
    cameBack: null,
    signOutPage: null,
    canChooseAccount: false,
    facts: [
      { name: 'cloud', title: text, value: text, among: [] },
      ...[{ name: 'site', title: text, value: text, among: [choice(text, true), choice('other', false)] }],
    ],
    endedOlder: true,
    code: text,
    message: text,
    cause: text,
  };
  const listed = {
    id: text,
    provider,
    account,
    scopes: [
      { scope: text, words: text },
      { scope: text, words: null },
    ],
    createdAt: 0,
    lastUsedAt: 0,
    facts: flow.facts,
    lacking: [{ gadget: text, scopes: [text, text] }],
    uses: [{ gadget: text, lastUsedAt: 0 }],
    canConnect: true,
    atEnd: 'asked',
  };
  return {
    'connect/help': site,
    'connect/question-body': { ...flow, mode: 'code' },
    'connect/question-body (that takes a token)': {
      ...{ ...flow, mode: 'opener', scopes: [], oneGrantPerAccount: false },
      token: { page: text, permissions: [text, text], asksAccount: true, asksExpiry: true },
      refused: { why: 'token', account: text, expires: text },
    },
    'connect/question (that takes a token)': {
      ...{ ...flow, mode: 'session', scopes: [] },
      token: { page: text, permissions: [], asksAccount: false, asksExpiry: false },
    },
    'connect/finish (of a token)': { ...flow, scopes: [], token: { page: text }, cameBack: 'same' },
    'connect/ask-host-body': flow,
    'connect/ask-host': { ...flow, mode: 'reauth', asked: true },
    'connect/question': { ...flow, mode: 'session' },
    'connect/continue': flow,
    'connect/under-way': flow,
    'connect/unusable-answer': { ...flow, code: text, message: text, host: { id: text, name: text } },
    'connect/code': { ...flow, codeLeft: { seconds: 299, text: '4 min 59 s' } },
    'connect/finish': flow,
    'connect/done': { ...flow, late: true },
    'connect/cancelled': { ...flow, revoked: 'failed' },
    'connect/neutral': flow,
    'connect/failed': flow,
    'connect/relay': { ...site, provider, action: '/connect/callback/x', fields: [['state', text]] },
    'connections/need-opener': site,
    'connections/list': {
      ...flow,
      notice: { kind: text, message: text },
      connections: [
        { ...listed, status: 'active', reason: null },
        { ...listed, status: 'reconnect', reason: text, account: null, atEnd: 'nothing' },
        { ...listed, status: 'reconnect', reason: text, canConnect: false, uses: [], atEnd: 'unknown' },
        { ...listed, status: 'revoking', reason: null },
        { ...listed, status: 'active', scopes: [], token: { endsOn: '2027-02-01', soon: true } },
      ],
    },
    'connections/enter': { ...flow, step: 'ask' },
    'connections/enter (with a code to type)': {
      ...flow,
      ...{ step: 'code', early: true, codeLeft: { seconds: 299, text: '4 min 59 s' } },
    },
    'connections/enter (with a code that has expired)': { ...flow, step: 'stale' },
    'connections/enter (proved by the host)': { ...flow, step: 'ready', mode: 'reauth' },
    'connections/enter (proved by a code)': { ...flow, step: 'ready', mode: 'code' },
    'connections/enter (closed)': { ...flow, step: 'over', message: text },
    'connections/closed': site,
    'connections/erase': { ...flow, connections: [listed, { ...listed, atEnd: 'unsupported' }] },
    'connections/erased': {
      ...flow,
      left: 1,
      disconnections: [{ message: text, accountPage: text }],
    },
    ...everySignInPage(text),
    ...everyRecordPage(text),
    ...everyWatchedPage(text),
    ...everyEmbeddingPage(text),
    'site/home': site,
    'site/error': { ...flow, status: 500 },
    'site/error-code': {
      ...site,
      code: text,
      status: 500,
      meaning: [{ text, code: true }],
      fix: [{ text, code: false }],
    },
    'workshop/page': { ...site, isPersonal: true },
    'workshop/cell': { ...frame, theme: 'light' },
    'frame/launch': {
      ...frame,
      words: { tryAgain: text },
      gadget: { id: text, title: text },
      linked: true,
      fragment: '@@oriel:fragment@@',
      data: { bearer: text, nested: [text] },
      theme: text,
      requestId: text,
      fetchedAt: text,
    },
    'frame/relaunch': {
      ...frame,
      host: { name: text },
      gadget: { title: text },
      data: { text },
      requestId: text,
    },
    'frame/refusal': {
      ...frame,
      code: text,
      message: text,
      status: 403,
      requestId: text,
      data: { text },
    },
    'frame/states/loading': {},
    'frame/states/waiting': {},
    'frame/states/link': {},
    'frame/states/visit-link': {},
    'frame/states/visit-away': {},
    'frame/states/visit-code': {},
    'frame/states/away': {},
    'frame/states/code': {},
    'frame/states/signed-out': {},
    'frame/states/expired': {},
  };
};

/** Every obstacle, each with the given text wherever a provider or a host has a say. */
export const everyObstacle = (text: string): readonly Obstacle[] => [
  { state: 'connect', provider: text },
  ...(
    [
      'expired',
      'revoked',
      'interrupted',
      'more-scopes',
      'connected-elsewhere',
      'expired-or-connected-elsewhere',
      'token-rejected',
      'token-expired',
    ] as const
  ).map((reason) => ({ state: 'reconnect', provider: text, reason }) as const),
  { state: 'reconnect', provider: text, reason: 'more-scopes', lacking: [text, text] },
  { state: 'no-access', provider: text, detail: text },
  { state: 'not-found', provider: text, detail: text },
  { state: 'rate-limited', provider: text, retryAfter: 30 },
  { state: 'rate-limited', provider: text, retryAfter: null },
  { state: 'provider-down', provider: text, reason: text },
  { state: 'misconfigured', provider: text, code: text, detail: text },
];
