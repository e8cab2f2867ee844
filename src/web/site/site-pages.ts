import type { Cancellation, SeenFlow } from '../../connect/consent/decide-flow.js';
import type { PasteRefusal } from '../../connect/consent/paste-token.js';
import { listFacts } from '../../connect/viewers-connections.js';
import type { Account } from '../../domain/connection.js';
import type { Flow, FlowFailure } from '../../domain/flow.js';
import { gadgetIn } from '../../domain/gadget-locale.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { type Host, shownOrigin } from '../../hosts/host.js';
import type { Provider } from '../../providers/provider.js';
import type { Context, Refusal } from '../context.js';
import { sitePage } from '../headers.js';
import { viewerLocale } from '../locale.js';
import { failureSentence } from '../sentences.js';
import type { SiteWeb } from './site-web.js';

type Model = Readonly<Record<string, unknown>>;

/** What the form says of a token that is to be pasted: where it is created, what it must allow; null where none is pasted. */
const tokenModel = (provider: Provider | undefined) => {
  if (provider?.pasted === undefined) return null;
  const { page, permissions, asksAccount, asksExpiry } = provider.pasted;
  return { page, permissions, asksAccount, asksExpiry };
};

/** A token that was not taken, and what was typed beside it. */
interface RefusedToken {
  readonly why: PasteRefusal;
  readonly account: string;
  readonly expires: string;
}

/**
 * What the page of a step says beside what the flow does. `late`: Cancel was pressed, and came too late. `next`: the provider that the window
 * goes on to when the code that it shows was typed.
 */
interface StepSaid {
  readonly next?: string | null;
  readonly late?: boolean;
  readonly refused?: RefusedToken;
}

/** Who asks whom for what: the names that every page of a flow shows. The host's origin is the registered one. */
export const namesOf = ({ directory }: Pick<SiteWeb, 'directory'>, flow: Flow) => {
  const host = directory.host(flow.viewer.host);
  const provider = directory.provider(flow.provider);
  const gadget = gadgetNamed(directory, host, flow.gadget);
  return {
    flow: flow.id,
    ...(flow.profile.locale !== undefined && { locale: flow.profile.locale }),
    mode: flow.mode,
    host: { name: host?.name ?? flow.viewer.host, origin: host ? shownOrigin(host, flow.profile) : '' },
    viewer: flow.profile,
    gadget: gadget === undefined ? flow.gadget : gadgetIn(gadget, flow.profile.locale ?? '').title,
    provider: {
      name: directory.providerName(flow.provider),
      accountPage: provider?.accountPage ?? null,
      apiHost: provider === undefined ? null : new URL(provider.api).host,
    },
    scopes: flow.scopes,
    token: tokenModel(provider),
    account: flow.account,
    after: flow.after === null ? null : directory.providerName(flow.after),
    oneGrantPerAccount: provider?.oneGrantPerAccount ?? false,
  };
};

/** The address of the page that shows the step a flow is at. */
export const pageOf = (flow: string): string => `/connect/finish?flow=${encodeURIComponent(flow)}`;

/** The same of a visit to My connections. */
export const visitOf = (flow: string): string => `/connections/enter?flow=${encodeURIComponent(flow)}`;

const inUnit = (locale: string, unit: 'minute' | 'second', count: number): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count);

/** For how much longer the code of a flow works, in seconds and in words; null where there is none. The page's script counts it down. */
export const codeLeft = (
  { clock }: Pick<SiteWeb, 'clock'>,
  { code }: Pick<Flow, 'code'>,
  locale: string,
): { readonly seconds: number; readonly text: string } | null => {
  if (code === null) return null;
  const seconds = Math.max(0, Math.floor((code.expiresAt - clock.now()) / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = inUnit(locale, 'second', seconds % 60);
  return { seconds, text: minutes === 0 ? rest : `${inUnit(locale, 'minute', minutes)} ${rest}` };
};

/** What the page of a code shows. `next`: the provider that its window goes on to. */
const codeModel = (
  web: Pick<SiteWeb, 'clock' | 'directory'>,
  seen: SeenFlow,
  next: string | null,
  locale: string,
): Model => ({
  code: seen.shownCode,
  codeLeft: codeLeft(web, seen, locale),
  next: next && web.directory.providerName(next),
});

/** Where both name an address and these differ, the person should look twice (T13). */
const emailDiffers = (email: string | null, account: Account | null): boolean => {
  if (email === null || !account?.label.includes('@')) return false;
  return account.label.toLowerCase() !== email.toLowerCase();
};

/** Where a person finds the way out of their session at the provider: its site, else the page of their account. */
const signOutPageOf = (provider: Provider | undefined): string | null =>
  provider?.site ?? provider?.accountPage ?? null;

const canChoose = (provider: Provider | undefined): boolean =>
  provider !== undefined &&
  provider.pasted === undefined &&
  Object.keys(provider.selectAccountParameters).length > 0;

/** What the second question says about the account. */
const accountModel = ({ directory }: Pick<SiteWeb, 'directory'>, seen: SeenFlow): Model => ({
  emailDiffers: emailDiffers(seen.profile.email, seen.account),
  canChooseAccount: canChoose(directory.provider(seen.provider)),
  cameBack: seen.cameBack,
  facts: listFacts(directory.provider(seen.provider), seen),
  signOutPage: signOutPageOf(directory.provider(seen.provider)),
});

/** Why a flow failed. The request in which it did is the one that an administrator can find. */
const failureModel = (
  { views }: Pick<SiteWeb, 'views'>,
  ctx: Context,
  failure: FlowFailure | null,
  locale: string,
): Model => {
  const { code, cause, requestId = ctx.state.requestId } = failure ?? { code: 'other' };
  return { code, cause, requestId, message: failureSentence(views, locale, failure ?? { code }) };
};

/** The pages of the site origin. Each sets its headers, and the address of its script where it has one. */
export const sitePages = (web: SiteWeb) => {
  const show = (
    ctx: Context,
    template: string,
    model: Model,
    { script = null, leaving = false }: { script?: string | null; leaving?: boolean } = {},
  ): void => {
    sitePage(ctx, leaving);
    ctx.type = 'html';
    ctx.body = web.views.page(template, {
      requestId: ctx.state.requestId,
      locale: viewerLocale(ctx, web.views),
      ...model,
      assets: {
        style: web.assets.url('site.css'),
        ...(script === null ? {} : { script: web.assets.url(script) }),
      },
    });
  };
  const CONNECT = { script: 'connect.js' };

  /** The page of the step that a flow is at; false where there is none to show. */
  const flow = (
    ctx: Context,
    seen: SeenFlow,
    { late = false, next = null, refused }: StepSaid = {},
  ): boolean => {
    // A visit to My connections has a page of its own.
    if (seen.intent === 'visit') return false;
    const names = namesOf(web, seen);
    const locale = names.locale ?? viewerLocale(ctx, web.views);
    switch (seen.status) {
      case 'opened':
      case 'asked': {
        const page = seen.mode === 'reauth' ? 'connect/ask-host' : 'connect/question';
        const leaving = seen.mode === 'reauth' || names.token === null;
        show(ctx, page, { ...names, asked: seen.status === 'asked', refused }, { ...CONNECT, leaving });
        return true;
      }
      case 'redirected':
        show(ctx, 'connect/continue', names, { ...CONNECT, leaving: true });
        return true;
      case 'returned':
        show(ctx, 'connect/under-way', names, CONNECT);
        return true;
      case 'vouched':
        if (seen.vouchedFor !== seen.viewer.id) return false;
        show(ctx, 'connect/question', { ...names, refused }, { ...CONNECT, leaving: names.token === null });
        return true;
      case 'coded':
        show(ctx, 'connect/code', { ...names, ...codeModel(web, seen, next, locale) }, CONNECT);
        return true;
      case 'pending':
        show(ctx, 'connect/finish', { ...names, ...accountModel(web, seen) }, { ...CONNECT, leaving: true });
        return true;
      case 'accepted':
      case 'active':
      case 'superseded':
        show(ctx, 'connect/done', { ...names, late }, CONNECT);
        return true;
      case 'cancelled':
        show(ctx, 'connect/cancelled', { ...names, revoked: 'nothing', endedOlder: false }, CONNECT);
        return true;
      case 'failed':
        show(ctx, 'connect/failed', { ...names, ...failureModel(web, ctx, seen.failure, locale) }, CONNECT);
        return true;
      default:
        return false;
    }
  };

  return {
    show,
    flow,
    home: (ctx: Context): void => show(ctx, 'site/home', {}),
    connect: (ctx: Context): void =>
      show(ctx, 'connect/help', { gadgetOrigin: web.gadgetOrigin }, { ...CONNECT, leaving: true }),
    cancelled(ctx: Context, { flow: ended, revoked, endedOlder }: Cancellation): void {
      show(ctx, 'connect/cancelled', { ...namesOf(web, ended), revoked, endedOlder }, CONNECT);
    },
    /** A host's answer that could not be used, with the way back to the flow that waits for it. */
    unusableAnswer(ctx: Context, { id, name }: Host, refusal: Refusal): void {
      show(ctx, 'connect/unusable-answer', { ...refusal, host: { id, name } });
    },
    relay(ctx: Context, provider: string, fields: readonly (readonly [string, string])[]): void {
      const name = web.directory.provider(provider)?.name ?? null;
      show(ctx, 'connect/relay', { provider: name && { name }, action: ctx.path, fields }, CONNECT);
    },
    neutral(ctx: Context, provider: Provider | undefined): void {
      show(ctx, 'connect/neutral', { provider: provider ?? null }, CONNECT);
      ctx.status = 400;
    },
  };
};

export type SitePages = ReturnType<typeof sitePages>;
