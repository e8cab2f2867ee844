import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { ConsoleDeps } from '../console-route.js';
import type { AdminSession } from '../console-session.js';
import type { Form, Texts } from './record-form.js';

/** The field of a form that finds what was typed into it before. */
const FIELD = 'typed-secrets';
const KEPT_FOR = 10 * 60_000;
const CIPHER = 'aes-256-gcm';
const TAG = 16;

/** Whose form it is: no other session and no other form opens what was typed into this one. */
export interface FormPlace {
  readonly session: Pick<AdminSession, 'formToken'>;
  /** Path that the form is sent to. */
  readonly path: string;
}

/** A form with the secrets that were typed into it before, and what became of them. */
export interface Recalled {
  readonly form: Form;
  /** Fields whose secret has expired, by name; each must be typed again. */
  readonly errors: Texts;
}

/** Whether a field of a form takes a secret. */
export const isSecret = (name: string): boolean =>
  /^(?:client-secret|key-secret|client-\d+-secret)$/.test(name);

const secretsIn = (form: Form): Texts =>
  Object.fromEntries([...form].filter(([name, text]) => isSecret(name) && text !== ''));

// Each handle is used for one sealing only, so that its nonce may be derived from it like its key.
const keyOf = (handle: string, { session, path }: FormPlace) => {
  const info = JSON.stringify(['typed-secrets', session.formToken(), path]);
  const bytes = Buffer.from(hkdfSync('sha256', handle, '', info, 44));
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
};

const seal = (handle: string, place: FormPlace, text: string): string => {
  const { key, nonce } = keyOf(handle, place);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG });
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
};

const open = (handle: string, place: FormPlace, sealed: string): string | null => {
  const { key, nonce } = keyOf(handle, place);
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG });
    decipher.setAuthTag(bytes.subarray(-TAG));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
};

const textsIn = (text: string): Texts => JSON.parse(text);

/*
 * The secrets of a form that is shown again are kept, so that no one types them twice and no page contains them. The page carries a random
 * handle; the store keeps them sealed under a key that only this handle, this session and this form give, under the hash of the handle.
 * So neither the page nor the database reveals them, and after ten minutes they are gone.
 */

type SecretDeps = Pick<ConsoleDeps, 'webSessions' | 'entropy' | 'clock'>;

const rowOf = (handle: string): string => `${FIELD}:${handle}`;

const handleIn = (form: Form): readonly [string, readonly string[]] | null => {
  const [handle = '', ...names] = (form.get(FIELD) ?? '').split(' ');
  return handle === '' ? null : [handle, names.filter(isSecret)];
};

/** The form as if all of it were typed again. */
export async function recallSecrets(
  { webSessions, clock }: SecretDeps,
  form: Form,
  place: FormPlace,
): Promise<Recalled> {
  const found = handleIn(form);
  if (found === null) return { form, errors: {} };
  const [handle, names] = found;
  const row = await webSessions.get(rowOf(handle), clock.now());
  const text = row === null ? null : open(handle, place, (JSON.parse(row) as { sealed: string }).sealed);
  const kept = text === null ? {} : textsIn(text);
  const fields = new Map(form);
  fields.delete(FIELD);
  const errors: Record<string, string> = {};
  for (const name of names.filter((each) => (form.get(each) ?? '') === '')) {
    const secret = kept[name];
    if (secret !== undefined) fields.set(name, secret);
    else errors[name] = 'What you typed here was kept only for ten minutes. Please type it again.';
  }
  return { form: fields, errors };
}

/** The field for a page that finds the secrets again, and the names of the fields that are kept. */
export interface KeptSecrets {
  readonly field: string;
  readonly value: string;
  readonly names: readonly string[];
}

/** Keeps what was typed; null when there is nothing to keep. */
export async function keepSecrets(
  { webSessions, entropy, clock }: SecretDeps,
  form: Form,
  place: FormPlace,
): Promise<KeptSecrets | null> {
  const secrets = secretsIn(form);
  const names = Object.keys(secrets);
  if (names.length === 0) return null;
  const handle = entropy.secret().reveal();
  const content = JSON.stringify({ sealed: seal(handle, place, JSON.stringify(secrets)) });
  await webSessions.set(rowOf(handle), content, clock.now() + KEPT_FOR);
  return { field: FIELD, value: [handle, ...names].join(' '), names };
}
