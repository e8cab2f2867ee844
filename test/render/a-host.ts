import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';

/** The application that all viewers of these tests come from. */
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
