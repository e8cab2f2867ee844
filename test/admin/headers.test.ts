import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-viewer.js';
import { PASSWORD, startConsole, tokenIn } from './console-app.js';

describe('The console', () => {
  it('has a cookie that no sibling domain can plant, where the site is https', async () => {
    const behind = await startConsole({
      siteOrigin: 'https://oriel.example',
      gadgetOrigin: 'https://gadgets.example',
    });
    await behind.admin('ann');
    const answer = await request(`http://127.0.0.1:${behind.port}/admin/sign-in`, {
      method: 'POST',
      headers: {
        host: 'oriel.example',
        origin: 'https://oriel.example',
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ name: 'ann', password: PASSWORD }).toString(),
    });
    expect(answer.statusCode).toBe(303);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-oriel-admin=[\w-]{43}; path=\/;.*secure; httponly/i,
    );
    await behind.close();
  });

  it('sends pages that no window can reach, no frame can hold and nothing may keep', async () => {
    const app = await startConsole();
    const { headers, text } = await app.page(new HttpBrowser(), '/admin/sign-in');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['set-cookie']).toBeUndefined();
    expect(tokenIn({ text })).toBe('');
    await app.close();
  });
});
