import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';

/** The application that everybody comes from who is shown something here. */
export const gocd: Host = {
  id: 'gocd',
  name: 'GoCD',
  origins: ['https://gocd.example'],
  key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret('unused') },
  gadgets: ['example'],
  providers: ['mingle', 'gocd'],
  connectMode: 'opener',
  connectUrl: null,
};
