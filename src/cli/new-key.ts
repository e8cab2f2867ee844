import { newRingKey } from '../config/key-ring.js';

/** Prints a new key alone on standard output, so that `export ORIEL_KEY=$(oriel keys new)` works. */
export const newKey = ({ json = false }: { readonly json?: boolean } = {}): void => {
  const key = newRingKey(new Date()).reveal();
  console.log(json ? JSON.stringify({ key }) : key);
  console.error('Keep this key safe: anyone who has it and the database has every token.');
  console.error(`Pass it to the server as a variable, and name it in oriel.yaml: keys: [ "\${ORIEL_KEY}" ]`);
  console.error('To replace a key, put the new one first and keep the old one after it.');
};
