import { createTestConsole } from '../../support/test-console.js';

export const MINGLE = {
  preset: 'mingle',
  id: 'mingle',
  name: 'Mingle',
  url: 'https://mingle.example.com',
  'client-id': 'oriel',
  'client-secret': 'secret-of-the-client-1234',
} as const;

export const WIKI = {
  id: 'wiki',
  name: 'The wiki',
  origins: 'https://wiki.example.com',
  'key-kind': 'secret',
  'connect-mode': 'opener',
  'gadget.mingle-cards': 'on',
  'provider.mingle': 'on',
} as const;

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const attribute = (tag: string, name: string): string | null =>
  new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? null;

/** What a browser would send of a page's form if it was not touched; its buttons and form token are not among it. */
export const fieldsIn = (html: string): Record<string, string> => {
  const form = /<form class="form"[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) {
    const ticks = /type="(checkbox|radio)"/.test(tag);
    if (!ticks || / checked/.test(tag))
      fields[attribute(tag, 'name') ?? ''] = unescaped(attribute(tag, 'value') ?? '');
  }
  for (const [, tag = '', text = ''] of form.matchAll(/<textarea ([^>]*)>([\s\S]*?)<\/textarea>/g))
    fields[attribute(` ${tag}`, 'name') ?? ''] = unescaped(text.replace(/^\n/, '')).replaceAll('\n', '\r\n');
  for (const [, tag = '', options = ''] of form.matchAll(/<select ([^>]*)>([\s\S]*?)<\/select>/g)) {
    const chosen =
      /<option value="([^"]*)" selected>/.exec(options) ?? /<option value="([^"]*)"/.exec(options);
    fields[attribute(` ${tag}`, 'name') ?? ''] = unescaped(chosen?.[1] ?? '');
  }
  delete fields['form-token'];
  return fields;
};

/** The testConsole, and a key that reads and changes its providers and hosts. */
export const openRecords = async (more: Readonly<Record<string, unknown>> = {}) => {
  const testConsole = await createTestConsole(more);
  return {
    ...testConsole,
    /** The form of a page as it stands there, with something typed over, sent where it goes. */
    async fill(path: string, typed: Readonly<Record<string, string>> = {}) {
      const { text } = await testConsole.page(path);
      return testConsole.post(path, { ...fieldsIn(text), ...typed });
    },
    /** What a page says, without its markup. */
    async words(path: string): Promise<string> {
      return wordsIn((await testConsole.page(path)).text);
    },
  };
};

export const wordsIn = (html: string): string =>
  unescaped(
    html
      .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  );

export type RecordPages = Awaited<ReturnType<typeof openRecords>>;
