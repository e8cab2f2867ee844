import { createHash } from 'node:crypto';

/*
 * Takes out of data what is about people and what opens something, so that it can be committed: each value has one replacement wherever it
 * occurs, so that what belongs together stays together. What is not certain to be harmless is replaced.
 */

/** How often what was replaced, by kind. */
export interface Replaced {
  readonly people: number;
  readonly addresses: number;
  readonly ids: number;
  readonly secrets: number;
  readonly hosts: number;
  readonly texts: number;
}

const FORENAMES = [
  'Alex',
  'Blair',
  'Casey',
  'Dana',
  'Eden',
  'Frankie',
  'Gray',
  'Harper',
  'Indigo',
  'Jules',
  'Kit',
  'Lane',
];
const SURNAMES = [
  'Ash',
  'Birch',
  'Cedar',
  'Elm',
  'Fir',
  'Hazel',
  'Juniper',
  'Larch',
  'Maple',
  'Oak',
  'Pine',
  'Rowan',
];
const WORDS =
  'the report list opens after every change and shows what was saved before it is sent again while a page loads with more items than one screen holds'.split(
    ' ',
  );

/** Keys whose records, or whose texts, are people. */
const PERSON =
  /^@?(?:.*[_-])?(?:user|users|author|authors|owner|owners|assignee|assignees|reporter|creator|committer|person|people|member|members|reviewer|reviewers|actor|sender|recipient|contact|organizer|attendees?|login|user_?name|display_?name|full_?name|first_?name|last_?name|nick_?name|given_?name|family_?name|real_?name|by|account|approved_by|created_by|updated_by|modified_by|triggered_by|assigned_to|requested_by)$/i;
const CAMEL_PERSON = /(?:By|User|Author|Owner|Assignee|UserName|DisplayName|FullName|Login)$/;
/** What makes a record a person’s, whatever its key. */
const OF_A_PERSON =
  /^(?:e_?mail|e_?mail_?address|login|user_?name|avatar_?url|avatar|gravatar_id|account_?id|display_?name)$/i;
const NAME_IN_PERSON = /^(?:name|label|title|#text)$/i;
const LIKE_AN_ID = /^(?:[0-9a-f]{16,}|\d+|[0-9a-f-]{32,})$/i;
const SECRET =
  /(?:^|[_-])(?:token|secret|password|passwd|pwd|api_?key|access_?key|private_?key|authorization|cookie|session|signature|credential|csrf|nonce|otp|pin)s?$|(?:Token|Secret|Password|ApiKey|Authorization|Signature)$/i;
const ID = /^@?(?:id|uuid|guid|sid|gid|node_?id|etag)$|(?:_id|-id|_uuid|Id|Uuid)$/;
const PHONE = /^(?:phone|mobile|telephone|fax)(?:_?number)?$/i;
const FREE =
  /^(?:name|title|summary|description|message|subject|body|text|comment|content|note|notes|snippet|details?|reason|label)$/i;
/** Names of no one. */
const NO_ONE = new Set([
  'admin',
  'administrator',
  'system',
  'root',
  'bot',
  'changes',
  'anonymous',
  'unknown',
  'none',
  'nobody',
  'user',
  'timer',
  'me',
  'true',
  'false',
  'null',
]);

const EMAIL = /[\p{L}\p{N}._%+-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const IP = /\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b/gi;
/** What servers give out as tokens, and long texts that no person wrote. */
const TOKEN =
  /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(?:gh[pousr]|github_pat|glpat|xox[abeoprs]|sk|pk|rk|AKIA|ASIA|AIza|ya29|shp[a-z]{2})[_.\-A-Za-z0-9]{10,}|-----BEGIN [\s\S]+?-----END [^-]+-----|\b(?:Bearer|Basic|Token)\s+[\w.~+/=-]{6,}|(?<![\w-])(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}={0,2}(?![\w-])/g;
const PHONE_TEXT = /\+\d[\d ()./-]{7,}\d/g;
const HOST = /\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,})(?::\d+)?\b/gi;
const URL_START = /\b([a-z][a-z0-9+.-]*):\/\/(?:[^\s/?#@]*@)?(\[[^\]]*\]|[^\s/?#:"'<>]+)(:\d+)?/gi;
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/;
/** Files and versions look like hosts. */
const NO_HOST =
  /\.(?:md|txt|json|ya?ml|xml|html?|css|[cm]?[jt]sx?|py|rb|go|java|rs|njk|png|jpe?g|svg|gif|pdf|zip|csv|log|sh|lock|toml)$/i;

const isGroup = (value: unknown): value is object => typeof value === 'object' && value !== null;
const entriesOf = (value: object): readonly (readonly [string, unknown])[] => Object.entries(value);
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const isPersonKey = (key: string): boolean => PERSON.test(key) || CAMEL_PERSON.test(key);
const isPersonRecord = (value: object): boolean => entriesOf(value).some(([key]) => OF_A_PERSON.test(key));

/** A number that one text always gives: what is replaced is the same in every run. */
const numberOf = (text: string): number =>
  Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);

const digitsLike = (text: string): string => {
  const digits = String(numberOf(text))
    .repeat(Math.ceil(text.length / 8))
    .slice(0, text.length);
  return digits.startsWith('0') ? `1${digits.slice(1)}` : digits;
};

const hexLike = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex').repeat(8);
  return [...text].map((each, at) => (/[0-9a-z]/i.test(each) ? (hex[at] ?? '0') : each)).join('');
};

/** The replacements of one recording. */
export class PeopleReplacer {
  readonly #keepTexts: boolean;
  /** By text in lower case: the number of the person that it names. */
  readonly #people = new Map<string, number>();
  readonly #hosts = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #secrets = new Map<string, string>();
  readonly #emails = new Map<string, string>();
  #count = 0;
  #texts = 0;
  #names: RegExp | null = null;
  #knownIds = /(?!)/g;
  #forenames: readonly string[] = FORENAMES;
  #surnames: readonly string[] = SURNAMES;
  #words: readonly string[] = WORDS;

  /** `keepTexts`: sentences are kept as they are, except for what is replaced in them. */
  constructor(keepTexts: boolean) {
    this.#keepTexts = keepTexts;
  }

  /** The same data without what is about people. Everything that belongs together is given at once. */
  replace<T>(data: T): T {
    this.#collect(data, '', false);
    const names = [...this.#people.keys()].filter((name) => name.length >= 3);
    this.#names =
      names.length === 0
        ? null
        : new RegExp(
            `(?<![\\p{L}\\p{N}])(?:${names
              .toSorted((one, other) => other.length - one.length)
              .map(escaped)
              .join('|')})(?![\\p{L}\\p{N}])`,
            'giu',
          );
    // A replacement that is someone's name would look as if it had been left.
    const isFree = (word: string): boolean => !this.#people.has(word.toLowerCase());
    this.#forenames = FORENAMES.filter(isFree);
    this.#surnames = SURNAMES.filter(isFree);
    this.#words = WORDS.filter(isFree);
    // Within addresses, so that links still belong to what they lead to.
    const ids = [...this.#ids.keys()].filter((id) => id.length >= 4);
    if (ids.length > 0)
      this.#knownIds = new RegExp(`(?<![\\w-])(?:${ids.map(escaped).join('|')})(?![\\w-])`, 'g');
    return this.#value(data, '') as T;
  }

  get replaced(): Replaced {
    return {
      people: new Set(this.#people.values()).size,
      addresses: this.#emails.size,
      ids: this.#ids.size,
      secrets: this.#secrets.size,
      hosts: this.#hosts.size,
      texts: this.#texts,
    };
  }

  /** Originals that must not be in what is written; the text of the first that is, else null. */
  leftIn(text: string): string | null {
    const lower = text.toLowerCase();
    const originals = [...this.#emails.keys(), ...this.#secrets.keys(), ...this.#hosts.keys()];
    const left = originals.find((each) => each.length >= 6 && lower.includes(each.toLowerCase()));
    return (
      left ?? (this.#names === null ? null : (new RegExp(this.#names.source, 'iu').exec(text)?.[0] ?? null))
    );
  }

  /** Finds the people, whose names are then replaced wherever they stand. */
  #collect(value: unknown, key: string, inPerson: boolean): void {
    if (ID.test(key) && (typeof value === 'string' || Number.isInteger(value))) this.#id(String(value));
    if (typeof value === 'string') {
      if (isPersonKey(key) || (inPerson && NAME_IN_PERSON.test(key))) this.#addPerson(value, this.#count);
      return;
    }
    if (!isGroup(value)) return;
    if (Array.isArray(value)) {
      for (const each of value) this.#collect(each, key, inPerson);
      return;
    }
    const isPerson = isPersonRecord(value) || isPersonKey(key) || inPerson;
    if (isPerson) this.#addRecord(value);
    for (const [each, inner] of entriesOf(value)) this.#collect(inner, each, isPerson);
  }

  /** All names of one record are the same person’s. */
  #addRecord(value: object): void {
    const texts = entriesOf(value).flatMap(([key, each]) =>
      typeof each === 'string' && (isPersonKey(key) || NAME_IN_PERSON.test(key) || /^e_?mail/i.test(key))
        ? [each]
        : [],
    );
    const known = texts
      .map((text) => this.#people.get(text.trim().toLowerCase()))
      .find((each) => each !== undefined);
    const person = known ?? this.#count;
    for (const text of texts) this.#addPerson(text, person);
  }

  #addPerson(text: string, person: number): void {
    const name = text.trim();
    const lower = name.toLowerCase();
    const isName =
      name !== '' && name.length <= 80 && !LIKE_AN_ID.test(name) && !DATE.test(name) && !/:\/\//.test(name);
    if (!isName || NO_ONE.has(lower) || this.#people.has(lower)) return;
    this.#people.set(lower, person);
    // Of a full name each part, and of an address what stands before the @.
    for (const piece of lower.replace(/(?:@|%40).*$/, '').split(/[\s._,@-]+/))
      if (piece.length >= 3 && !NO_ONE.has(piece) && !/^\d+$/.test(piece) && !this.#people.has(piece))
        this.#people.set(piece, person);
    if (person === this.#count) this.#count += 1;
  }

  #value(value: unknown, key: string): unknown {
    if (typeof value === 'string') return this.#string(value, key);
    if (typeof value === 'number') {
      if (SECRET.test(key)) return 0;
      return ID.test(key) && Number.isInteger(value) ? Number(this.#id(String(value))) : value;
    }
    if (!isGroup(value)) return value;
    if (Array.isArray(value)) return value.map((each) => this.#value(each, key));
    return Object.fromEntries(
      entriesOf(value).map(([each, inner]) => [this.#key(each), this.#value(inner, each)]),
    );
  }

  /** Records may be keyed by people, addresses and tokens too. */
  #key(key: string): string {
    const isPlain = /^[A-Za-z_@#$][\w$-]{0,23}$/.test(key);
    const isAboutSomeone = this.#names !== null && new RegExp(this.#names.source, 'iu').test(key);
    return isPlain && !isAboutSomeone ? key : this.#inText(key);
  }

  #string(text: string, key: string): string {
    if (text === '' || DATE.test(text)) return text;
    if (SECRET.test(key)) return this.#secret(text);
    if (PHONE.test(key)) return '+1 555 0100';
    const whole = this.#people.get(text.trim().toLowerCase());
    if (whole !== undefined && !EMAIL_ALONE.test(text)) return this.#name(text, whole);
    if (ID.test(key)) return this.#id(text);
    if (!this.#keepTexts && isSentence(text, key)) {
      this.#texts += 1;
      return sentenceLike(text, this.#words);
    }
    return this.#inText(text);
  }

  /** In the form that the original has: a full name, a word, a login. */
  #name(text: string, person: number): string {
    const most = Math.max(1, this.#forenames.length);
    const forename = this.#forenames[person % most] ?? 'Someone';
    const surname = this.#surnames[person % Math.max(1, this.#surnames.length)] ?? 'Else';
    const turn = person >= most ? String(Math.floor(person / most) + 1) : '';
    if (/\s/.test(text.trim())) return `${forename} ${surname}${turn && ` ${turn}`}`;
    return text === text.toLowerCase() ? `${forename.toLowerCase()}${turn}` : `${forename}${turn}`;
  }

  #inText(text: string): string {
    return text
      .replaceAll(
        URL_START,
        (_, scheme: string, host: string, port = '') => `${scheme}://${this.#host(`${host}${port}`)}`,
      )
      .replaceAll(
        /([?&#;](?:[\w-]*(?:token|secret|key|signature|sig|code|state|password|session)[\w-]*)=)([^&#\s"'<>]+)/gi,
        (_, before: string, value: string) => `${before}${this.#secret(value)}`,
      )
      .replaceAll(EMAIL, (found) => this.#email(found))
      .replaceAll(TOKEN, (found) => this.#secret(found))
      .replaceAll(UUID, (found) => this.#id(found))
      .replaceAll(IP, () => '192.0.2.1')
      .replaceAll(PHONE_TEXT, '+1 555 0100')
      .replaceAll(HOST, (found) =>
        NO_HOST.test(found) || found.endsWith('example.com') ? found : this.#host(found),
      )
      .replaceAll(this.#names ?? /(?!)/g, (found) =>
        this.#name(found, this.#people.get(found.toLowerCase()) ?? 0),
      )
      .replaceAll(this.#knownIds, (found) => this.#ids.get(found) ?? found);
  }

  #email(found: string): string {
    const plain = found.replace('%40', '@').toLowerCase();
    const person = this.#people.get(plain) ?? this.#people.get(plain.split('@')[0] ?? '') ?? this.#count++;
    if (!this.#people.has(plain)) this.#people.set(plain, person);
    const made = `${this.#name('x', person)}@example.com`;
    this.#emails.set(plain, made);
    return found.includes('%40') ? made.replace('@', '%40') : made;
  }

  #host(host: string): string {
    if (/(?:^|\.)example\.(?:com|org|net)$/i.test(host)) return host;
    const known = this.#hosts.get(host.toLowerCase());
    if (known !== undefined) return known;
    const made = this.#hosts.size === 0 ? 'app.example.com' : `app${this.#hosts.size + 1}.example.com`;
    this.#hosts.set(host.toLowerCase(), made);
    return made;
  }

  #id(id: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const made = /^\d+$/.test(id)
      ? digitsLike(id).slice(0, Math.min(id.length, 15))
      : hexLike(id).replaceAll(/[A-Z]/g, 'x');
    this.#ids.set(id, made);
    return made;
  }

  #secret(secret: string): string {
    const known = this.#secrets.get(secret);
    if (known !== undefined) return known;
    const made = `removed-${this.#secrets.size + 1}`;
    this.#secrets.set(secret, made);
    return made;
  }
}

const EMAIL_ALONE = /^[^\s@]+(?:@|%40)[^\s@]+$/;
const FEW_WORDS = 4;
const SHORT = 40;

/** A text that someone wrote, as against the name of a state or a type. */
const isSentence = (text: string, key: string): boolean => {
  if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return false;
  const words = text.trim().split(/\s+/).length;
  return words >= FEW_WORDS || text.length > SHORT || (words > 1 && FREE.test(key));
};

/** As many words as a text has, which say nothing; numbers such as #12 stay, since other requests may be made of them. */
const sentenceLike = (text: string, from: readonly string[]): string => {
  const start = numberOf(text);
  const words = text
    .trim()
    .split(/\s+/)
    .map((word, at) => {
      const [number] = /#\d+/.exec(word) ?? [];
      return number ?? from[(start + at) % from.length] ?? 'the';
    });
  const made = words.join(' ');
  return made.charAt(0).toUpperCase() + made.slice(1);
};
