import { Readable } from 'node:stream';
import { adminPage } from '../../web/headers.js';
import type { Notice } from '../../web/web-session.js';
import type { AdminRoute, AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import type { ReloadAnswer } from './reloading.js';

const PAGE = '/admin/server';
const section = 'server';

const noticeOf = (answers: readonly ReloadAnswer[]): Notice => {
  const refused = answers.find(({ outcome }) => outcome === 'refused');
  if (refused !== undefined)
    return {
      kind: 'bad',
      message: `The file was not taken, and everything goes on as it was. ${refused.problem ?? ''}`,
    };
  if (answers.some(({ outcome }) => outcome === 'silent'))
    return { kind: 'warning', message: 'Not every server has answered. Look below in a moment.' };
  const waiting = [...new Set(answers.flatMap(({ restart }) => restart))];
  return waiting.length === 0
    ? { kind: 'good', message: 'Every running server serves by the file as it is now.' }
    : {
        kind: 'warning',
        message: `The file was taken. What changed in ${waiting.join(', ')} waits for a restart.`,
      };
};

/** The page Server: what runs, by which file and keys, and a backup of it all. */
export const serverRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { backups, configuration, keyRotation, rotation } = web.manage;

  const show = async (visit: AdminVisit): Promise<void> => {
    // Asked before the keys: a rotation that ends in between is then shown once more, and never as one that left something over.
    const progress = rotation.progress();
    const keys = await keyRotation.keys();
    const toDo = keys.some(({ role, rows }) => role === 'opens' && rows > 0);
    visit.show('admin/server', {
      servers: await configuration.servers(),
      keys,
      obstacle: await keyRotation.obstacle({ discard: false }),
      toDo,
      progress,
      // The address says that one was begun from this page, which loads itself anew until it is done.
      ended: visit.query.has('rotation') && progress === null ? (toDo ? 'early' : 'whole') : null,
    });
  };

  return [
    { method: 'get', path: PAGE, section, handle: show },
    {
      method: 'post',
      path: `${PAGE}/reload`,
      section,
      async handle(visit) {
        visit.leave(noticeOf(await configuration.reload(visit.by)));
        visit.seeOther(PAGE);
      },
    },
    {
      method: 'post',
      path: `${PAGE}/rotate`,
      section,
      confirm: true,
      async handle(visit) {
        const obstacle = await keyRotation.obstacle({ discard: false });
        if (obstacle !== null) return visit.seeOther(PAGE);
        rotation.begin({ discard: false }, visit.by);
        visit.seeOther(`${PAGE}?rotation`);
      },
    },
    {
      method: 'post',
      path: `${PAGE}/backup`,
      section,
      confirm: true,
      async handle({ by }, ctx) {
        const bytes = await backups.made(by);
        const day = new Date(web.clock.now()).toISOString().slice(0, 10);
        adminPage(ctx);
        ctx.set('Content-Disposition', `attachment; filename="oriel-${day}.backup"`);
        ctx.type = 'application/octet-stream';
        ctx.body = Readable.from(bytes);
      },
    },
  ];
};
