import { literal } from './literals.js';
import {
  ABOUT_SECRET,
  aboutKey,
  type Endpoint,
  KEY_ID_VARIABLE,
  PRIVATE_KEY_VARIABLE,
  SECRET_VARIABLE,
  type SnippetFacts,
  TOKEN_PATH,
} from './snippet-facts.js';

const text = literal.node;

const claims = `{
    iss: HOST,
    aud: GADGET_ORIGIN,
    sub: user.id,
    name: user.name,
    gadget: GADGET,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
  }`;

const withSecret = {
  imports: `import { createHmac, randomUUID } from 'node:crypto';`,
  key: `// ${ABOUT_SECRET}
const SECRET = process.env.${SECRET_VARIABLE} ?? '';
if (Buffer.byteLength(SECRET) < 32) throw new Error('${SECRET_VARIABLE} must hold at least 32 bytes.');

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');`,
  token: `const tokenFor = (user) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = ${claims};
  const signed = \`\${encode({ alg: 'HS256', typ: 'JWT' })}.\${encode(claims)}\`;
  return \`\${signed}.\${createHmac('sha256', SECRET).update(signed).digest('base64url')}\`;
};`,
};

const withPrivateKey = ({ algorithm, namesKey }: SnippetFacts) => ({
  imports: `import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';`,
  key: `// ${aboutKey(namesKey)}
const KEY = createPrivateKey(process.env.${PRIVATE_KEY_VARIABLE} ?? '');${
    namesKey ? `\nconst KEY_ID = process.env.${KEY_ID_VARIABLE}; // the "kid" in your JWKS` : ''
  }`,
  token: `const tokenFor = (user) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = ${claims};
  const header = { alg: ${text(algorithm)}, typ: 'JWT'${namesKey ? ', kid: KEY_ID' : ''} };
  return new SignJWT(claims).setProtectedHeader(header).sign(KEY);
};`,
});

/** A handler for `node:http` and everything made of it. */
export const nodeEndpoint = (facts: SnippetFacts): Endpoint => {
  const secret = facts.algorithm === 'HS256';
  const signing = secret ? withSecret : withPrivateKey(facts);
  return {
    language: 'node',
    title: 'Node',
    file: 'oriel-token.mjs',
    install: secret ? null : 'npm install jose',
    code: `// oriel-token.mjs
${signing.imports}

const HOST = ${text(facts.host)};
const GADGET = ${text(facts.gadget)};
const GADGET_ORIGIN = ${text(facts.gadgetOrigin)};
const OWN_ORIGINS = [${facts.origins.map(text).join(', ')}];
${signing.key}

/**
 * "id" never changes and is never given to somebody else: an account's number, not a mail address. "params" in the claims
 * would lock parameters; without "gadget" the token serves every gadget of this host.
 */
${signing.token}

/**
 * The token address: app.post('${TOKEN_PATH}', orielToken(signedIn)) in Express, or a handler of node:http.
 * signedIn(request) asks your own session: { id, name } of whoever is signed in, or null.
 */
export const orielToken = (signedIn) => async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  const { 'content-type': type = '', origin } = request.headers;
  if (request.method !== 'POST') return answer(405, { error: 'POST only' });
  if (!/^application\\/json *(;|$)/i.test(type)) return answer(415, { error: 'JSON only' });
  if (!OWN_ORIGINS.includes(origin)) return answer(403, { error: 'another origin' });
  const user = await signedIn(request);
  if (!user) return answer(401, { error: 'not signed in' });
  answer(200, { token: await tokenFor(user) });
};
`,
  };
};
