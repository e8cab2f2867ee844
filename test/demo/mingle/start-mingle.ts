import { basename } from 'node:path';
import { Router } from '@koa/router';
import { type OrielSettings, orielHost, tokenEndpointForOriel } from '../host/oriel-host.js';
import { control } from '../provider/control.js';
import { addProvider, openProvider, type SeededClient } from '../provider/oauth-provider.js';
import { assets, type RunningApplication, startApplication } from '../site/application.js';
import { demoFile } from '../site/files.js';
import { checkForms, type Form, forms } from '../site/forms.js';
import { sessions } from '../site/sessions.js';
import { addSignIn } from '../site/sign-in.js';
import type { Handler, WebState } from '../site/web.js';
import { addApi } from './api.js';
import { mingleCommands } from './commands.js';
import { clientsPath, minglePages, signInPath, signOutPath } from './layout.js';
import { overviewGadgets as gadgets } from './overview.js';
import { addPages } from './pages.js';
import { sampleProjects } from './projects.js';

export interface MingleOptions {
  /** Whose gadgets its pages frame; by default none. */
  readonly oriel?: OrielSettings | null;
  /** 0 or absent takes a free one. */
  readonly port?: number;
  /** How people and Oriel reach it; by default `http://localhost:PORT`. */
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

/** Starts the demo's Mingle on loopback. */
export const startMingle = async (options: MingleOptions = {}): Promise<RunningApplication> => {
  const now = options.now ?? Date.now;
  const provider = openProvider(options.stateFile ?? null, options.clients ?? [], now);
  const projects = sampleProjects(now);
  const session = sessions('mingle_session');
  const form: Form = forms(session);
  const show = minglePages(session, form);
  const shared = { sessions: session, form, show, checkForms: checkForms(show), signInPath, signOutPath };

  // The port is known only once it listens, and absolute links need it: routes are added then.
  const router = new Router<WebState>();
  const routes = router.routes();
  const controlled: readonly Handler[] = options.controlSecret
    ? [
        control({
          secret: options.controlSecret,
          tokenPath: '/oauth/token',
          grants: provider.grants,
          commands: mingleCommands(projects),
        }),
      ]
    : [];
  const sheets = ['site/base.css', 'site/parts.css', 'mingle/mingle.css'];
  const css = Object.fromEntries(sheets.map((file) => [basename(file), demoFile(file)]));
  const server = await startApplication({
    port: options.port ?? 0,
    show,
    sessions: session,
    handlers: [...controlled, assets('/assets', css), (ctx, next) => routes(ctx, next)],
  });
  const url = options.url ?? `http://localhost:${server.port}`;

  addSignIn(router, { ...shared, application: 'Mingle', home: '/projects' });
  addProvider(router, { ...shared, ...provider, application: 'Mingle', base: url, context: '', clientsPath });
  addApi(router, {
    addresses: { site: url, api: `${url}/api/v2` },
    projects,
    grants: provider.grants,
    signInPath,
  });
  const { oriel } = options;
  const tokenUrl = '/oriel-token';
  const facts = { id: 'mingle', application: 'Mingle', tokenUrl, signInPath, gadgets };
  const host = oriel ? orielHost(oriel, facts, now) : null;
  addPages(router, { ...shared, projects, host });
  if (host) router.post(tokenUrl, tokenEndpointForOriel(new URL(url).origin, host));
  return { url, close: server.close };
};
