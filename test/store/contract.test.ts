import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import { type Postgres, sharedPostgres } from '../support/postgres.js';
import { TestClock } from '../support/test-clock.js';
import { adminContract } from './contract/admins.js';
import { apiKeyContract } from './contract/api-keys.js';
import { auditContract } from './contract/audit.js';
import { belongingsContract } from './contract/belongings.js';
import { bulkDisconnectContract } from './contract/bulk-disconnects.js';
import { changesContract } from './contract/changes.js';
import { choicesContract } from './contract/choices.js';
import { companyContract } from './contract/companies.js';
import { connectionListsContract } from './contract/connection-lists.js';
import { connectionContract } from './contract/connections.js';
import { flowLinkContract } from './contract/flow-links.js';
import { flowContract } from './contract/flows.js';
import { instanceContract } from './contract/instances.js';
import { jobContract } from './contract/jobs.js';
import { limitsContract } from './contract/limits.js';
import { meterContract } from './contract/meter.js';
import { pastedContract } from './contract/pasted.js';
import { refreshContract } from './contract/refresh.js';
import { revokingContract } from './contract/revoking.js';
import { sessionContract } from './contract/sessions.js';
import { setupContract } from './contract/setup.js';
import { signInThrottleContract } from './contract/sign-in-throttle.js';
import type { OpenTwoProcesses } from './contract/two-processes.js';
import { keyRing } from './fixtures.js';

/** Runs every contract on databases that `newUrl` names. */
const holdsOn = (newUrl: () => Promise<string>, processes: 1 | 2): void => {
  const closing: (() => Promise<void>)[] = [];
  const open: OpenTwoProcesses = async () => {
    const clock = new TestClock();
    const options = { url: await newUrl(), keys: keyRing('k'), clock };
    const stores = await openStores(options);
    closing.push(stores.close);
    if (processes === 1) return { stores, others: stores, clock };
    const others = await openStores(options);
    closing.push(others.close);
    return { stores, others, clock };
  };
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  adminContract(open);
  apiKeyContract(open);
  signInThrottleContract(open);
  connectionContract(open);
  companyContract(open);
  changesContract(open);
  connectionListsContract(open);
  belongingsContract(open);
  choicesContract(open);
  meterContract(open);
  bulkDisconnectContract(open);
  refreshContract(open);
  revokingContract(open);
  flowContract(open);
  flowLinkContract(open);
  pastedContract(open);
  limitsContract(open);
  sessionContract(open);
  setupContract(open);
  instanceContract(open);
  auditContract(open);
  jobContract(open);
};

describe('SQLite in memory', () => {
  holdsOn(async () => 'sqlite::memory:', 1);
});

/** Makes what a server makes of an empty database when it first starts. */
const make = async (url: string): Promise<void> => {
  const stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
  await stores.close();
};

describe('SQLite in a file', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-store-'));
    await make(`sqlite:${join(folder, 'new.db')}`);
  });
  afterAll(() => rm(folder, { recursive: true }));
  holdsOn(async () => {
    files += 1;
    const file = join(folder, `${files}.db`);
    await copyFile(join(folder, 'new.db'), file);
    return `sqlite:${file}`;
  }, 2);
});

describe('PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  holdsOn(() => postgres.renewed(), 2);
});
