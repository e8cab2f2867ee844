import { type CommandLine, group, type Told, telling, withJson } from '../../cli/command.js';
import type { Admin } from '../../domain/administrator.js';
import type { Invitation } from './invitations.js';

const day = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString().slice(0, 10));

const lineOf = ({ name, hasPassword, subject, createdAt, lastSignInAt }: Admin): string => {
  const by = [hasPassword ? 'password' : '', subject === null ? '' : 'OpenID Connect'].filter(
    (way) => way !== '',
  );
  return `${name.padEnd(32)}${by.join(' and ').padEnd(28)}since ${day(createdAt)}, last signed in ${day(lastSignInAt)}`;
};

/** The link alone on standard output, so that it can be handed on; what it does beside it. */
const linkTold = ({ link, expiresAt }: Invitation, sentence: string): Told => ({
  json: { link: link.reveal(), expiresAt },
  text: link.reveal(),
  note: `${sentence} It works once, until ${new Date(expiresAt).toISOString()}.`,
});

/** `oriel admin list | invite | reset | remove` */
export const adminCommands = ({ oriel, root }: CommandLine): void => {
  const admin = group(oriel, 'admin');
  withJson(admin.command('list'))
    .description('the administrators')
    .action(
      telling(root, async ({ management }) => {
        const items = await management.administrators.list();
        const lines = items.map(lineOf).join('\n');
        return { json: { items }, text: lines || 'There is no administrator yet: oriel admin invite' };
      }),
    );
  withJson(admin.command('invite'))
    .description('print a link that makes an administrator')
    .action(
      telling(root, async ({ management: { administrators }, by }) => {
        const invitation = (await administrators.inviteFirst()) ?? (await administrators.invite(by));
        return linkTold(invitation, 'Whoever opens this link becomes an administrator.');
      }),
    );
  withJson(admin.command('reset'))
    .description('print a link that sets a new password')
    .argument('<name>', 'whose')
    .action(
      telling(root, async ({ management: { administrators }, by }, _options, [given = '']) => {
        const { id, name } = await administrators.named(given);
        const invitation = await administrators.reset(id, by);
        return linkTold(invitation, `Whoever opens this link sets a new password for ${name}.`);
      }),
    );
  withJson(admin.command('remove'))
    .description('remove an administrator; their sessions end at once')
    .argument('<name>', 'whom')
    .action(
      telling(root, async ({ management: { administrators }, by }, _options, [given = '']) => {
        const { id, name } = await administrators.named(given);
        await administrators.remove(id, by);
        return { json: { removed: id }, text: `${name} is no administrator any more.` };
      }),
    );
};
