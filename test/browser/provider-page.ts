import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Provider } from '../../src/providers/provider.js';
import { providerNamed } from '../connect/connect-setup.js';

/** A provider's sign-in page: a link or a form allows, another link refuses. It cuts itself off from the page that opened it, as real ones do. */
export const startProviderPage = async (
  id = 'mingle',
): Promise<{ provider: Provider; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const back = (more: Readonly<Record<string, string>>): string => {
      const query = new URLSearchParams({ state: searchParams.get('state') ?? '', ...more });
      return `${searchParams.get('redirect_uri')}?${query}`.replaceAll('&', '&amp;');
    };
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Content-Type', 'text/html');
    response.end(
      `<!doctype html><title>Mingle</title><a href="${back({ code: 'code-of-ann' })}">Allow</a>
      <a href="${back({ error: 'access_denied' })}">Deny</a>
      <form method="post" action="${searchParams.get('redirect_uri')}">
      <input type="hidden" name="state" value="${searchParams.get('state')}"><input type="hidden" name="code" value="code-of-ann">
      <button>Allow by form</button></form>`,
    );
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  return {
    provider: providerNamed(id, {
      name: id === 'mingle' ? 'Mingle' : 'Jenkins',
      authorizationEndpoint: `http://127.0.0.1:${port}/authorize`,
      account: 'none',
      selectAccountParameters: {},
    }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
