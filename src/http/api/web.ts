import type { Management } from '../../manage/management.js';

/** What the administration API needs. */
export interface ApiWeb {
  readonly siteOrigin: string;
  readonly version: string;
  readonly manage: Management;
}
