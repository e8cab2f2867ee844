import { Readable } from 'node:stream';
import { adminPage } from '../../web/headers.js';
import type { Notice } from '../../web/web-session.js';
import type { AdminRoute, AdminVisit, ConsoleDeps } from '../console-route.js';
import { findRotation, findRotationObstacle, listKeys, startRotation } from '../keys/use-cases.js';
import { listServers, makeBackup, type ReloadResult, reloadServers } from './use-cases.js';

const PAGE = '/admin/server';
const section = 'server';

const noticeOf = (answers: readonly ReloadResult[]): Notice => {
  const refused = answers.find(({ outcome }) => outcome === 'refused');
  if (refused !== undefined)
    return {
      kind: 'bad',
      message: `The configuration was not reloaded; the previous one stays in force. ${refused.problem ?? ''}`,
    };
  if (answers.some(({ outcome }) => outcome === 'silent'))
    return { kind: 'warning', message: 'Not every server has responded yet. Check below in a moment.' };
  const faulty = [...new Set(answers.flatMap(({ gadgets }) => gadgets.map(({ id }) => id)))];
  if (faulty.length > 0)
    return {
      kind: 'warning',
      message: `Configuration reloaded. These gadgets have mistakes and were not taken: ${faulty.join(', ')}. See below.`,
    };
  const waiting = [...new Set(answers.flatMap(({ restart }) => restart))];
  return waiting.length === 0
    ? { kind: 'good', message: 'Configuration reloaded on every running server.' }
    : {
        kind: 'warning',
        message: `Configuration reloaded. Changes to ${waiting.join(', ')} require a restart.`,
      };
};

/** The page Server: what runs, with which file and keys, and a backup. */
export const serverRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
  const show = async (visit: AdminVisit): Promise<void> => {
    // Read before the keys: a rotation that ends in between is then shown once more, and never as one that left something undone.
    const progress = await findRotation(deps);
    const keys = await listKeys(deps);
    const toDo = keys.some(({ role, rows }) => role === 'opens' && rows > 0);
    visit.show('admin/server', {
      servers: await listServers(deps),
      keys,
      obstacle: await findRotationObstacle(deps, { discard: false }),
      toDo,
      progress,
      // The address says that one was started from this page, which reloads itself until it is done.
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
        visit.leave(noticeOf(await reloadServers(deps, visit.by)));
        visit.seeOther(PAGE);
      },
    },
    {
      method: 'post',
      path: `${PAGE}/rotate`,
      section,
      confirm: true,
      async handle(visit) {
        const obstacle = await findRotationObstacle(deps, { discard: false });
        if (obstacle !== null) return visit.seeOther(PAGE);
        await startRotation(deps, { discard: false }, visit.by);
        visit.seeOther(`${PAGE}?rotation`);
      },
    },
    {
      method: 'post',
      path: `${PAGE}/backup`,
      section,
      confirm: true,
      async handle({ by }, ctx) {
        const bytes = await makeBackup(deps, by);
        const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
        adminPage(ctx);
        ctx.set('Content-Disposition', `attachment; filename="oriel-${day}.backup"`);
        ctx.type = 'application/octet-stream';
        ctx.body = Readable.from(bytes);
      },
    },
  ];
};
