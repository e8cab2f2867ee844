import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long for their size, the longest first. */
export const LONG = [
  'test/whole/small-limits.test.ts',
  'test/docs/readme-pictures.test.ts',
  'test/cli/verify.test.ts',
  'test/whole/emulated-providers.test.ts',
  'test/browser/two-consents.test.ts',
  'test/browser/links.test.ts',
  'test/chaos/slow-clients.test.ts',
  'test/browser/records.test.ts',
  'test/whole/npm-package.test.ts',
  'test/browser/consent.test.ts',
  'test/cli/workers.test.ts',
  'test/browser/ended.test.ts',
  'test/chaos/chaos.test.ts',
  'test/chaos/soak.test.ts',
  'test/cli/reload.test.ts',
  'test/browser/doctor-pages.test.ts',
  'test/whole/accessible-gadgets.test.ts',
  'test/whole/refresh-storm.test.ts',
  'test/whole/bulk-disconnect.test.ts',
  'test/whole/postgres-away.test.ts',
  'test/cli/gadget-test.test.ts',
];

/**
 * Long files first, as vitest does once it has measured them. On a clean checkout it goes by size, and one worker would be left alone at the
 * end with a short file that takes half a minute.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONG.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
