/** Longer headers are not looked through, in characters. */
const LONGEST = 16_000;

const LINK = /<([^<>]*)>((?:[^,"<]|"(?:\\.|[^"\\])*")*)/g;
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;,"]*)))?/g;

/** Parameters by name in lower case; of one that is repeated the first counts (RFC 8288 §3.3). */
const parametersOf = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  return found;
};

/** Where a `Link` header leads by a relation (RFC 8288 §3); null where it names none, or one of another resource (`anchor`). */
export const linkWith = (header: string, rel: string): string | null => {
  if (header.length > LONGEST) return null;
  const wanted = rel.toLowerCase();
  for (const [, href = '', rest = ''] of header.matchAll(LINK)) {
    const parameters = parametersOf(rest);
    const rels = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (rels.includes(wanted) && !parameters.has('anchor')) return href;
  }
  return null;
};
