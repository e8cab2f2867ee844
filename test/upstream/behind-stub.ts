import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openDoor } from './setting.js';
import { type StubServer, stubServer } from './stub-server.js';

/** One stub provider for the file, and the upstream opened for each test and closed after it. */
export const behindStub = (): { readonly stub: StubServer; readonly door: ReturnType<typeof openDoor> } => {
  const fixture = {} as { stub: StubServer; door: ReturnType<typeof openDoor> };
  beforeAll(async () => {
    fixture.stub = await stubServer();
  });
  beforeEach(() => {
    fixture.door = openDoor();
    fixture.stub.requests.length = 0;
    return () => fixture.door.close();
  });
  afterAll(() => fixture.stub.close());
  return fixture;
};
