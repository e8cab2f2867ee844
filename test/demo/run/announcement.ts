import { people } from '../people.js';
import type { Addresses } from './oriel-yaml.js';

/** The page to open first: the tab with the card-activity gadget. */
export const hostPage = (gocd: string): string =>
  `${gocd}/go/compare/apollo-web/20/with/24?tab=card-activity`;

/** One line for programs. */
export const announceAsJson = (at: Addresses, administration: string): string =>
  JSON.stringify({
    ready: true,
    host: hostPage(at.gocd),
    administration,
    gadgetOrigin: at.gadgetOrigin,
    siteOrigin: at.siteOrigin,
    people: people.map(({ login, password }) => ({ name: login, password })),
  });

const sees: Readonly<Record<string, string>> = {
  ann: 'is on the teams apollo and borealis, so she sees the cards',
  bob: 'is on the team borealis only, so Mingle refuses access and the gadget says so',
  admin: 'sees everything, including the OAuth clients pages',
};

const cast = people.map(({ login }) => `    ${login.padEnd(6)} ${sees[login] ?? ''}`).join('\n');

/** The same for Mingle alone. */
export const announceMingle = (mingle: string, json: boolean): string =>
  json
    ? JSON.stringify({ ready: true, mingle })
    : `
Mingle is running on its own.

  Mingle   ${mingle}
  Clients  ${mingle}/oauth/clients

  Sign in with one of these names; the password is the same as the name:
${cast}

Press Ctrl-C to stop it.
`;

/** What to open and who to sign in as, for people. */
export const announceToPeople = (at: Addresses, administration: string, kept: string | null): string => `
Oriel's demo is running: a GoCD page that shows Mingle cards with each person's own permissions.

  Open     ${hostPage(at.gocd)}

  Sign in to GoCD, and to Mingle when the gadget asks you to. The password is the same as the name:
${cast}

  GoCD     ${at.gocd}/go
  Mingle   ${at.mingle}
  Oriel    ${at.gadgetOrigin} (gadgets), ${at.siteOrigin} (connect pages)
  Console  ${administration}
${kept === null ? '' : `  State    ${kept}\n`}
Press Ctrl-C to stop everything${kept === null ? ' and delete all data' : ''}.
`;
