import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openUpstream } from './setting.js';
import { type StubServer, stubServer } from './stub-server.js';

/** One stub provider for the file, and the upstream opened for each test and closed after it. */
export const behindStub = (): {
  readonly stub: StubServer;
  readonly opened: ReturnType<typeof openUpstream>;
} => {
  const fixture = {} as { stub: StubServer; opened: ReturnType<typeof openUpstream> };
  beforeAll(async () => {
    fixture.stub = await stubServer();
  });
  beforeEach(() => {
    fixture.opened = openUpstream();
    fixture.stub.requests.length = 0;
    return () => fixture.opened.close();
  });
  afterAll(() => fixture.stub.close());
  return fixture;
};
