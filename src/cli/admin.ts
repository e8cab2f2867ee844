import { withManagement } from '../compose/management-at.js';
import type { Admin } from '../domain/admin.js';
import type { Invitation } from '../manage/people/invitations.js';
import { type CommandLine, group, running, withJson } from './command.js';

interface Options {
  readonly json?: boolean;
}

const day = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString().slice(0, 10));

const lineOf = ({ name, hasPassword, subject, createdAt, lastSignInAt }: Admin): string => {
  const by = [hasPassword ? 'password' : '', subject === null ? '' : 'OpenID Connect'].filter(
    (way) => way !== '',
  );
  return `${name.padEnd(32)}${by.join(' and ').padEnd(28)}since ${day(createdAt)}, last signed in ${day(lastSignInAt)}`;
};

/** The link alone on standard output, so that it can be handed on; what it does beside it. */
const show = ({ link, expiresAt }: Invitation, json: boolean, sentence: string): void => {
  if (json) {
    console.log(JSON.stringify({ link: link.reveal(), expiresAt }));
    return;
  }
  console.log(link.reveal());
  console.error(`${sentence} It works once, until ${new Date(expiresAt).toISOString()}.`);
};

const list =
  (root: string) =>
  (file: string, { json }: Options) =>
    withManagement(file, root, async ({ management }) => {
      const administrators = await management.administrators.list();
      if (json) console.log(JSON.stringify({ administrators }));
      else
        console.log(
          administrators.map(lineOf).join('\n') || 'There is no administrator yet: oriel admin invite',
        );
    });

const invite =
  (root: string) =>
  (file: string, { json = false }: Options) =>
    withManagement(file, root, async ({ management: { administrators }, by }) => {
      const invitation = (await administrators.inviteFirst()) ?? (await administrators.invite(by));
      show(invitation, json, 'Whoever opens this link becomes an administrator.');
    });

const reset =
  (root: string) =>
  (file: string, { json = false }: Options, [name = '']: readonly string[]) =>
    withManagement(file, root, async ({ management, by }) => {
      const invitation = await management.administrators.reset(name, by);
      show(invitation, json, `Whoever opens this link sets a new password for ${name}.`);
    });

const remove =
  (root: string) =>
  (file: string, { json }: Options, [name = '']: readonly string[]) =>
    withManagement(file, root, async ({ management: { administrators }, by }) => {
      const admin = await administrators.named(name);
      await administrators.remove(admin.id, by);
      if (json) console.log(JSON.stringify({ removed: admin.id }));
      else console.log(`${admin.name} is no administrator any more.`);
    });

/** `oriel admin list | invite | reset | remove` */
export const adminCommands = ({ oriel, root }: CommandLine): void => {
  const admin = group(oriel, 'admin', 'who looks after this server');
  withJson(admin.command('list'))
    .description('the administrators')
    .action(running(list(root)));
  withJson(admin.command('invite'))
    .description('print a link that makes an administrator')
    .action(running(invite(root)));
  withJson(admin.command('reset'))
    .description('print a link that sets a new password')
    .argument('<name>', 'whose')
    .action(running(reset(root)));
  withJson(admin.command('remove'))
    .description('remove an administrator; their sessions end at once')
    .argument('<name>', 'whom')
    .action(running(remove(root)));
};
