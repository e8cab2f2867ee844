import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openDoor } from './setting.js';
import { type StubServer, stubServer } from './stub-server.js';

/** One stub provider for the file, and the upstream opened for each test and closed after it. */
export const behindStub = (): { readonly stub: StubServer; readonly door: ReturnType<typeof openDoor> } => {
  const scene = {} as { stub: StubServer; door: ReturnType<typeof openDoor> };
  beforeAll(async () => {
    scene.stub = await stubServer();
  });
  beforeEach(() => {
    scene.door = openDoor();
    scene.stub.requests.length = 0;
    return () => scene.door.close();
  });
  afterAll(() => scene.stub.close());
  return scene;
};
