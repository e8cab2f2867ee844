import { Secret } from '../domain/secret.js';

/** Freezes plain data through and through; a Secret has nothing to freeze. */
export const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
};
