import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';

const SHORTEST = 12;
const LONGEST = 256;
/** 10^8 guesses: out of reach of anyone who has to ask this server, and slow enough for anyone who has stolen the hashes (scrypt). */
const STRONG_ENOUGH = 3;
/** The time of an estimate grows with the square of what it is given: some hundredths of a second for these, a second for all of them. */
const ESTIMATED = 32;

/** What people choose here that is in no list of other people's passwords. */
const COMMON_PASSWORDS = [
  'oriel',
  'administrator',
  'administration',
  'changeit',
  'passwort',
  'motdepasse',
  'correcthorsebatterystaple',
];

/** The estimator's word lists take 17 MB and 100 ms, for something that is asked a few times a year. */
const estimator = async () => {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
};

const isGuessed = async (password: string, name: string): Promise<boolean> => {
  const known = [name, ...COMMON_PASSWORDS];
  return (await estimator()).check(password.slice(0, ESTIMATED), known).score < STRONG_ENOUGH;
};

const withoutName = (password: string, name: string): string => {
  const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const plain = bare(password);
  return bare(name) === '' ? plain : plain.replaceAll(bare(name), '');
};

const weakness = async (password: string, name: string): Promise<string | null> => {
  const characters = [...password];
  if (characters.length < SHORTEST) return `Use at least ${SHORTEST} characters; a few words work well.`;
  if (characters.length > LONGEST) return `Use at most ${LONGEST} characters.`;
  const rest = withoutName(password, name);
  if (rest.length < withoutName(password, '').length && rest.length < SHORTEST / 2)
    return 'This is too similar to the name. Choose something that others would not guess.';
  if (await isGuessed(password, name))
    return 'This password is easy to guess. Choose another; a few words work well.';
  return null;
};

/**
 * The same characters, however a keyboard composed them (NFC): what is hashed. Nothing is trimmed or cut off.
 */
export const normalized = (password: Secret): Secret => new Secret(password.reveal().normalize('NFC'));

/** Rejects with `password_weak`, and what to do, unless an administrator of that name may have this password. */
export const requireStrong = async (password: Secret, name: string): Promise<void> => {
  const found = await weakness(normalized(password).reveal(), name.normalize('NFC'));
  if (found !== null) throw new AppError('password_weak', found);
};
