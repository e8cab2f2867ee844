// The architecture as rules. The domain knows nobody, the stories know the domain, the web knows the stories, the doors know
// the domain, and only compose.ts knows both the web and the doors.
const stories = '^src/(render|connect|manage)/';
const doors = '^src/(catalog|hosts|oauth|upstream|store|views)/';

/** @type {(name: string, comment: string, from: object, to: object) => import('dependency-cruiser').IForbiddenRuleType} */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const door = (technology, packages, ...folders) =>
  rule(
    `one-door-to-${technology}`,
    `${technology} is reached through ${folders.join(', ')} only.`,
    { path: '^src/', pathNot: folders.map((folder) => `^src/${folder}/`) },
    { path: `(^|node_modules/)(${packages})(/|$)` },
  );

export default {
  forbidden: [
    rule('no-circular', 'A cycle has no first file to read.', {}, { circular: true }),
    rule(
      'domain-knows-nobody',
      'Types and pure rules.',
      { path: '^src/domain/' },
      { pathNot: '^src/domain/' },
    ),
    rule(
      'stories-know-the-domain',
      'Stories reach everything else through ports.',
      { path: stories },
      { path: '^src/', pathNot: ['^src/domain/', '^src/$1/'] },
    ),
    rule(
      'stories-do-no-io',
      'Neither npm packages nor node: modules.',
      { path: stories },
      { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'core'] },
    ),
    rule(
      'doors-know-the-domain',
      'Doors do not know each other.',
      { path: doors },
      { path: '^src/', pathNot: ['^src/domain/', '^src/$1/'] },
    ),
    rule(
      'web-reaches-no-door',
      'Pages and routes know stories and the domain.',
      { path: '^src/http/' },
      { path: '^src/', pathNot: '^src/(domain|render|connect|manage|http)/' },
    ),
    rule(
      'config-knows-types-only',
      'Configuration is read into the domain’s types.',
      { path: '^src/config/' },
      { path: '^src/', pathNot: '^src/(domain|config)/' },
    ),
    rule(
      'only-the-command-line-composes',
      'One assembly for the program and its tests.',
      { path: '^src/', pathNot: ['^src/(main|compose)[.]ts$', '^src/cli/', '^src/compose/'] },
      { path: '^src/compose([.]ts$|/)' },
    ),
    rule(
      'browser-knows-nobody',
      'Scripts of pages share nothing with the server.',
      { path: '^src/browser/' },
      { pathNot: '^src/browser/' },
    ),
    rule(
      'nobody-knows-the-browser',
      'It is bundled apart.',
      { path: '^src/', pathNot: '^src/browser/' },
      { path: '^src/browser/' },
    ),
    rule('tests-stay-out', 'What ships knows no test.', { path: '^src/' }, { path: '^(test|bench)/' }),
    door('koa', 'koa|@koa/router|koa-session', 'http'),
    door('sql', 'sqlite3|pg', 'store'),
    door('nunjucks', 'nunjucks', 'views'),
    door('simple-oauth2', 'simple-oauth2', 'oauth'),
    door('outgoing-http', 'undici', 'upstream', 'oauth', 'hosts'),
    door('openid-connect', 'openid-client', 'oauth'),
    door('rate-limits', 'rate-limiter-flexible', 'store'),
    door('host-tokens', 'jose', 'hosts'),
    door('yaml', 'yaml', 'config', 'catalog'),
    rule(
      'no-unknown-packages',
      'What runs is declared as a dependency.',
      { path: '^src/' },
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
