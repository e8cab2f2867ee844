// The demo's third application: a page that frames gadgets of the other two. This is all that a host needs, in plain Node.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const { PORTAL_PORT = '', PORTAL_PEOPLE = '[]', GADGET_ORIGIN = '', HOST_SECRET = '' } = process.env;
const people = JSON.parse(PORTAL_PEOPLE);
const signedIn = new Map();

const page = (name, values) =>
  readFileSync(new URL(name, import.meta.url), 'utf8').replace(/\{(\w+)\}/g, (_, key) => values[key]);

/** Says to Oriel who is looking: a JWT, signed with the secret that both know, good for one launch within a minute. */
const hostToken = ({ subject: sub, name }, gadget) => {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'portal',
    aud: GADGET_ORIGIN,
    sub,
    name,
    gadget,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  };
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)));
  const signed = parts.map((part) => part.toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', HOST_SECRET).update(signed).digest('base64url')}`;
};

const answer = async (request, response) => {
  const session = /\bportal=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const person = signedIn.get(session);
  const send = (status, type, content) => response.writeHead(status, { 'Content-Type': type }).end(content);
  if (request.method === 'GET') {
    if (request.url !== '/') return send(404, 'text/plain', 'Not found');
    const content = person ? page('page.html', { ...person, GADGET_ORIGIN }) : page('sign-in.html', {});
    return send(200, 'text/html; charset=utf-8', content);
  }
  // Only our own pages have anything to send here.
  if (request.headers.origin !== `http://localhost:${PORTAL_PORT}`) return send(403, 'text/plain', 'Refused');
  const body = await text(request);
  if (request.url === '/oriel-token') {
    const token = person && hostToken(person, JSON.parse(body).gadget);
    return send(person ? 200 : 401, 'application/json', JSON.stringify({ token }));
  }
  const form = new URLSearchParams(body);
  const found = people.find(
    (each) => each.login === form.get('login') && each.password === form.get('password'),
  );
  const next = randomUUID();
  signedIn.delete(session);
  if (found) signedIn.set(next, found);
  response.writeHead(303, { Location: '/', 'Set-Cookie': `portal=${next}; HttpOnly; SameSite=Lax` }).end();
};

createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(400).end());
}).listen(Number(PORTAL_PORT), 'localhost');
