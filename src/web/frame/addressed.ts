import type { Directory } from '../../config/directory.js';
import { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import { type Host, mayShow } from '../../hosts/host.js';
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
  const gadget = shownBy(directory, host, ctx.params.gadget ?? '');
  ctx.state.parameters = gadget.parameters.map(({ name }) => name);
  return { host, gadget };
};

/** The gadget of this id, if this host may show it. */
export const shownBy = (directory: Directory, host: Host, id: string): Gadget => {
  const gadget = directory.gadget(id);
  if (gadget === undefined)
    throw new AppError('gadget_unknown', {}, `No gadget folder holds “${id.slice(0, 64)}”.`);
  if (!mayShow(host, id))
    throw new AppError(
      'gadget_not_allowed',
      { host: host.name, gadget: id },
      `Add “${id}” to hosts.${host.id}.gadgets if it should.`,
    );
  return gadget;
};

/** A gadget lives in a frame: whoever opens its address as a page of its own was sent there by somebody. */
export const requireFrame = (ctx: Context): void => {
  if (ctx.get('Sec-Fetch-Dest') === 'document') throw new AppError('not_framed');
};
