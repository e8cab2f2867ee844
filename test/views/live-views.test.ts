import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindGadget } from '../../src/hosts/bound-gadget.js';
import { LiveViews } from '../../src/views/live-views.js';
import type { ContentModel } from '../../src/views/view-models.js';
import { gadget } from '../support/a-gadget.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oriel-live-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const model = (of: ContentModel['gadget']): ContentModel => ({
  ...{ gadget: of, parameters: {}, answers: {}, unknown: {}, missing: [], connected: [] },
  ...{ locale: 'en', timeZone: 'UTC', stale: false },
});

describe('Views that are replaced while they are in use', () => {
  it('show each definition by the templates it was read with, partials and texts included', () => {
    const views = new LiveViews({ templates: 'templates' });
    const [old, next] = [gadget({ version: 'v1' }), gadget({ version: 'v2' })];
    write('view.njk', '{% from "./part.njk" import word %}<p>{{ word() }}</p>');
    write('part.njk', '{% macro word() %}old{% endmacro %}');
    expect(views.compile([{ gadget: old, folder }]).size).toBe(0);
    write('part.njk', '{% macro word() %}new{% endmacro %}');
    expect(views.compile([{ gadget: next, folder }]).size).toBe(0);
    expect(views.content(model(old))).toContain('<p>old</p>');
    expect(views.content(model(next))).toContain('<p>new</p>');
    expect(views.content(model(old))).toContain('<p>old</p>');
  });

  it('show a gadget as a host binds it, and as the console previews it, by the templates of its definition', () => {
    const views = new LiveViews({ templates: 'templates' });
    const definition = gadget();
    write('view.njk', '<p>bound as {{ gadget.id }}</p>');
    expect(views.compile([{ gadget: definition, folder }]).size).toBe(0);
    const bound = bindGadget(definition, 'other-name', { gadget: definition.id, providers: {} });
    expect(views.content(model(bound))).toContain('<p>bound as other-name</p>');
  });

  it('name what is wrong with one, and compile the others', () => {
    const views = new LiveViews({ templates: 'templates' });
    const other = mkdtempSync(join(tmpdir(), 'oriel-live-'));
    writeFileSync(join(other, 'view.njk'), '{% endif %}');
    write('view.njk', '<p>fine</p>');
    const [fine, broken] = [gadget(), gadget({ id: 'broken', view: 'broken/view.njk' })];
    const faults = views.compile([
      { gadget: broken, folder: other },
      { gadget: fine, folder },
    ]);
    expect([...faults.keys()]).toEqual([broken]);
    expect(faults.get(broken)).toMatchObject([{ problem: expect.stringContaining('broken/view.njk') }]);
    expect(views.content(model(fine))).toContain('<p>fine</p>');
    rmSync(other, { recursive: true });
  });
});
