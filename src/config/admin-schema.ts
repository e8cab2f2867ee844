import * as z from 'zod';
import { Secret } from '../domain/secret.js';
import { credential, defaulted, described, flag, label, text, url } from '../domain/zod-types.js';
import type { AdminConfig } from './config.js';

const client = z.strictObject({
  id: described(credential, 'The client id the identity provider gave to this server', `\${OIDC_ID}`),
  secret: described(
    credential,
    'The client secret the identity provider gave to this server',
    `\${OIDC_SECRET}`,
  ),
});

const email = text((value) =>
  /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(value) ? null : 'this is no e-mail address',
);

const allow = z
  .strictObject({
    subjects: defaulted(
      z.array(label(255)).max(500, 'these are more than 500'),
      'The `sub` of each person who may come in: the safest, since it never changes hands',
      [],
      ['248289761001'],
    ),
    emails: defaulted(
      z.array(email).max(500, 'these are more than 500'),
      'E-mail addresses of people who may come in, where the identity provider says that it verified them',
      [],
      ['ann@example.com'],
    ),
  })
  .superRefine(({ subjects, emails }, context) => {
    if (subjects.length + emails.length === 0)
      context.addIssue({ code: 'custom', message: 'this allows no one in' });
  });

const oidc = z.strictObject({
  issuer: described(url, 'The issuer, exactly as its metadata names it', 'https://accounts.example.com'),
  name: described(
    label(80),
    'What the button calls it; its host name unless given',
    'Example accounts',
  ).exactOptional(),
  client: described(
    client,
    'What the identity provider gave to this server; its redirect URI is siteOrigin and /admin/oidc/callback',
    { id: `\${OIDC_ID}`, secret: `\${OIDC_SECRET}` },
  ),
  scopes: defaulted(
    z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'this is no scope')),
    'Scopes to ask for; `openid` is always among them',
    ['openid', 'email'],
  ),
  allow: described(allow, 'Who may come in; everybody else may not', { emails: ['ann@example.com'] }),
});

/** `admin:` of `oriel.yaml`: the administration console, and who signs in to it otherwise than by password. */
export const adminSchema = z.strictObject({
  enabled: defaulted(flag, 'Whether there is an administration console below siteOrigin/admin', true),
  oidc: described(oidc, 'Signing in to the console by OpenID Connect, beside passwords', {
    issuer: 'https://accounts.example.com',
    client: { id: `\${OIDC_ID}`, secret: `\${OIDC_SECRET}` },
    allow: { emails: ['ann@example.com'] },
  }).exactOptional(),
});

/** The settings of the console out of their entry. */
export const adminConfig = ({ enabled, oidc: given }: z.output<typeof adminSchema>): AdminConfig => ({
  enabled,
  oidc:
    given === undefined
      ? null
      : {
          ...given,
          name: given.name ?? new URL(given.issuer).hostname,
          client: { id: given.client.id, secret: new Secret(given.client.secret) },
          scopes: [...new Set(['openid', ...given.scopes])],
        },
});
