import type { Management } from '../manage/management.js';
import type { ManagePorts } from '../manage/ports.js';

/** The stories of staying in charge, bound to their ports. */
export const management = (_ports: ManagePorts): Management => ({});
