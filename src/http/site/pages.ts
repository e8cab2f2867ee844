import type { Cancellation, SeenFlow } from '../../connect/consent/consent.js';
import type { Account } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
import type { Provider } from '../../domain/provider.js';
import type { Context } from '../context.js';
import { sitePage } from '../headers.js';
import type { SiteWeb } from './web.js';

type Model = Readonly<Record<string, unknown>>;

/** Who asks whom for what: the names that every page of a flow shows. The host's origin is the registered one. */
export const namesOf = ({ directory }: Pick<SiteWeb, 'directory'>, flow: Flow) => {
  const host = directory.host(flow.viewer.host);
  const provider = directory.provider(flow.provider);
  return {
    flow: flow.id,
    mode: flow.mode,
    host: { name: host?.name ?? flow.viewer.host, origin: host?.origins[0] ?? '' },
    viewer: flow.profile,
    gadget: directory.gadget(flow.gadget)?.title ?? flow.gadget,
    provider: {
      name: provider?.name ?? flow.provider,
      accountPage: provider?.accountPage ?? null,
      apiHost: provider === undefined ? null : new URL(provider.api).host,
    },
    scopes: flow.scopes,
    account: flow.account,
    oneGrantPerAccount: provider?.oneGrantPerAccount ?? false,
  };
};

/** Where both name an address and these differ, the person should look twice (T13). */
const emailDiffers = (email: string | null, account: Account | null): boolean => {
  if (email === null || !account?.label.includes('@')) return false;
  return account.label.toLowerCase() !== email.toLowerCase();
};

const canChoose = (provider: Provider | undefined): boolean =>
  provider !== undefined && Object.keys(provider.selectAccountParameters).length > 0;

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
      ...model,
      requestId: ctx.state.requestId,
      assets: {
        style: web.assets.url('site.css'),
        ...(script === null ? {} : { script: web.assets.url(script) }),
      },
    });
  };
  const CONNECT = { script: 'connect.js' };

  /** The page of a flow whose host or provider was visited; false while there is nothing to tell yet. */
  const flow = (ctx: Context, seen: SeenFlow): boolean => {
    // A visit to My connections has a page of its own.
    if (seen.intent === 'visit') return false;
    const names = namesOf(web, seen);
    switch (seen.status) {
      case 'opened':
        // In the other modes this question stands on the page that traded the ticket.
        if (seen.mode !== 'session') return false;
        show(ctx, 'connect/session', names, { ...CONNECT, leaving: true });
        return true;
      case 'vouched':
        if (seen.vouchedFor !== seen.viewer.id) return false;
        show(ctx, 'connect/vouched', names, { ...CONNECT, leaving: true });
        return true;
      case 'coded':
        show(ctx, 'connect/code', { ...names, code: seen.shownCode }, CONNECT);
        return true;
      case 'pending': {
        const model = {
          ...names,
          emailDiffers: emailDiffers(seen.profile.email, seen.account),
          canChooseAccount: canChoose(web.directory.provider(seen.provider)),
        };
        show(ctx, 'connect/finish', model, { ...CONNECT, leaving: true });
        return true;
      }
      case 'accepted':
      case 'active':
      case 'superseded':
        show(ctx, 'connect/done', names, CONNECT);
        return true;
      case 'cancelled':
        show(ctx, 'connect/cancelled', { ...names, revoked: 'nothing', endedOlder: false }, CONNECT);
        return true;
      case 'failed':
        show(ctx, 'connect/failed', { ...names, ...seen.failure }, CONNECT);
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
    neutral(ctx: Context, provider: Provider | undefined): void {
      show(ctx, 'connect/neutral', { provider: provider ?? null }, CONNECT);
      ctx.status = 400;
    },
  };
};

export type SitePages = ReturnType<typeof sitePages>;
