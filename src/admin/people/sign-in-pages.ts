import type { Handshake, SignedIn } from '../../domain/administrator-sign-in.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { Context } from '../../web/context.js';
import { hostPrefix, setSecure } from '../../web/cookies.js';
import { confirmModel, waitSentence } from '../confirming.js';
import type { ConsoleDeps, Entrance, PublicRoute, SessionRoute } from '../console-route.js';
import { pathHere } from '../local-path.js';
import { seeOther, showPage } from '../page-frame.js';
import {
  confirmPassword,
  finishOpenIdSignIn,
  type PasswordOutcome,
  recordSignOut,
  signInWithPassword,
  startOpenIdSignIn,
} from './sign-in.js';

const refusalOf = (
  outcome: Exclude<PasswordOutcome, { kind: 'right' }>,
): { readonly status: number; readonly error: string } =>
  outcome.kind === 'wrong'
    ? { status: 401, error: 'Wrong name or password.' }
    : { status: 429, error: waitSentence(outcome.seconds) };

/** `/admin/sign-in`: name and password, and the way to the identity provider where there is one. */
export const signInRoutes = (deps: ConsoleDeps): readonly PublicRoute[] => {
  const show = (
    ctx: Context,
    entrance: Entrance,
    model: { readonly to: string; readonly name: string; readonly error: string | null },
    status = 200,
  ): void => {
    const signedOut = { session: entrance.session, visitor: null };
    const all = { ...model, elsewhere: deps.identityProvider?.name ?? null };
    showPage(deps, ctx, signedOut, 'admin/sign-in', all, { status, leaving: true });
  };

  return [
    {
      method: 'get',
      path: '/admin/sign-in',
      handle(ctx, entrance) {
        const query = new URLSearchParams(ctx.search);
        const to = pathHere(query.get('to'));
        const name = (query.get('name') ?? '').slice(0, 64);
        if (entrance.visitor !== null) seeOther(ctx, to);
        else show(ctx, entrance, { to, name, error: null });
      },
    },
    {
      method: 'post',
      path: '/admin/sign-in',
      async handle(ctx, entrance) {
        const { form, session } = entrance;
        const to = pathHere(form.get('to'));
        const name = (form.get('name') ?? '').slice(0, 256);
        const password = new Secret((form.get('password') ?? '').slice(0, 1024));
        const from = { address: ctx.state.client, requestId: ctx.state.requestId };
        const outcome = await signInWithPassword(deps, name, password, from);
        if (outcome.kind === 'right') {
          await session.open(outcome.signedIn);
          seeOther(ctx, to);
          return;
        }
        if (outcome.kind === 'wait') ctx.set('Retry-After', String(outcome.seconds));
        const { status, error } = refusalOf(outcome);
        ctx.state.log.code = outcome.kind === 'wait' ? 'too_many_requests' : 'sign_in_failed';
        show(ctx, entrance, { to, name, error }, status);
      },
    },
  ];
};

/** Confirming who you are, and signing out. */
export const sessionRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => [
  {
    method: 'get',
    path: '/admin/confirm',
    section: null,
    handle(visit, _ctx, { visitor }) {
      if (visitor === null) return;
      const to = pathHere(visit.query.get('to'));
      const asked = { action: '/admin/confirm', to, fields: new Map([['to', to]]), error: null };
      visit.show('admin/confirm', confirmModel(deps, visitor, asked), { leaving: true });
    },
  },
  {
    method: 'post',
    path: '/admin/confirm',
    section: null,
    async handle(visit, ctx, { session, visitor }) {
      if (visitor === null) return;
      const to = pathHere(visit.form.get('to'));
      const password = new Secret((visit.form.get('confirm-password') ?? '').slice(0, 1024));
      const from = { address: ctx.state.client, requestId: ctx.state.requestId };
      const outcome = await confirmPassword(deps, visit.admin, password, from);
      if (outcome.kind === 'right') {
        session.confirmed(outcome.signedIn.confirmedAt);
        visit.seeOther(to);
        return;
      }
      if (outcome.kind === 'wait') ctx.set('Retry-After', String(outcome.seconds));
      const error = outcome.kind === 'wait' ? waitSentence(outcome.seconds) : 'Wrong password.';
      const asked = { action: '/admin/confirm', to, fields: new Map([['to', to]]), error };
      const status = outcome.kind === 'wait' ? 429 : 403;
      visit.show('admin/confirm', confirmModel(deps, visitor, asked), { status, leaving: true });
    },
  },
  {
    // Where a tab ends up that was opened to confirm beside a filled-in form.
    method: 'get',
    path: '/admin/confirmed',
    section: null,
    handle: (visit) => visit.show('admin/confirmed', {}),
  },
  {
    method: 'post',
    path: '/admin/sign-out',
    section: null,
    async handle(visit, ctx, { session }) {
      session.close();
      await recordSignOut(deps, visit.admin, ctx.state.requestId);
      visit.seeOther('/admin/sign-in');
    },
  },
];

const LIFE = 10 * 60_000;
const KEY = /^[\w-]{43}$/;

/** What is kept while someone is at the identity provider, and between their return and the next page. */
interface Journey {
  readonly to: string;
  readonly handshake: Handshake;
  readonly proved: SignedIn | null;
}

/**
 * Journeys are kept in the store, under a key that a cookie of their own carries: the session's cookie is not sent when another site
 * leads here (SameSite=Strict), this one is (Lax), and it gives access to nothing but its own journey.
 */
const setJourneyCookie = (ctx: Context, siteOrigin: string, key: string, maxAge: number): void => {
  const secure = setSecure(ctx, siteOrigin);
  const options = { secure, httpOnly: true, sameSite: 'lax', path: '/', maxAge, signed: false } as const;
  ctx.cookies.set(journeyCookie(siteOrigin), key, options);
};

const journeyCookie = (siteOrigin: string): string => `${hostPrefix(siteOrigin)}oriel-admin-oidc`;

type JourneyDeps = Pick<ConsoleDeps, 'siteOrigin' | 'entropy' | 'clock' | 'webSessions'>;

async function putJourney(
  { siteOrigin, entropy, clock, webSessions }: JourneyDeps,
  ctx: Context,
  journey: Journey,
): Promise<void> {
  const key = entropy.secret().reveal();
  await webSessions.set(key, JSON.stringify({ journey }), clock.now() + LIFE);
  setJourneyCookie(ctx, siteOrigin, key, LIFE);
}

/** Ends this browser's journey, and returns it. */
async function takeJourney({ siteOrigin, clock, webSessions }: JourneyDeps, ctx: Context): Promise<Journey> {
  const key = ctx.cookies.get(journeyCookie(siteOrigin), { signed: false }) ?? '';
  const content = KEY.test(key) ? await webSessions.get(key, clock.now()) : null;
  const journey = content === null ? undefined : (JSON.parse(content) as { journey?: Journey }).journey;
  if (journey === undefined)
    throw new AppError(
      'sign_in_failed',
      'This sign-in was started in another browser, has expired, or was already finished. Start again.',
    );
  await webSessions.destroy(key);
  setJourneyCookie(ctx, siteOrigin, '', 0);
  return journey;
}

/** Signing in by OpenID Connect: to the identity provider, back, and on. */
export const openIdRoutes = (deps: ConsoleDeps): readonly PublicRoute[] => {
  if (deps.identityProvider === null) return [];

  const arrive = async (ctx: Context, { session }: Entrance): Promise<void> => {
    const { to, handshake, proved } = await takeJourney(deps, ctx);
    if (proved !== null) throw new AppError('sign_in_failed', 'This sign-in was already finished.');
    const parameters = new URLSearchParams(ctx.search);
    const from = { address: ctx.state.client, requestId: ctx.state.requestId };
    const signedIn = await finishOpenIdSignIn(deps, parameters, handshake, from);
    await putJourney(deps, ctx, { to, handshake, proved: signedIn });
    // A redirect would still count as a request by the other site; a page of ours that goes on does not.
    showPage(deps, ctx, { session, visitor: null }, 'admin/returned', { next: '/admin/oidc/done' });
  };

  const goOn = async (ctx: Context, { session, visitor }: Entrance): Promise<void> => {
    const { to, handshake, proved } = await takeJourney(deps, ctx);
    if (proved === null)
      throw new AppError('sign_in_failed', 'This sign-in isn’t finished yet. Start again.');
    if (handshake.again && visitor !== null) {
      if (visitor.admin.id !== proved.admin)
        throw new AppError(
          'sign_in_failed',
          'You confirmed as a different person than the one signed in here.',
        );
      session.confirmed(proved.confirmedAt);
    } else {
      await session.open(proved);
    }
    seeOther(ctx, to);
  };

  return [
    {
      method: 'post',
      path: '/admin/oidc/start',
      async handle(ctx, { form, visitor }) {
        const again = form.get('again') === 'yes' ? (visitor?.admin ?? null) : null;
        const from = { address: ctx.state.client, requestId: ctx.state.requestId };
        const { url, handshake } = await startOpenIdSignIn(deps, again, from);
        await putJourney(deps, ctx, { to: pathHere(form.get('to')), handshake, proved: null });
        seeOther(ctx, url);
      },
    },
    { method: 'get', path: '/admin/oidc/callback', handle: arrive },
    { method: 'get', path: '/admin/oidc/done', handle: goOn },
  ];
};
