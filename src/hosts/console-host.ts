import type { Admin } from '../domain/administrator.js';
import { type Viewer, viewerOf } from '../domain/viewer.js';

/**
 * Id of the host that this server is itself: its console shows gadgets to administrators as themselves. No host may be declared
 * under it.
 */
export const CONSOLE_HOST = 'oriel-console';

/** An administrator before a gadget of the console: a viewer like any other, who sees what their own accounts may see. */
export const adminViewer = ({ id }: Pick<Admin, 'id'>): Viewer => viewerOf(CONSOLE_HOST, id);
