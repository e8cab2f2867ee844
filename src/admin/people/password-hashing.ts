import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Lane, Passwords } from '../../domain/administrator-sign-in.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';

/** What new passwords are hashed with (OWASP's recommendation): about half a second and 128 MB each. */
const STRENGTH = { N: 2 ** 17, r: 8, p: 1 } as const;
const SALT = 16;
const LENGTH = 32;

// Two times 128 MB, and two of libuv's four threads: the database needs the others.
const AT_ONCE = 2;
/** Of those who go first, and again of all strangers together. */
const MOST_WAITING = 20;
/** Strangers of one network: however many of them ask, most places are for others. */
const MOST_OF_A_NETWORK = 4;

interface Kept {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const FORM = /^scrypt\$N=(\d{1,8}),r=(\d{1,3}),p=(\d{1,3})\$([\w-]+)\$([\w-]+)$/;

const write = ({ N, r, p, salt, hash }: Kept): string =>
  `scrypt$N=${N},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;

const read = (text: string): Kept => {
  const [, N, r, p, salt = '', hash = ''] = FORM.exec(text) ?? [];
  if (N === undefined) throw new Error('A password hash is not in the form that this version writes.');
  const bytes = (part: string): Buffer => Buffer.from(part, 'base64url');
  return { N: Number(N), r: Number(r), p: Number(p), salt: bytes(salt), hash: bytes(hash) };
};

const derive = (
  password: Secret,
  { N, r, p, salt, hash }: Omit<Kept, 'hash'> & { hash: { length: number } },
) => {
  // Node refuses, by default, to take the memory that these parameters need.
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise<Buffer>((resolve, reject) => {
    scrypt(password.reveal(), salt, hash.length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
};

const tooMany = (): AppError =>
  new AppError('too_many_requests', 'Too many people are signing in right now. Try again in a minute.');

/** Runs few at once, those of the first lane before all others; refuses with `too_many_requests` when too many wait. */
class Turns {
  readonly #atOnce: number;
  #running = 0;
  readonly #first: (() => void)[] = [];
  readonly #strangers: { readonly network: string; readonly go: () => void }[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async take<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1;
    else await this.#wait(lane);
    try {
      return await work();
    } finally {
      // The next takes this place over, so that no one slips in between.
      const next = this.#first.shift() ?? this.#strangers.shift()?.go;
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #wait(lane: Lane): Promise<void> {
    if (lane.kind === 'first') {
      if (this.#first.length >= MOST_WAITING) throw tooMany();
      return new Promise((go) => this.#first.push(go));
    }
    const { network } = lane;
    const same = this.#strangers.filter((each) => each.network === network).length;
    if (this.#strangers.length >= MOST_WAITING || same >= MOST_OF_A_NETWORK) throw tooMany();
    return new Promise((go) => this.#strangers.push({ network, go }));
  }
}

/** Passwords by scrypt (RFC 7914), each with a salt of its own; what it took is kept beside it. */
export class ScryptPasswords implements Passwords {
  readonly #strength: { readonly N: number; readonly r: number; readonly p: number };
  readonly #turns: Turns;
  /** Compared with where there is no such administrator: as much work, and never equal. */
  readonly #noOnes: Kept;

  /** `atOnce`: how many are computed at the same time. */
  constructor(
    strength: { readonly N: number; readonly r: number; readonly p: number } = STRENGTH,
    atOnce = AT_ONCE,
  ) {
    this.#strength = strength;
    this.#turns = new Turns(atOnce);
    this.#noOnes = { ...strength, salt: randomBytes(SALT), hash: randomBytes(LENGTH) };
  }

  async hash(password: Secret): Promise<string> {
    const made = { ...this.#strength, salt: randomBytes(SALT), hash: { length: LENGTH } };
    const hash = await this.#turns.take({ kind: 'first' }, () => derive(password, made));
    return write({ ...made, hash });
  }

  async verify(password: Secret, stored: string | null, lane: Lane): Promise<boolean> {
    const kept = stored === null ? this.#noOnes : read(stored);
    const key = await this.#turns.take(lane, () => derive(password, kept));
    return timingSafeEqual(key, kept.hash) && stored !== null;
  }
}
