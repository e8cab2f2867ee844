import { Readable } from 'node:stream';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { AppError } from '../../domain/errors.js';
import { adminPage } from '../../web/headers.js';
import type { AdminRoute, AdminVisit, ConsoleDeps } from '../console-route.js';
import { listAdministrators } from '../people/use-cases.js';
import { AUDIT_OUTCOMES, AUDIT_SUBJECTS, dayOf } from './audit-search.js';
import { toSeenEntry } from './audit-sentence.js';
import { AUDIT_FIELDS, type AuditSearch } from './schema.js';
import { type AuditPage, exportAudit, findPseudonym, searchAudit, verifyAudit } from './use-cases.js';

const PATH = '/admin/audit';
const DAYS = ['from', 'to'] as const;
const HASH = /^[\w-]{43}$/;

const SUBJECTS = AUDIT_SUBJECTS.map((name) => ({
  name,
  actions: AUDIT_ACTIONS.filter((action) => action.startsWith(`${name}.`)),
}));

const questionIn = (fields: { get(name: string): string | null | undefined }): AuditSearch =>
  Object.fromEntries(AUDIT_FIELDS.map((field) => [field, (fields.get(field) ?? '').trim()]));

const pathOf = (question: AuditSearch, before: number | null = null): string => {
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries(question)) if (text) query.set(name, text);
  if (before !== null) query.set('before', String(before));
  return query.size === 0 ? PATH : `${PATH}?${query}`;
};

const numberIn = (text: string | null): number | null => {
  const number = Number(text ?? '');
  return Number.isSafeInteger(number) && number > 0 ? number : null;
};

const NOTHING: AuditPage = { entries: [], older: null };

/** The page Audit: search, export and verify the log. */
export const auditRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
  const section = 'audit';

  /** A search that is not valid is shown again with what is wrong. */
  const ask = async (question: AuditSearch, before: number | null) => {
    try {
      return { page: await searchAudit(deps, question, before), error: null };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'parameter_invalid')) throw error;
      return { page: NOTHING, error: error.message };
    }
  };

  const show = async (visit: AdminVisit): Promise<void> => {
    const question = questionIn(visit.query);
    const before = numberIn(visit.query.get('before'));
    const { page, error } = await ask(question, before);
    const people = (await listAdministrators(deps)).map(({ id, name }) => ({ id, name }));
    const other = question.by && people.every(({ id }) => id !== question.by) ? [question.by] : [];
    const wrong = DAYS.filter((field) => question[field] && dayOf(question[field]) === null);
    const model = {
      question,
      error,
      wrong,
      filtered: pathOf(question) !== PATH,
      entries: page.entries.map(toSeenEntry),
      newest: before === null ? null : pathOf(question),
      older: page.older === null ? null : pathOf(question, page.older),
      subjects: SUBJECTS,
      outcomes: AUDIT_OUTCOMES,
      people: [...people, ...other.map((id) => ({ id, name: id }))],
    };
    visit.show('admin/audit', model, { status: error === null ? 200 : 400 });
  };

  return [
    { method: 'get', path: PATH, section, handle: show },
    {
      // By POST, so that a person's name at the host appears in no address, history or log.
      method: 'post',
      path: `${PATH}/viewer`,
      section,
      async handle({ form, leave, seeOther }) {
        const person = await findPseudonym(deps, form.get('host')?.trim() ?? '', form.get('sub') ?? '');
        if (person === null)
          leave({
            kind: 'warning',
            message:
              'There is no such viewer in the log: no one with that name connected, or they were erased.',
          });
        seeOther(pathOf(person === null ? {} : { person }));
      },
    },
    {
      // By POST, since the export is written to the log itself.
      method: 'post',
      path: `${PATH}/export`,
      section,
      async handle({ form, by }, ctx) {
        const lines = await exportAudit(deps, questionIn(form), by, ctx.state.requestId);
        const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
        adminPage(ctx);
        ctx.set('Content-Disposition', `attachment; filename="oriel-audit-${day}.jsonl"`);
        ctx.type = 'application/jsonl; charset=utf-8';
        ctx.body = Readable.from(lines);
      },
    },
    {
      method: 'get',
      path: `${PATH}/verify`,
      section,
      async handle({ query, show: showPage }) {
        const head = query.get('head')?.trim() ?? '';
        if (head !== '' && !HASH.test(head))
          return showPage(
            'admin/audit-verify',
            {
              head,
              check: null,
              error: 'That is not a hash from the log: a hash has 43 letters, digits, - and _.',
            },
            { status: 400 },
          );
        const check = await verifyAudit(deps, head === '' ? undefined : head);
        showPage('admin/audit-verify', { head, check, error: null });
      },
    },
  ];
};
