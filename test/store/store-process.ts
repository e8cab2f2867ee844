// One process of the product with a database and nothing else: `open` it, or `write` to it until killed.
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { systemClock } from '../../src/server/node-system.js';
import { openStores } from '../../src/store/open-stores.js';

const [, , command, url = ''] = process.argv;
const key = new Secret(Buffer.alloc(32, 'k').toString('base64url'));
const stores = await openStores({ url, keys: [{ id: 'k', key }], clock: systemClock });
await stores.ping();

if (command === 'write')
  for (let n = 0; ; n += 1) {
    await stores.tickets.put(
      {
        ...{ ticketHash: `ticket-${n}`, viewer: viewerOf('gocd', 'ada'), name: null },
        ...{ now: 0, expiresAt: Number.MAX_SAFE_INTEGER },
      },
      { tickets: Number.MAX_SAFE_INTEGER },
    );
    process.stdout.write(`${n}\n`);
  }
await stores.close();
process.stdout.write('opened\n');
