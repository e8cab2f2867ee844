import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_SCOPES } from '../../src/domain/administrator.js';
import { call, createTestConsole, type TestConsole } from '../support/test-console.js';

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: unknown;
}

const BASE = '/api/admin/v1';
let testConsole: TestConsole;
let document: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
beforeAll(async () => {
  testConsole = await createTestConsole();
  document = (await call(testConsole, 'GET', '/openapi.json')).json;
});
afterAll(() => testConsole?.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.slice(BASE.length).replaceAll(/\{\w+\}/g, 'nobody'),
      scope: /scope `([\w:-]+)`/.exec(operation.description)?.[1] ?? null,
      operation,
    })),
  );

const asked = ({ method, path, operation }: ReturnType<typeof operations>[number], key?: string) =>
  call(testConsole, method, path, {
    ...(key !== undefined && { key }),
    ...(operation.requestBody !== undefined && { body: {} }),
  });

describe('The OpenAPI document', () => {
  it('has no fault by the rules of common tools', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    // That this server runs on loopback is no fault of the document's.
    const source = JSON.stringify(document).replaceAll(testConsole.siteOrigin, 'https://oriel.acme.test');
    const faults = await lintFromString({ source, config });
    expect(faults.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  it('names every scope, and no other', () => {
    const named = new Set(operations().map(({ scope }) => scope));
    expect([...named].toSorted()).toEqual([...API_SCOPES].toSorted());
  });

  it('describes only operations that exist, and each needs a key', async () => {
    for (const each of operations()) {
      expect(await asked(each), each.operation.operationId).toMatchObject({
        status: 401,
        json: { code: 'api_key_missing' },
      });
      expect(await asked(each, `oriel_${'x'.repeat(43)}`)).toMatchObject({
        status: 401,
        json: { code: 'api_key_invalid' },
      });
    }
  });

  it('and each of them only to a key with its own scope', async () => {
    for (const scope of API_SCOPES) {
      const key = await testConsole.key(...API_SCOPES.filter((other) => other !== scope));
      const own = operations().filter((each) => each.scope === scope);
      expect(own.length).toBeGreaterThan(0);
      for (const each of own)
        expect(await asked(each, key), each.operation.operationId).toMatchObject({
          status: 403,
          json: { code: 'api_scope_missing' },
        });
    }
  });

  it('knows no other address: what is not in it is not there', async () => {
    const key = await testConsole.key(...API_SCOPES);
    for (const path of ['/', '/nothing', '/providers/a/b', '/admin'])
      expect((await call(testConsole, 'GET', path, { key })).json.code).toBe('route_unknown');
    expect((await call(testConsole, 'PATCH', '/providers', { key })).status).toBe(405);
  });

  it('a key stops working as soon as it is revoked', async () => {
    const key = await testConsole.key('providers:read', 'admins:write', 'admins:read');
    const { items } = (await call(testConsole, 'GET', '/api-keys', { key })).json;
    const own = items.find(({ name }: { name: string }) => name.startsWith('providers:read admins:write'));
    expect((await call(testConsole, 'DELETE', `/api-keys/${own.id}`, { key })).status).toBe(204);
    expect((await call(testConsole, 'GET', '/providers', { key })).status).toBe(401);
  });
});
