import type { Directory } from '../../config/directory.js';
import { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import type { Host } from '../../hosts/host.js';
import { gadgetOfHost } from '../../render/frame-renderings.js';
import type { Context } from '../context.js';

/** A request to an address that names something in its path. */
export type Addressed = Context & { readonly params: Readonly<Record<string, string | undefined>> };

/** The host and gadget of the path. From here on the answer, refusals included, may be framed by that host alone. */
export const addressed = (
  directory: Directory,
  ctx: Addressed,
): { readonly host: Host; readonly gadget: Gadget } => {
  const host = directory.host(ctx.params.host ?? '');
  if (host === undefined) throw new AppError('host_unknown');
  ctx.state.framedBy = host;
  const gadget = gadgetOfHost(directory, host, ctx.params.gadget ?? '');
  ctx.state.parameters = gadget.parameters.map(({ name }) => name);
  return { host, gadget };
};

/** A gadget lives in a frame: anyone who opens its address as a page of its own was sent there by someone else. */
export const requireFrame = (ctx: Context): void => {
  if (ctx.get('Sec-Fetch-Dest') === 'document') throw new AppError('not_framed');
};
