import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

const templates = [...filesIn('templates', '.njk'), ...filesIn('gadgets', '.njk')];
const styles = [...filesIn('templates', '.css'), ...filesIn('gadgets', '.css')];

/** The template with its comments gone, and what it computes replaced by a word. */
const markupOf = (source: string): string =>
  source
    .replace(/\{#[\s\S]*?#\}/g, '')
    .replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (found) => (found.startsWith('{{') ? 'X' : ' '));

const tagsOf = (source: string): readonly string[] => markupOf(source).match(/<[a-z][^>]*>/g) ?? [];

/** Of our own origin whatever the values are: it starts with a path of ours or stays on its page, or a filter or the server saw to it. */
const isChecked = (address: string): boolean => {
  const plain = address.replaceAll(/\{%.*?%\}/g, '');
  const ours =
    /^(#([a-z]+|\{\{ [^{}]+ \}\})|\{\{ (assets\.[a-zA-Z]+|embed\.script|registerAt|[^{}]+ \| path) \}\})$/;
  return ours.test(plain) || /^\/([a-z]|$)/.test(plain);
};

describe.each(templates)('%s', (file) => {
  const source = readFileSync(file, 'utf8');

  it('quotes every attribute', () => {
    const unquoted = tagsOf(source).filter((tag) => /=(?!")/.test(tag.replace(/"[^"]*"/g, '""')));
    expect(unquoted).toEqual([]);
  });

  it('holds no script, style or event handler of its own', () => {
    const inline = tagsOf(source).filter(
      (tag) =>
        /\s(on[a-z]+|style|srcdoc)\s*=/i.test(tag) ||
        /^<(style|iframe|object|embed|base)\b/i.test(tag) ||
        (/^<script/.test(tag) && !/ src="X"| type="application\/json"/.test(tag)),
    );
    expect(inline).toEqual([]);
  });

  it('prints nothing unescaped but the named slots', () => {
    const raw = source.match(/\|\s*(safe|json|dump|urlize)\b/g) ?? [];
    const slots: Readonly<Record<string, readonly string[]>> = {
      'templates/frame/launch.njk': ['| json', '| json'],
      'templates/frame/relaunch.njk': ['| json'],
      'templates/frame/doctor.njk': ['| json'],
      'templates/frame/refusal.njk': ['| json'],
    };
    expect(raw).toEqual(slots[file] ?? []);
    expect(source).not.toMatch(/autoescape/);
  });

  it('writes addresses only from where they are checked', () => {
    const addresses = [...source.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(
      ([, address = '']) => address,
    );
    expect(addresses.filter((address) => !isChecked(address))).toEqual([]);
  });
});

describe.each(styles)('%s', (file) => {
  const source = readFileSync(file, 'utf8');

  it('loads nothing, and takes no height from the frame it is in', () => {
    expect(source).not.toMatch(/@import|url\(/);
    expect(source).not.toMatch(/\d[sdl]?vh\b|(?<!max-)height:\s*100%/);
  });
});
