import { answering, type CommandAnswer, type CommandLine, group, withJson } from '../../cli/command.js';
import type { Admin } from '../../domain/administrator.js';
import {
  findAdministrator,
  type Invitation,
  inviteAdministrator,
  inviteFirstAdministrator,
  listAdministrators,
  removeAdministrator,
  resetPassword,
} from './use-cases.js';

const day = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString().slice(0, 10));

const lineOf = ({ name, hasPassword, subject, createdAt, lastSignInAt }: Admin): string => {
  const by = [hasPassword ? 'password' : '', subject === null ? '' : 'OpenID Connect'].filter(
    (way) => way !== '',
  );
  return `${name.padEnd(32)}${by.join(' and ').padEnd(28)}since ${day(createdAt)}, last signed in ${day(lastSignInAt)}`;
};

/** The link alone on standard output, so that it can be passed on; what it does is a note. */
const linkAnswer = ({ link, expiresAt }: Invitation, sentence: string): CommandAnswer => ({
  json: { link: link.reveal(), expiresAt },
  text: link.reveal(),
  note: `${sentence} It works once, until ${new Date(expiresAt).toISOString()}.`,
});

/** `oriel admin list | invite | reset | remove` */
export const adminCommands = ({ oriel, root }: CommandLine): void => {
  const admin = group(oriel, 'admin');
  withJson(admin.command('list'))
    .description('list administrators')
    .action(
      answering(root, async ({ deps }) => {
        const items = await listAdministrators(deps);
        const lines = items.map(lineOf).join('\n');
        return {
          json: { items },
          text: lines || 'There are no administrators yet. Invite one with “oriel admin invite”.',
        };
      }),
    );
  withJson(admin.command('invite'))
    .description('print a link that makes one person an administrator')
    .action(
      answering(root, async ({ deps, by }) => {
        const invitation = (await inviteFirstAdministrator(deps)) ?? (await inviteAdministrator(deps, by));
        return linkAnswer(invitation, 'Anyone who opens this link becomes an administrator.');
      }),
    );
  withJson(admin.command('reset'))
    .description('print a link that sets a new password once')
    .argument('<name>', 'name of the administrator')
    .action(
      answering(root, async ({ deps, by }, _options, [given = '']) => {
        const { id, name } = await findAdministrator(deps, given);
        const invitation = await resetPassword(deps, id, by);
        return linkAnswer(invitation, `Anyone who opens this link can set a new password for ${name}.`);
      }),
    );
  withJson(admin.command('remove'))
    .description('remove an administrator; their sessions end immediately')
    .argument('<name>', 'name of the administrator')
    .action(
      answering(root, async ({ deps, by }, _options, [given = '']) => {
        const { id, name } = await findAdministrator(deps, given);
        await removeAdministrator(deps, id, by);
        return { json: { removed: id }, text: `${name} is no longer an administrator.` };
      }),
    );
};
