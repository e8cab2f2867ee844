import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { administrator, invitation } from './schema.js';
import {
  type Invitation,
  inviteAdministrator,
  listAdministrators,
  removeAdministrator,
  resetPassword,
} from './use-cases.js';

const tag = 'administrators';

/** The link is in this response and nowhere else. */
const linkAnswer = ({ link, expiresAt }: Invitation) => ({
  status: 201,
  body: { link: link.reveal(), expiresAt },
});

/** The administrators of this server. */
export const peopleRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/administrators', tag, scope: 'admins:read' },
    operationId: 'listAdministrators',
    summary: 'List administrators',
    answer: z.object({ items: z.array(administrator) }),
    handle: async () => ({ body: { items: await listAdministrators(deps) } }),
  }),
  operation({
    ...{ method: 'post', path: '/administrators/invite', tag, scope: 'admins:write' },
    operationId: 'inviteAdministrator',
    summary: 'Create a link that makes one person an administrator',
    answer: invitation,
    status: 201,
    handle: async ({ by }) => linkAnswer(await inviteAdministrator(deps, by)),
  }),
  operation({
    ...{ method: 'post', path: '/administrators/{id}/reset', tag, scope: 'admins:write' },
    operationId: 'resetAdministrator',
    summary: 'Create a link with which an administrator sets a new password once',
    answer: invitation,
    status: 201,
    handle: async ({ params, by }) => linkAnswer(await resetPassword(deps, params.id ?? '', by)),
  }),
  operation({
    ...{ method: 'delete', path: '/administrators/{id}', tag, scope: 'admins:write' },
    operationId: 'removeAdministrator',
    summary: 'Remove an administrator; their sessions end immediately',
    answer: null,
    status: 204,
    async handle({ params, by }) {
      await removeAdministrator(deps, params.id ?? '', by);
      return { status: 204 };
    },
  }),
];
