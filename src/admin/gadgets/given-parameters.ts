const PREFIX = 'p.';
const LONGEST = 1000;
const MOST = 50;

/** The values of a gadget's parameters in a query: `p.NAME`, as in a launch. */
export const givenParameters = (query: URLSearchParams): ReadonlyMap<string, string> =>
  new Map(
    [...query]
      .filter(([name, value]) => name.startsWith(PREFIX) && value !== '')
      .slice(0, MOST)
      .map(([name, value]) => [name.slice(PREFIX.length), value.slice(0, LONGEST)]),
  );

/** The same, as a query to be appended to another address of the console. */
export const parametersQuery = (given: ReadonlyMap<string, string>): string =>
  new URLSearchParams(
    [...given].map(([name, value]): [string, string] => [`${PREFIX}${name}`, value]),
  ).toString();
