/** A person who can sign in to the demo's applications, to each one separately but under the same name and password. */
export interface Person {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly admin: boolean;
  /** How the applications name this person to Oriel: it reveals nothing and never changes, unlike a login or an e-mail address. */
  readonly subject: string;
}

export const people: readonly Person[] = [
  {
    login: 'ann',
    name: 'Ann Kowalski',
    email: 'ann@example.com',
    password: 'ann',
    admin: false,
    subject: 'u-5b1f0c52e9',
  },
  {
    login: 'bob',
    name: 'Bob Tanaka',
    email: 'bob@example.com',
    password: 'bob',
    admin: false,
    subject: 'u-91c7d3aa08',
  },
  {
    login: 'admin',
    name: 'Ada Admin',
    email: 'ada@example.com',
    password: 'admin',
    admin: true,
    subject: 'u-0e64b7f213',
  },
  {
    login: 'dana',
    name: 'Dana Novak',
    email: 'dana@example.com',
    password: 'dana',
    admin: false,
    subject: 'u-d20c7745b6',
  },
];

/** The person of that login, whatever its case, or null. */
export const personByLogin = (login: string): Person | null =>
  people.find((person) => person.login === login.trim().toLowerCase()) ?? null;
