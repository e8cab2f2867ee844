import { people } from '../people.js';
import type { Addresses } from './oriel-yaml.js';

/** The page to open first: the tab that frames the card-activity gadget. */
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
  ann: 'is on the teams of apollo and borealis: she sees the cards',
  bob: 'is on the team of borealis only: Mingle refuses him, and the gadget says so',
  admin: 'sees everything, and the OAuth clients pages',
};

const cast = people.map(({ login }) => `    ${login.padEnd(6)} ${sees[login] ?? ''}`).join('\n');

/** The same of Mingle alone. */
export const announceMingle = (mingle: string, json: boolean): string =>
  json
    ? JSON.stringify({ ready: true, mingle })
    : `
Mingle is running, and nothing is connected to it.

  Mingle   ${mingle}
  Clients  ${mingle}/oauth/clients

  Sign in with a name that is its own password:
${cast}

Ctrl-C ends it.
`;

/** What to open and who to sign in as, for people. */
export const announceToPeople = (at: Addresses, administration: string, kept: string | null): string => `
Oriel's demo is running: a GoCD page that shows Mingle cards with each person's own rights.

  Open     ${hostPage(at.gocd)}

  Sign in to GoCD, and when the gadget asks for it to Mingle, with a name that is its own password:
${cast}

  GoCD     ${at.gocd}/go
  Mingle   ${at.mingle}
  Oriel    ${at.gadgetOrigin} (gadgets), ${at.siteOrigin} (connect pages)
  Console  ${administration}
${kept === null ? '' : `  State    ${kept}\n`}
Ctrl-C ends all of it${kept === null ? ' and leaves nothing behind' : ''}.
`;
