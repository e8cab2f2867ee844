import { basename } from 'node:path';
import { Router } from '@koa/router';
import { type OrielSettings, orielHost, tokenEndpointForOriel } from '../host/oriel-host.js';
import { control } from '../provider/control.js';
import { addProvider, openProvider, type SeededClient } from '../provider/oauth-provider.js';
import { assets, type RunningApplication, startApplication } from '../site/application.js';
import { demoFile } from '../site/files.js';
import { checkForms, forms } from '../site/forms.js';
import { sessions } from '../site/sessions.js';
import { addSignIn } from '../site/sign-in.js';
import type { Handler, WebState } from '../site/web.js';
import { addApi } from './api.js';
import { addCctray } from './cctray.js';
import { addComparePage } from './compare-page.js';
import { addDashboard } from './dashboard.js';
import { clientsPath, gocdPages, signInPath, signOutPath } from './layout.js';
import { samplePipelines } from './sample-pipelines.js';

export interface GocdOptions {
  readonly oriel: OrielSettings;
  /** Mingle's base, without a slash at the end. */
  readonly mingle: string;
  /** 0 or absent takes a free one. */
  readonly port?: number;
  /** How people and Oriel reach it, without `/go`; by default `http://localhost:PORT`. */
  readonly url?: string;
  /** OAuth clients that exist from the start. */
  readonly clients?: readonly SeededClient[];
  /** Where OAuth clients, codes and tokens are kept; by default nowhere. */
  readonly stateFile?: string | null;
  /** Opens `POST /__control` to anyone who knows it; by default closed. */
  readonly controlSecret?: string | null;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const gadgets = ['mingle-card-activity', 'mingle-cards'];

/** Starts the demo's GoCD on loopback. */
export const startGocd = async (options: GocdOptions): Promise<RunningApplication> => {
  const now = options.now ?? Date.now;
  const { oriel, mingle } = options;
  const provider = openProvider(options.stateFile ?? null, options.clients ?? [], now);
  const pipelines = samplePipelines(now());
  const tokenUrl = '/go/oriel-token';
  const host = orielHost(oriel, { id: 'gocd', application: 'GoCD', tokenUrl, signInPath, gadgets }, now);
  const session = sessions('gocd_session');
  const form = forms(session);
  const show = gocdPages(session, form, oriel.gadgetOrigin);
  const shared = { sessions: session, form, show, checkForms: checkForms(show), signInPath, signOutPath };

  // The port is known only once it listens, and absolute links need it: routes are added then.
  const router = new Router<WebState>();
  const routes = router.routes();
  const { grants } = provider;
  const secret = options.controlSecret;
  const controlled: readonly Handler[] = secret
    ? [control({ secret, tokenPath: '/go/oauth/token', grants, commands: {} })]
    : [];
  const sheets = ['site/base.css', 'site/parts.css', 'gocd/gocd.css'];
  const css = Object.fromEntries(sheets.map((file) => [basename(file), demoFile(file)]));
  const server = await startApplication({
    port: options.port ?? 0,
    show,
    sessions: session,
    handlers: [...controlled, assets('/go/assets', css), (ctx, next) => routes(ctx, next)],
  });
  const url = options.url ?? `http://localhost:${server.port}`;
  const base = `${url}/go`;

  addSignIn(router, { ...shared, application: 'GoCD', home: '/go/pipelines' });
  addProvider(router, { ...shared, ...provider, application: 'GoCD', base, context: '/go', clientsPath });
  addCctray(router, { base, pipelines, grants });
  addApi(router, { base, pipelines, grants });
  addDashboard(router, pipelines, show);
  addComparePage(router, { pipelines, host, mingle, show });
  router.post(tokenUrl, tokenEndpointForOriel(new URL(url).origin, host));
  return { url, close: server.close };
};
