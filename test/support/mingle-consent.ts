import { type HttpBrowser, redirectOf } from './http-viewer.js';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" };

const decoded = (text: string): string =>
  text.replace(/&(amp|quot|lt|gt|#39);/g, (_, name: string) => ENTITIES[name] ?? '');

/** The hidden fields of the page's form that is sent to `action`. */
const hiddenFields = (page: string, action: string): Record<string, string> => {
  const form = page.split('<form').find((part) => part.includes(`action="${action}"`)) ?? '';
  const fields = form.split('</form>')[0]?.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g) ?? [];
  return Object.fromEntries([...fields].map(([, name, value]) => [name, decoded(value ?? '')]));
};

/** Signs in to the demo's Mingle where it asks for that, and answers its question; returns the address it leads back to. */
export const mingleConsent =
  (login: string, authorize: 'Yes' | 'No' = 'Yes') =>
  async (authorizationUrl: string, browser: HttpBrowser): Promise<string> => {
    const { origin } = new URL(authorizationUrl);
    let asked = await browser.send(authorizationUrl);
    if (asked.status === 302) {
      const page = await browser.send(redirectOf(asked, origin));
      const form = {
        ...hiddenFields(page.text, '/profile/login'),
        'user[login]': login,
        'user[password]': login,
      };
      const signedIn = await browser.send(`${origin}/profile/login`, { origin, form });
      asked = await browser.send(redirectOf(signedIn, origin));
    }
    const form = { ...hiddenFields(asked.text, '/oauth/authorize'), authorize };
    return redirectOf(await browser.send(`${origin}/oauth/authorize`, { origin, form }), origin);
  };
