import type { Actor } from '../../domain/actor.js';
import type { Admin } from '../../domain/administrator.js';

/** An administrator, as the audit log names whoever did something. */
export const actorOf = ({ id, name }: Admin): Actor => ({ kind: 'admin', id, name });
