import { personByLogin } from '../people.js';
import { type Html, xml } from '../site/html.js';
import { time } from './card-xml.js';
import type { Murmur } from './model.js';

const murmursPerPage = 25;
const hour = 60 * 60 * 1000;

const said: Readonly<Record<string, readonly (readonly [by: string, body: string])[]>> = {
  apollo: [
    ['ann', '#37 looks good on my screen now. Can someone try it on an old one?'],
    ['admin', '@ann I have one: http://lab.example.com/screens/4'],
    ['ann', 'Rename <b>Trash</b> to “Bin”? #16 & #17 would change.'],
  ],
  borealis: [
    ['bob', 'The observatory sends new data from tonight on, see #1.'],
    ['ann', 'Texts for #4 and #8 are agreed.'],
  ],
};

/** What was said in a project until now: apollo's people have been talking for more than a page. */
export const sampleMurmurs = (project: string, now: number): readonly Murmur[] => {
  const latest = said[project] ?? [];
  const early = project === 'apollo' ? 30 : 0;
  const bodies = [
    ...latest,
    ...Array.from({ length: early }, (_, index) => ['ann', `Good morning, day ${early - index}`] as const),
  ];
  return bodies.map(([by, body], index) => ({
    id: bodies.length - index,
    by,
    at: now - (index + 1) * 7 * hour,
    body,
  }));
};

/** One page of murmurs, newest first; a page past the end is empty. */
export const murmursXml = (api: string, murmurs: readonly Murmur[], page: number): Html => {
  const shown = murmurs.slice((page - 1) * murmursPerPage, page * murmursPerPage);
  return xml`<murmurs type="array">${shown.map(({ id, by, at, body }) => {
    const author = personByLogin(by);
    return xml`
  <murmur>
    <id type="integer">${id}</id>
    <author url="${api}/users/${by}.xml"><name>${author?.name ?? by}</name><login>${by}</login><email>${author?.email}</email></author>
    <body>${body}</body>
    <created_at type="datetime">${time(at)}</created_at>
    <is_truncated type="boolean">false</is_truncated>
    <stream type="default">default</stream>
  </murmur>`;
  })}
</murmurs>`;
};
