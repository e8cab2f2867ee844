import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';

const SHORTEST = 12;
const LONGEST = 256;
const FEWEST_DIFFERENT = 5;

/** What people choose where twelve characters are asked for; compared without case, spaces and punctuation. */
const SILLY = new Set(
  (
    'password1234 passwordpassword password12345 password123456 passw0rd1234 p4ssw0rd1234 passwort1234 passwortpasswort motdepasse123 ' +
    'qwertyuiop12 qwertyuiop123 qwertyuiopasdf qwertzuiop12 qwertzuiopasdf azertyuiop12 1qaz2wsx3edc 1q2w3e4r5t6y qwerty123456 ' +
    'abcdefghijkl abcdefghijklm abcd12345678 abc123456789 123456789abc administrator administrator1 administrator123 administration ' +
    'adminadminadmin admin1234567 admin12345678 changeme1234 changemechangeme changeitchangeit letmeinletmein letmein12345 ' +
    'welcome12345 welcome123456 iloveyou1234 correcthorsebatterystaple trustno1trustno1 orieloriel12 orielorieloriel oriel1234567 ' +
    'secretsecret secret123456 defaultpassword temporary1234 unknownpassword dragondragon monkeymonkey footballfootball'
  ).split(' '),
);

const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Digits, or letters, that just follow one another. */
const isRun = (text: string): boolean => {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const usual = steps.filter((step) => step === 1 || step === -1 || step === -9 || step === 9);
  return usual.length === steps.length;
};

const weakness = (password: string, name: string): string | null => {
  const characters = [...password];
  if (characters.length < SHORTEST)
    return `A password has at least ${SHORTEST} characters; a few words do well.`;
  if (characters.length > LONGEST) return `A password has at most ${LONGEST} characters.`;
  const plain = bare(password);
  const rest = bare(name) === '' ? plain : plain.replaceAll(bare(name), '');
  if (rest.length < plain.length && rest.length < SHORTEST / 2)
    return 'This is hardly more than the name. Choose something that others would not try.';
  if (new Set(characters).size < FEWEST_DIFFERENT || SILLY.has(plain) || isRun(plain))
    return 'This is among the first that others would try. Choose another; a few words do well.';
  return null;
};

/**
 * The same characters, however a keyboard composed them (NFC): what is hashed. Nothing is trimmed or cut off.
 */
export const normalized = (password: Secret): Secret => new Secret(password.reveal().normalize('NFC'));

/** Throws `password_weak`, with what to do, unless this is a password that we take of an administrator of that name. */
export const requireStrong = (password: Secret, name: string): void => {
  const found = weakness(normalized(password).reveal(), name.normalize('NFC'));
  if (found !== null) throw new AppError('password_weak', found);
};
