import type { Handshake, SignedIn } from '../../domain/administrator-sign-in.js';
import { AppError } from '../../domain/errors.js';
import type { Context } from '../../web/context.js';
import { hostPrefix, setSecure } from '../../web/cookies.js';
import type { AdminWeb } from '../console-web.js';
import type { Entrance } from '../entrance.js';
import { pathHere } from '../local-path.js';
import { adminPages, seeOther } from '../page-frame.js';
import type { PublicRoute } from '../public-route.js';

const LIFE = 10 * 60_000;
const KEY = /^[\w-]{43}$/;

/** What is kept while somebody is away at the identity provider, and between their return and the page it goes on to. */
interface Journey {
  readonly to: string;
  readonly handshake: Handshake;
  readonly proved: SignedIn | null;
}

/**
 * Journeys lie in the store, under a key that a cookie of their own carries: the session's cookie does not come along when another
 * site sends somebody here (SameSite=Strict), this one does (Lax), and it opens nothing but its own journey.
 */
const journeys = ({ siteOrigin, entropy, clock, webSessions }: AdminWeb) => {
  const name = `${hostPrefix(siteOrigin)}oriel-admin-oidc`;
  const cookie = (ctx: Context, key: string, maxAge: number): void => {
    const secure = setSecure(ctx, siteOrigin);
    ctx.cookies.set(name, key, { secure, httpOnly: true, sameSite: 'lax', path: '/', maxAge, signed: false });
  };
  return {
    async put(ctx: Context, journey: Journey): Promise<void> {
      const key = entropy.secret().reveal();
      await webSessions.set(key, JSON.stringify({ journey }), clock.now() + LIFE);
      cookie(ctx, key, LIFE);
    },
    /** Ends this browser's journey, and gives it. */
    async take(ctx: Context): Promise<Journey> {
      const key = ctx.cookies.get(name, { signed: false }) ?? '';
      const content = KEY.test(key) ? await webSessions.get(key, clock.now()) : null;
      const journey = content === null ? undefined : (JSON.parse(content) as { journey?: Journey }).journey;
      if (journey === undefined)
        throw new AppError(
          'sign_in_failed',
          'This sign-in was begun in another browser, is too old, or was finished already. Begin it again.',
        );
      await webSessions.destroy(key);
      cookie(ctx, '', 0);
      return journey;
    },
  };
};

/** Signing in by OpenID Connect: there, back, and on. */
export const openIdRoutes = (web: AdminWeb): readonly PublicRoute[] => {
  if (web.manage.signIn.elsewhere === null) return [];
  const pages = adminPages(web);
  const { put, take } = journeys(web);

  const arrive = async (ctx: Context, { session }: Entrance): Promise<void> => {
    const { to, handshake, proved } = await take(ctx);
    if (proved !== null) throw new AppError('sign_in_failed', 'This sign-in was finished already.');
    const parameters = new URLSearchParams(ctx.search);
    const from = { address: ctx.state.client, requestId: ctx.state.requestId };
    const signedIn = await web.manage.signIn.arrive(parameters, handshake, from);
    await put(ctx, { to, handshake, proved: signedIn });
    // A redirect would still count as the other site's doing; a page of ours that moves on does not.
    pages.show(ctx, { session, visitor: null }, 'admin/returned', { next: '/admin/oidc/done' });
  };

  const goOn = async (ctx: Context, { session, visitor }: Entrance): Promise<void> => {
    const { to, handshake, proved } = await take(ctx);
    if (proved === null)
      throw new AppError('sign_in_failed', 'This sign-in is not finished yet. Begin it again.');
    if (handshake.again && visitor !== null) {
      if (visitor.admin.id !== proved.admin)
        throw new AppError('sign_in_failed', 'That was another person than the one who is signed in here.');
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
        const { url, handshake } = await web.manage.signIn.depart(again, from);
        await put(ctx, { to: pathHere(form.get('to')), handshake, proved: null });
        seeOther(ctx, url);
      },
    },
    { method: 'get', path: '/admin/oidc/callback', handle: arrive },
    { method: 'get', path: '/admin/oidc/done', handle: goOn },
  ];
};
