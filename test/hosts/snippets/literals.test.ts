import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  elementSnippet,
  formSnippet,
  literal,
} from '../../../src/hosts/snippets/fill-snippets.js';
import { LANGUAGES, type Language } from '../../../src/hosts/snippets/snippet-facts.js';
import { PRESENT } from '../../admin/hosts/snippets/languages.js';

const NASTY = [
  '"; process.exit(1); //',
  "'; exit(1); #",
  '"\n*/ System.exit(1); /*',
  '\\u0022; System.exit(1); //',
  '\\\\u0022',
  '\\',
  '\\"',
  '#{exit 1}',
  '#$0',
  '#@a',
  '$HOME {$a} $$',
  '?><?php exit(1);',
  '`rm`',
  '"""',
  '</script>',
  '\u2028\u2029\u0085\0\r\n\t\x7f',
  '\u00e9\ud83d\ude00',
  '\n__END__\n',
];
const hostile = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...NASTY, 'u0022', '0', 'a', '"', "'", '\\', '#', '{', '$'), { maxLength: 8 })
    .map((parts) => parts.join('')),
);

/** A program that prints, as JSON or as hex of UTF-8 by line, what its literals hold. */
const PROGRAMS: Readonly<
  Record<Exclude<Language, 'node'>, (literals: readonly string[]) => readonly [string, string]>
> = {
  python: (all) => ['p.py', `for each in [${all.join(', ')}]:\n    print(each.encode().hex())\n`],
  ruby: (all) => ['p.rb', `[${all.join(', ')}].each { |each| puts each.encode('UTF-8').unpack1('H*') }\n`],
  php: (all) => ['p.php', `<?php foreach ([${all.join(', ')}] as $each) { echo bin2hex($each), "\\n"; }\n`],
  java: (all) => [
    'P.java',
    `public class P { public static void main(String[] a) { for (String each : new String[] {${all.join(', ')}})
      System.out.println(java.util.HexFormat.of().formatHex(each.getBytes(java.nio.charset.StandardCharsets.UTF_8))); } }`,
  ],
  go: (all) => [
    'p.go',
    `package main\nimport "fmt"\nfunc main() { for _, each := range []string{${all.join(', ')}} { fmt.Printf("%x\\n", each) } }\n`,
  ],
};
const COMMANDS: Readonly<Record<keyof typeof PROGRAMS, readonly string[]>> = {
  python: ['python3'],
  ruby: ['ruby'],
  php: ['php'],
  java: ['java'],
  go: ['go', 'run'],
};

const printed = (language: keyof typeof PROGRAMS, literals: readonly string[]): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'literals-'));
  try {
    const [name, program] = PROGRAMS[language](literals);
    writeFileSync(join(folder, name), program);
    const [command = '', ...args] = COMMANDS[language];
    const out = execFileSync(command, [...args, name], { cwd: folder, encoding: 'utf8' });
    return out.split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const whole = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

describe('Whatever a text holds, it stays inside its literal', () => {
  it('in Node', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = literal.node(text);
        expect(written).toMatch(/^"[ -~]*"$/);
        expect(new Function(`'use strict'; return [${written}]`)()).toEqual([whole(text)]);
      }),
    );
  });

  it.each(
    LANGUAGES.filter((language) => language !== 'node').map(
      (language) => [language, PRESENT[language].runs] as const,
    ),
  )(
    'in %s (here: %s)',
    (language, present) => {
      const texts = [...NASTY, ...fc.sample(hostile, 200)];
      const literals = texts.map(literal[language]);
      for (const each of literals) expect(each).toMatch(/^"[ -~]*"$/);
      if (present)
        expect(printed(language, literals)).toEqual(
          texts.map((text) => Buffer.from(whole(text)).toString('hex')),
        );
    },
    60_000,
  );

  it('in an attribute of HTML', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(attribute(text)).toMatch(/^"[^"<>'\n\r\t\0]*"$/);
      }),
    );
  });

  it('in the element and the form', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const facts = {
          host: text,
          gadget: text,
          title: text,
          gadgetOrigin: 'https://gadgets.example.com',
          parameters: [['project', text]] as const,
        };
        const tags = (html: string): readonly string[] => html.match(/<\/?[a-z-]+/g) ?? [];
        expect(tags(elementSnippet(facts))).toEqual([
          '<script',
          '</script',
          '<oriel-gadget',
          '<a',
          '</a',
          '</oriel-gadget',
        ]);
        expect(tags(formSnippet(facts))).toEqual([
          '<form',
          '<input',
          '<input',
          '<button',
          '</button',
          '</form',
          '<iframe',
          '</iframe',
        ]);
      }),
    );
  });
});
