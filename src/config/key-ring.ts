import { randomBytes } from 'node:crypto';
import { Secret } from '../domain/secret.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';

const shape = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{43})=?$/;

/** Reads `id:base64url-of-32-bytes`; null when it is anything else. */
export const readRingKey = (text: string): SealingKey | null => {
  const [, id, key] = shape.exec(text) ?? [];
  if (id === undefined || key === undefined) return null;
  return { id, key: new Secret(key) };
};

/** A new key in the form the configuration takes. Its id is the day it was made and four random letters. */
export const newRingKey = (day: Date): Secret => {
  const id = `${day.toISOString().slice(0, 10)}-${randomBytes(2).toString('hex')}`;
  return new Secret(`${id}:${randomBytes(32).toString('base64url')}`);
};
