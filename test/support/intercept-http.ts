import { syncBuiltinESMExports } from 'node:module';
import nock from 'nock';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** Has nock stand at the network's edge for the tests of a file, and lets nothing else through but what `allowed` matches (`host:port`). */
export const interceptHttp = (allowed?: RegExp): void => {
  beforeAll(() => {
    // The file before this one may have given Node its own modules back.
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    if (allowed !== undefined) nock.enableNetConnect(allowed);
  });
  afterEach(() => nock.cleanAll());
  afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
    // What was first imported while nock was at work would stay nock's for the files that follow.
    syncBuiltinESMExports();
  });
};
