import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import { unknownApiFix, unknownApiProblem, unknownApisOf } from '../../hosts/unknown-apis.js';
import { readJson, textOf } from '../../web/body.js';
import { previewPage } from '../../web/headers.js';
import type { AdminRoute, ConsoleDeps } from '../console-route.js';
import { writeSnippets } from '../hosts/write-snippets.js';
import { listServers } from '../server/use-cases.js';
import { givenParameters } from './given-parameters.js';
import { issuePreviewToken } from './use-cases.js';

const LARGEST_BODY = 16 * 1024;
const LONGEST_ID = 128;
const TOKEN_PATH = '/admin/preview/token';
const THEMES = ['light', 'dark'];

/**
 * `/admin/preview/:gadget`: a gadget as a host's page shows it, before the administrator as themselves. The page has no
 * Cross-Origin-Opener-Policy, so that an account can be connected; its element asks `POST /admin/preview/token` for tokens, which
 * only a script of our own origin may do, in a session of the console.
 */
export const previewRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  {
    method: 'post',
    path: TOKEN_PATH,
    section: 'hosts',
    takes: 'json',
    async handle({ admin }, ctx) {
      const gadget = textOf(await readJson(ctx, LARGEST_BODY), 'gadget', LONGEST_ID);
      const token = await issuePreviewToken(deps, admin, gadget);
      ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
      ctx.body = { token: token.reveal() };
    },
  },
  {
    method: 'get',
    path: '/admin/preview/:gadget',
    section: 'hosts',
    async handle(visit, ctx) {
      const given = givenParameters(visit.query);
      const { gadget, flows, parameters, missing } = writeSnippets(deps, {
        host: CONSOLE_HOST,
        gadget: visit.params.gadget ?? '',
        given,
      });
      // Opened without values it reports nothing: it asks for them.
      const isAsking = given.size === 0 && parameters.some(({ isExample }) => isExample);
      const named = gadgetNamed(deps.directory, deps.directory.host(CONSOLE_HOST), gadget.id);
      const definition = named?.bound?.gadget ?? gadget.id;
      const servers = await listServers(deps);
      const faulty = servers.flatMap(({ gadgets }) => gadgets).find(({ id }) => id === definition);
      const theme = visit.query.get('theme');
      visit.show('admin/preview', {
        host: CONSOLE_HOST,
        gadget,
        flows,
        parameters,
        missing: missing.filter(({ ofParameters }) => !(isAsking && ofParameters)),
        isAsking,
        problem: faulty?.problem ?? null,
        unknownApis: (named === undefined
          ? []
          : unknownApisOf(named, (provider) => deps.directory.provider(provider))
        ).map((each) => `${unknownApiProblem(each)}. There must be ${unknownApiFix(each)}.`),
        theme: THEMES.find((each) => each === theme) ?? null,
        doctor: visit.query.has('doctor'),
        tokenPath: TOKEN_PATH,
        // Of this very origin: a script of the gadget origin would act here as the administrator.
        embed: {
          script: deps.assets.url('embed.js'),
          doctor: deps.assets.url('doctor.js'),
        },
        page: `/admin/preview/${encodeURIComponent(gadget.id)}`,
      });
      previewPage(ctx, deps.gadgetOrigin);
    },
  },
];
