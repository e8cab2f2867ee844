import { removeHostViewer } from '../../connect/ending/erase-viewer.js';
import { readJson } from '../body.js';
import { frameAnswer } from '../headers.js';
import type { Addressed } from './addressed.js';
import type { FrameWeb } from './frame-web.js';
import { readToken } from './launch.js';

const LARGEST_BODY = 16 * 1024;

/**
 * `POST /h/:host/leave`, from the host's own server: a person has left it. 202 while providers have still to be asked, with how many;
 * 200 when nothing is kept of the person; both with what became of each permission. Asked again with a fresh token, it reports how far it is.
 */
export const leaveRoute =
  ({ connect, hostTokens }: Pick<FrameWeb, 'connect' | 'hostTokens'>) =>
  async (ctx: Addressed): Promise<void> => {
    const { token } = await readJson(ctx, LARGEST_BODY);
    const secret = readToken(typeof token === 'string' ? token : undefined);
    const leaving = await removeHostViewer({ ...connect, hostTokens }, ctx.params.host ?? '', secret);
    frameAnswer(ctx);
    ctx.status = leaving.left === 0 ? 200 : 202;
    ctx.body = leaving;
  };
