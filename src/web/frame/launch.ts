import { AppError } from '../../domain/errors.js';
import { FRAME_SESSION_LIFE, type FrameSession, type HostClaims } from '../../domain/frame-session.js';
import type { Gadget } from '../../domain/gadget.js';
import { parseUrl } from '../../domain/parse-url.js';
import { Secret } from '../../domain/secret.js';
import { canonical, foreignNames, readParameters } from '../../gadgets/parameters.js';
import { hasChangeable } from '../../gadgets/viewer-choices.js';
import type { Sentences } from '../../views/view-models.js';
import { readForm } from '../body.js';
import { gadgetPage } from '../headers.js';
import { acceptedLocale, spokenLocale, viewerLocale } from '../locale.js';
import { type Addressed, addressed, requireFrame } from './addressed.js';
import { logFailure } from './content-routes.js';
import type { FramePages } from './frame-pages.js';
import { themeOf } from './frame-pages.js';
import type { FrameWeb } from './frame-web.js';

const LARGEST_FORM = 32 * 1024;
const LONGEST_TOKEN = 8 * 1024;
const KNOWN = new Set(['token', 'theme', 'locale', 'time-zone']);
const PARAMETER = 'p.';

interface LaunchForm {
  readonly token: Secret;
  readonly parameters: ReadonlyMap<string, string>;
  readonly theme: string | undefined;
  readonly locale: string | undefined;
  readonly timeZone: string | undefined;
}

/** A host token as it arrives: some text of a limited length. Verifying it comes later. */
export const readToken = (text: string | undefined): Secret => {
  if (text === undefined || text === '') throw new AppError('token_missing');
  if (text.length > LONGEST_TOKEN)
    throw new AppError('token_invalid', {}, `A host token has at most ${LONGEST_TOKEN} characters.`);
  return new Secret(text);
};

const readLaunch = (form: ReadonlyMap<string, string>): LaunchForm => {
  const parameters = new Map<string, string>();
  for (const [name, value] of form) {
    if (name.startsWith(PARAMETER)) parameters.set(name.slice(PARAMETER.length), value);
    else if (!KNOWN.has(name))
      throw new AppError(
        'parameter_unknown',
        `A launch has no field “${name.slice(0, 64)}”. It has: token, theme, locale, time-zone, and p.NAME for each parameter.`,
      );
  }
  return {
    token: readToken(form.get('token')),
    parameters,
    theme: form.get('theme'),
    locale: form.get('locale'),
    timeZone: form.get('time-zone'),
  };
};

/** A token that names a gadget serves that gadget alone. */
export const requireGadget = (claims: HostClaims, gadget: string): void => {
  if (claims.gadget !== null && claims.gadget !== gadget)
    throw new AppError('token_invalid', { as: 'token_other_gadget' });
};

/** Refusals that a fresh token fixes: the page then asks the host for one, as after a reload. */
const isFixedByRelaunch = (error: unknown): error is AppError =>
  error instanceof AppError && (error.code === 'token_replayed' || error.code === 'token_expired');

const LONGEST_NAME = 64;
const KEPT = 1000;

const zoneName = (zone: string): string | null => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
};

/** Remembers answers about short texts: asking Intl takes longer than the rest of a launch. */
const remembering = (
  read: (text: string) => string | null,
  kept: number,
): ((text: string) => string | null) => {
  const known = new Map<string, string | null>();
  return (text) => {
    if (text === '' || text.length > LONGEST_NAME) return null;
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= kept) known.clear();
    const answer = read(text);
    known.set(text, answer);
    return answer;
  };
};

/** The viewer's language and time zone, from what a page says of them; nothing a page says can make it fail. */
class Surroundings {
  readonly #locales: (tag: string) => string | null;
  readonly #accepted: (header: string) => string | null;
  readonly #zones: (zone: string) => string | null;

  constructor(sentences: Pick<Sentences, 'locales'>, kept = KEPT) {
    this.#locales = remembering((tag) => spokenLocale(sentences, tag), kept);
    this.#accepted = remembering((header) => acceptedLocale(sentences, header), kept);
    this.#zones = remembering(zoneName, kept);
  }

  /**
   * The first of these that is a BCP 47 tag, without extensions; else what the browser accepts. English where there are no sentences for
   * that language.
   */
  locale(said: readonly (string | null | undefined)[], acceptLanguage: string): string {
    for (const each of said) {
      const locale = this.#locales(each ?? '');
      if (locale !== null) return locale;
    }
    return this.#accepted(acceptLanguage.slice(0, LONGEST_NAME)) ?? 'en';
  }

  /** The IANA name, or UTC. */
  timeZone(said: string | undefined): string {
    return this.#zones(said ?? '') ?? 'UTC';
  }
}

/**
 * `POST /h/:host/g/:gadget`. The token is the proof: `Origin` and `Sec-Fetch-Site` are not judged, for hosts with
 * `no-referrer` send `null`. One insert burns the token and makes the frame session.
 */
export const launchRoute = (web: FrameWeb, pages: FramePages) => {
  const { choices, clock, digest, directory, entropy, hostTokens, renderings, sessions } = web;
  const around = new Surroundings(web.views, web.kept?.locales);

  /** Where the host's page is, as the browser says; a page with `no-referrer` does not. For people to read: no decision rests on it. */
  const pageOf = (ctx: Addressed, id: string): { readonly origin?: string } => {
    const { origin: sender, referer } = ctx.req.headers;
    const page = referer === undefined ? undefined : parseUrl(referer)?.origin;
    const origin = directory.host(id)?.origins.find((each) => each === sender || each === page);
    return origin === undefined ? {} : { origin };
  };

  const open = async (ctx: Addressed, claims: HostClaims, form: LaunchForm, gadget: Gadget) => {
    const now = clock.now();
    const bearer = entropy.secret();
    const locale = around.locale([form.locale, claims.locale], ctx.get('Accept-Language'));
    ctx.state.locale = locale;
    const session: FrameSession = {
      id: entropy.id(),
      viewer: claims.viewer,
      profile: { ...claims.profile, ...pageOf(ctx, claims.viewer.host), locale },
      gadget: gadget.id,
      parameters: readParameters(gadget, form.parameters, claims.params),
      locks: canonical(claims.params),
      choices: hasChangeable(gadget) ? await choices.of(claims.viewer, gadget.id) : {},
      locale,
      timeZone: around.timeZone(form.timeZone),
      launchedAt: now,
      expiresAt: now + FRAME_SESSION_LIFE,
    };
    const { jti, replayableUntil } = claims;
    const bearerHash = digest.sha256(bearer.reveal());
    const launched = await sessions.launch({ session, bearerHash, jti, replayableUntil }, web.limits);
    if (launched === 'too-many') throw new AppError('too_many_requests', { as: 'too_many_frames' });
    if (launched === 'replayed')
      throw new AppError(
        'token_replayed',
        {},
        'The token’s “jti” was used before: give each launch a token of its own. A page that a cache keeps, or a form without script that is pressed twice, sends one again.',
      );
    return { session, bearer };
  };

  return async (ctx: Addressed): Promise<void> => {
    const { host, gadget } = addressed(directory, ctx);
    requireFrame(ctx);
    try {
      const form = readLaunch(await readForm(ctx, LARGEST_FORM));
      ctx.state.locale = around.locale([form.locale], ctx.get('Accept-Language'));
      const ignored = foreignNames(gadget, form.parameters.keys());
      // So that a misspelled parameter of a page without script is found too.
      if (ignored.length > 0) ctx.state.log.ignored = ignored.join(' ').slice(0, 200);
      const claims = await hostTokens.verify(host, form.token);
      requireGadget(claims, gadget.id);
      const { session, bearer } = await open(ctx, claims, form, gadget);
      const standing = await renderings.standing(session);
      const answer = await renderings.answer(session, ctx.state.requestId);
      const rendered = answer === 'pending' ? null : answer;
      if (rendered !== null) logFailure(ctx, rendered);
      const { requestId } = ctx.state;
      const expiresIn = FRAME_SESSION_LIFE / 1000;
      const { locale } = session;
      const data = { bearer: bearer.reveal(), expiresIn, host, gadget, locale, requestId, standing };
      gadgetPage(ctx, host);
      ctx.set('Content-Type', 'text/html; charset=utf-8');
      ctx.state.log.gadget = gadget.id;
      ctx.state.log.state = rendered?.state ?? 'loading';
      ctx.body = pages.launch(data, themeOf(form.theme), rendered);
    } catch (error) {
      if (!isFixedByRelaunch(error)) throw error;
      ctx.state.log.code = error.code;
      if (error.reason !== null) ctx.state.log.reason = error.reason;
      ctx.status = error.status;
      gadgetPage(ctx, host);
      ctx.type = 'html';
      ctx.body = pages.relaunch(host, gadget, ctx.state.requestId, error, viewerLocale(ctx, web.views));
    }
  };
};

/** `GET` of the launch path and of `…/relaunch`: static, and all that a reload or Back ever asks for. */
export const relaunchRoute =
  (web: FrameWeb, pages: FramePages) =>
  (ctx: Addressed): void => {
    const { host, gadget } = addressed(web.directory, ctx);
    requireFrame(ctx);
    gadgetPage(ctx, host);
    ctx.type = 'html';
    ctx.body = pages.relaunch(host, gadget, ctx.state.requestId, null, viewerLocale(ctx, web.views));
  };
