export type Model = Readonly<Record<string, unknown>>;

/** What every page of the console finds. */
export const adminBase = (text: string): Model => ({
  admin: { id: text, name: text, hasPassword: true, subject: text },
  formToken: text,
  section: text,
  notice: { kind: 'bad', message: text },
  requestId: text,
  assets: { style: '/assets/a.css', script: '/assets/a.js' },
});

/** The console's own pages: coming in, people and keys. */
export const everySignInPage = (text: string): Readonly<Record<string, Model>> => {
  const base = adminBase(text);
  const signedOut = { ...base, admin: null };
  const person = {
    id: text,
    name: text,
    hasPassword: true,
    subject: text,
    createdAt: 0,
    lastSignInAt: 0,
    version: 1,
  };
  const key = {
    id: text,
    name: text,
    scopes: [text],
    createdAt: 0,
    createdBy: text,
    expiresAt: 0,
    lastUsedAt: 0,
  };
  return {
    'admin/sign-in': { ...signedOut, to: text, name: text, error: text, elsewhere: text },
    'admin/setup-link': signedOut,
    'admin/setup': {
      ...signedOut,
      ...{ token: text, existing: text, name: text, error: { field: 'password', message: text } },
    },
    'admin/confirm': {
      ...base,
      action: text,
      to: text,
      fields: [{ name: text, value: text }],
      error: text,
      hasPassword: true,
      elsewhere: text,
    },
    'admin/confirmed': base,
    'admin/returned': { ...signedOut, next: text },
    'admin/refusal': { ...base, code: text, message: text, status: 500 },
    'admin/administrators': {
      ...base,
      administrators: [person, { ...person, id: 'other', subject: null, lastSignInAt: null }],
      elsewhere: text,
    },
    'admin/administrator-remove': { ...base, administrator: person },
    'admin/invite': { ...base, invitation: { link: text, expiresAt: 0 } },
    'admin/password': { ...base, error: { field: 'current', message: text } },
    'admin/api-keys': {
      ...base,
      keys: ['good', 'expired', 'revoked'].map((state) => ({ ...key, state, revokedAt: 0 })),
    },
    'admin/api-key-new': {
      ...base,
      name: text,
      days: text,
      most: 365,
      scopes: [{ name: text, chosen: true }],
      errors: { name: text, days: text, scopes: text },
    },
    'admin/api-key-made': { ...base, key, secret: text },
  };
};
