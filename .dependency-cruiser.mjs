// The architecture as rules. Imports point down this list, never up; `import type` may also point at a neighbour of the same level.
// A noun's commands stand in the noun's folder and belong to the command line.
const COMMANDS = '^src/admin/[^/]+/[^/]*command[^/]*[.]ts$';

/** @type {readonly (readonly [why: string, modules: Readonly<Record<string, string | string[]>>])[]} */
const levels = [
  ['It reads argv and runs a command.', { main: '^src/main[.]ts$' }],
  [
    'A command asks for what the server is made of, and nothing asks for a command.',
    { cli: ['^src/cli/', COMMANDS] },
  ],
  ['One assembly, for the program and its tests alike.', { server: '^src/server([.]ts$|/)' }],
  [
    'Its pages and calls stand on the web; the web does not know that there is a console.',
    { admin: '^src/admin/' },
  ],
  ['Routes ask use cases, which know no request.', { web: '^src/web/' }],
  [
    'What the product does, whichever way it is asked for.',
    { render: '^src/render/', connect: '^src/connect/' },
  ],
  ['A configuration is made of what providers, hosts and gadgets are.', { config: '^src/config/' }],
  [
    'What there is to do it with.',
    {
      gadgets: '^src/gadgets/',
      hosts: '^src/hosts/',
      upstream: '^src/upstream/',
    },
  ],
  ['Who calls a provider binds the token as its record says.', { providers: '^src/providers/' }],
  ['One technology each.', { net: '^src/net/', store: '^src/store/', views: '^src/views/' }],
  ['Types and pure rules that several modules share.', { domain: '^src/domain/' }],
];

/** @type {(name: string, comment: string, from: object, to: object) => import('dependency-cruiser').IForbiddenRuleType} */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A module, and what of its folder belongs to another one. */
const within = (module, path) => ({ path, ...(module === 'admin' && { pathNot: COMMANDS }) });

const downwards = levels.flatMap(([why, modules], level) => {
  const above = levels.slice(0, level).flatMap(([, others]) => Object.values(others).flat());
  return Object.entries(modules).flatMap(([module, path]) => {
    const beside = Object.values(modules)
      .filter((other) => other !== path)
      .flat();
    return [
      ...(above.length > 0
        ? [rule(`${module}-imports-downwards`, why, within(module, path), { path: above })]
        : []),
      ...(beside.length > 0
        ? [
            rule(
              `${module}-knows-neighbours-by-type`,
              'Neighbours may name each other’s types; what they do together is done a level above.',
              { path },
              { path: beside, dependencyTypesNot: ['type-only'] },
            ),
          ]
        : []),
    ];
  });
});

/** A technology, and the only places that import it. */
const only = (technology, packages, why, ...places) =>
  rule(
    `${technology}-in-one-place`,
    why,
    { path: '^src/', pathNot: places },
    { path: `(^|node_modules/|^node:)(${packages})(/|$)` },
  );

export default {
  forbidden: [
    rule('no-circular', 'A cycle has no first file to read.', {}, { circular: true }),
    ...downwards,
    rule(
      'use-cases-know-no-web',
      'What may be done in the console can be asked for by a command too: only pages and calls see a request.',
      { path: '^src/admin/[^/]+/', pathNot: ['/[^/]*pages[.]ts$', '/[^/]*api[.]ts$', COMMANDS] },
      { path: '^src/web/' },
    ),
    rule(
      'browser-knows-nothing-of-the-server',
      'Scripts of pages are bundled apart.',
      { path: '^src/browser/' },
      { pathNot: '^src/browser/' },
    ),
    rule(
      'the-server-knows-nothing-of-the-browser',
      'Scripts of pages are bundled apart.',
      { path: '^src/', pathNot: '^src/browser/' },
      { path: '^src/browser/' },
    ),
    rule('tests-stay-out', 'What ships knows no test.', { path: '^src/' }, { path: '^(test|bench)/' }),
    only(
      'koa',
      'koa|@koa/router|koa-session',
      'A use case that knows no request can be asked for in any way.',
      '^src/web/',
      // The two places where the console and its API add their routes.
      '^src/admin/mount-(console|api)[.]ts$',
    ),
    only('sql', 'sqlite3|pg', 'Two engines have to agree in everything.', '^src/store/'),
    only('nunjucks', 'nunjucks', 'Escaping and budgets are set up once.', '^src/views/'),
    only('outgoing-http', 'undici|https', 'Every call passes the address guard.', '^src/net/'),
    rule(
      'node-http-in-few-places',
      'Every call passes the address guard; of the global `fetch` Biome says so.',
      {
        path: '^src/',
        pathNot: [
          '^src/net/',
          // These two answer, and ask no one.
          '^src/web/listening[.]ts$',
          '^src/cli/verify/stub-provider[.]ts$',
          // It asks the server of this machine, which may listen on a Unix socket.
          '^src/cli/healthcheck[.]ts$',
        ],
      },
      { path: '^(node:)?http2?$', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'unguarded-in-verify-alone',
      'Every other call passes the address guard; this one asks a server of the person who runs it.',
      { path: '^src/', pathNot: '^src/cli/verify/played-viewer[.]ts$' },
      { path: '^src/net/unguarded-request[.]ts$' },
    ),
    // These two libraries send by themselves; each is given the guard's agents or its guarded fetch.
    only('simple-oauth2', 'simple-oauth2', 'One OAuth 2.0 client.', '^src/providers/'),
    only(
      'openid-connect',
      'openid-client',
      'Only administrators sign in by it.',
      '^src/admin/people/openid-client[.]ts$',
    ),
    only(
      'signed-tokens',
      'jose',
      'One place decides what a host token is, and one what a provider’s is.',
      '^src/hosts/',
      '^src/providers/id-tokens[.]ts$',
    ),
    only(
      'yaml',
      'yaml',
      'One reader of YAML, which knows lines and bounds.',
      '^src/config/',
      // Our own catalogues and presets, which only we write.
      '^src/views/messages[.]ts$',
      '^src/providers/read-presets[.]ts$',
    ),
    only('sentences', 'intl-messageformat', 'One catalogue.', '^src/views/'),
    only('log', 'pino', 'One log.', '^src/server/'),
    only(
      'traces',
      '@opentelemetry/[^/]+',
      'Loaded where traces are configured, and nowhere else.',
      '^src/server/tracing[.]ts$',
    ),
    only(
      'metrics',
      'prom-client',
      'Loaded where metrics are configured, and nowhere else.',
      '^src/server/monitor(-workers)?[.]ts$',
    ),
    rule(
      'no-unknown-packages',
      'What runs is declared as a dependency, but for what the build puts into a part of its own: OpenTelemetry, of which little is used.',
      { path: '^src/', pathNot: '^src/server/tracing[.]ts$' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
