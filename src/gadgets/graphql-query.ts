/** Comments and texts, in which nothing of the structure counts. */
const SKIPPED = /#[^\n\r]*|"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n\r])*"/g;

const STRUCTURE = /[{}()]|[A-Za-z_]\w*/g;

/** A document without arguments and variables, however they nest. */
const withoutArguments = (text: string): string => {
  const shorter = text.replace(/\([^()]*\)/g, ' ');
  return shorter === text ? text : withoutArguments(shorter);
};

/** The words that begin the document's definitions, in order; null where its brackets do not match. */
const definitionsIn = (text: string): readonly string[] | null => {
  const kinds: string[] = [];
  let depth = 0;
  let isBefore = true;
  for (const [token] of withoutArguments(text).matchAll(STRUCTURE)) {
    // A query without a name begins with its brace.
    if (isBefore) kinds.push(token === '{' ? 'query' : token);
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    isBefore = token === '}' && depth === 0;
    if (depth < 0 || token === '(' || token === ')') return null;
  }
  return depth === 0 ? kinds : null;
};

/**
 * What is wrong with a GraphQL document of a gadget, as a sentence without its full stop; null for one query, with any number of
 * fragments (GraphQL §2.2, §2.3). What it asks for is for the server to say.
 */
export const graphqlFault = (document: string): string | null => {
  const kinds = definitionsIn(document.replace(SKIPPED, ' '));
  if (kinds === null) return 'its brackets do not match';
  const other = kinds.find((kind) => kind !== 'query' && kind !== 'fragment');
  if (other !== undefined) return `it has a ${other}, and a gadget only reads`;
  const queries = kinds.filter((kind) => kind === 'query').length;
  return queries === 1 ? null : `it has ${queries === 0 ? 'no query' : 'more than one query'}`;
};
