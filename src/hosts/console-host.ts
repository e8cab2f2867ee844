import type { Admin } from '../domain/administrator.js';
import { type Viewer, viewerOf } from '../domain/viewer.js';
import type { Host } from './host.js';

/**
 * Id of the host that this server is itself: its console shows gadgets to administrators as themselves. No host may be declared
 * under it.
 */
export const CONSOLE_HOST = 'oriel-console';

/** What the console calls a gadget as a host binds it; no id has a dot. A gadget that the host does not bind keeps its id. */
export const previewName = ({ id, bindings = {} }: Host, gadget: string): string =>
  Object.hasOwn(bindings, gadget) ? `${id}.${gadget}` : gadget;

/** An administrator before a gadget of the console: a viewer like any other, who sees what their own accounts may see. */
export const adminViewer = ({ id }: Pick<Admin, 'id'>): Viewer => viewerOf(CONSOLE_HOST, id);
