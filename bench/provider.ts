import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forty cards, as the card query's XML. */
const cards = `<?xml version="1.0" encoding="UTF-8"?>\n<results type="array">\n${Array.from(
  { length: 40 },
  (_, index) => `  <result>
    <number>${index + 1}</number>
    <name>Card ${index + 1} keeps a believable name &amp; an ampersand</name>
    <type>${index % 3 ? 'Story' : 'Bug'}</type>
    <status>${index % 2 ? 'In development' : 'Done'}</status>
    <owner>ann</owner>
  </result>`,
).join('\n')}\n</results>\n`;

const definitions = `<?xml version="1.0" encoding="UTF-8"?>\n<property_definitions type="array">\n${[
  'Status',
  'Owner',
]
  .map((name) => `  <property_definition><name>${name}</name></property_definition>`)
  .join('\n')}\n</property_definitions>\n`;

const items = Array.from({ length: 50 }, (_, index) => ({
  id: 900_000 + index,
  number: index + 1,
  url: `https://tracker.example/apollo/issues/${index + 1}`,
  title: `Issue ${index + 1} has a believable title & an ampersand`,
  state: index % 3 ? 'open' : 'closed',
  author: {
    id: index % 7,
    login: `person-${index % 7}`,
    url: `https://tracker.example/person-${index % 7}`,
  },
  labels: [
    { name: 'bug', color: 'd73a4a' },
    { name: 'needs review', color: '0e8a16' },
  ],
  comments: index % 11,
  created_at: '2026-11-03T09:12:44Z',
  updated_at: '2026-11-21T17:03:02Z',
}));

/** Fifty issues, as JSON of about 19 KB. */
const issues = JSON.stringify({ total: 50, items });

/** The one that the address names. */
const issueAt = (path: string): string | undefined => {
  const number = /\/issues\/(\d+)\.json$/.exec(path)?.[1];
  return number === undefined ? undefined : JSON.stringify(items[Number(number) - 1]);
};

export interface Provider {
  readonly url: string;
  /** How often each address of the project `page` was asked for. */
  readonly paths: ReadonlyMap<string, number>;
  asked(): number;
  close(): void;
}

/** A provider in the legacy dialect that accepts everyone: what is measured is never the provider. */
export const startProvider = async (): Promise<Provider> => {
  let asked = 0;
  const paths = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://provider');
    request.resume();
    asked += 1;
    if (url.pathname.includes('/page/')) paths.set(url.href, (paths.get(url.href) ?? 0) + 1);
    request.on('end', () => {
      if (url.pathname === '/oauth/token') {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            access_token: randomBytes(32).toString('hex'),
            refresh_token: randomBytes(32).toString('hex'),
            expires_in: 7_776_000,
          }),
        );
        return;
      }
      if (url.pathname.endsWith('.json')) {
        response.setHeader('content-type', 'application/json; charset=utf-8');
        response.end(issueAt(url.pathname) ?? issues);
        return;
      }
      response.setHeader('content-type', 'application/xml; charset=utf-8');
      response.end(url.pathname.endsWith('property_definitions.xml') ? definitions : cards);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
