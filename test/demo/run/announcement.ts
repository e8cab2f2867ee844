import { people } from '../people.js';
import type { Addresses } from './oriel-yaml.js';

/** The pages to open, one of each application. */
export const pagesOf = ({ gocd, mingle, portal }: Pick<Addresses, 'gocd' | 'mingle' | 'portal'>) => ({
  gocd: `${gocd}/go/compare/apollo-web/20/with/24?tab=card-activity`,
  mingle: `${mingle}/projects/borealis/overview`,
  portal: `${portal}/`,
});

/** One line for programs. `host` is the first of `pages`. */
export const announceAsJson = (at: Addresses, administration: string): string =>
  JSON.stringify({
    ready: true,
    host: pagesOf(at).gocd,
    pages: pagesOf(at),
    administration,
    gadgetOrigin: at.gadgetOrigin,
    siteOrigin: at.siteOrigin,
    people: people.map(({ login, password }) => ({ name: login, password })),
  });

interface Rights {
  readonly mingle: string;
  readonly gocd: string;
}

const rights: Readonly<Record<string, Rights>> = {
  ann: {
    mingle: 'the projects Apollo and Borealis',
    gocd: 'apollo-web, apollo-deploy, borealis-app, infrastructure',
  },
  bob: {
    mingle: 'Borealis only, so Apollo’s cards are refused',
    gocd: 'apollo-web, borealis-app, borealis-release, infrastructure',
  },
  admin: { mingle: 'everything, and the OAuth clients', gocd: 'everything, and the OAuth clients' },
  dana: { mingle: 'nothing', gocd: 'nothing' },
};

const castOf = (words: (rights: Rights) => string): string =>
  people
    .flatMap(({ login }) => {
      const known = rights[login];
      return known ? [`    ${login.padEnd(6)} ${words(known)}`] : [];
    })
    .join('\n');

/** The same for Mingle alone. */
export const announceMingle = (mingle: string, json: boolean): string =>
  json
    ? JSON.stringify({ ready: true, mingle })
    : `
Mingle is running on its own.

  Mingle   ${mingle}
  Clients  ${mingle}/oauth/clients

  Sign in with one of these names; the password is the same as the name. Each may see
${castOf(({ mingle }) => mingle)}

Press Ctrl-C to stop it.
`;

/** What to open and who to sign in as, for people. */
export const announceToPeople = (at: Addresses, administration: string, kept: string | null): string => `
Oriel's demo is running: three applications that show parts of each other, with each person's own permissions.

  GoCD shows Mingle's cards       ${pagesOf(at).gocd}
  Mingle shows GoCD's pipelines   ${pagesOf(at).mingle}
  A portal shows both             ${pagesOf(at).portal}

  Sign in to each application, and again where a gadget asks you to. The password is the same as the name. Each may see
${castOf(({ mingle, gocd }) => `in Mingle ${mingle};\n           in GoCD ${gocd}`)}

  Oriel    ${at.gadgetOrigin} (gadgets), ${at.siteOrigin} (connect pages)
  Console  ${administration}
${kept === null ? '' : `  State    ${kept}\n`}
Press Ctrl-C to stop everything${kept === null ? ' and delete all data' : ''}.
`;
