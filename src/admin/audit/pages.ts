import { Readable } from 'node:stream';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { AppError } from '../../domain/errors.js';
import { adminPage } from '../../web/headers.js';
import type { AdminRoute, AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { AUDIT_FIELDS, AUDIT_OUTCOMES, AUDIT_SUBJECTS, type AuditQuestion } from './audit-filter.js';
import { seen } from './audit-view.js';
import { dayOf } from './calendar-day.js';
import type { AuditPage } from './use-cases.js';

const PATH = '/admin/audit';
const DAYS = ['from', 'to'] as const;
const HASH = /^[\w-]{43}$/;

const SUBJECTS = AUDIT_SUBJECTS.map((name) => ({
  name,
  actions: AUDIT_ACTIONS.filter((action) => action.startsWith(`${name}.`)),
}));

const questionIn = (fields: { get(name: string): string | null | undefined }): AuditQuestion =>
  Object.fromEntries(AUDIT_FIELDS.map((field) => [field, (fields.get(field) ?? '').trim()]));

const pathOf = (question: AuditQuestion, before: number | null = null): string => {
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

/** The page Audit: what happened here, searched, taken away and checked. */
export const auditRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { audit, administrators } = web.manage;
  const section = 'audit';

  /** A question that makes no sense is shown again with what is wrong about it. */
  const ask = async (question: AuditQuestion, before: number | null) => {
    try {
      return { page: await audit.list(question, before), error: null };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'parameter_invalid')) throw error;
      return { page: NOTHING, error: error.message };
    }
  };

  const show = async (visit: AdminVisit): Promise<void> => {
    const question = questionIn(visit.query);
    const before = numberIn(visit.query.get('before'));
    const { page, error } = await ask(question, before);
    const people = (await administrators.list()).map(({ id, name }) => ({ id, name }));
    const other = question.by && people.every(({ id }) => id !== question.by) ? [question.by] : [];
    const wrong = DAYS.filter((field) => question[field] && dayOf(question[field]) === null);
    const model = {
      question,
      error,
      wrong,
      filtered: pathOf(question) !== PATH,
      entries: page.entries.map(seen),
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
      // By POST, so that a person's name at the host gets into no address, history or log.
      method: 'post',
      path: `${PATH}/viewer`,
      section,
      async handle({ form, leave, seeOther }) {
        const person = await audit.personOf(form.get('host')?.trim() ?? '', form.get('sub') ?? '');
        if (person === null)
          leave({
            kind: 'warning',
            message: 'The log knows no such viewer. Nobody of that name connected, or they were erased.',
          });
        seeOther(pathOf(person === null ? {} : { person }));
      },
    },
    {
      // By POST, since that somebody took the log away is written into it.
      method: 'post',
      path: `${PATH}/export`,
      section,
      async handle({ form, by }, ctx) {
        const lines = await audit.exported(questionIn(form), by, ctx.state.requestId);
        const day = new Date(web.clock.now()).toISOString().slice(0, 10);
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
            { head, check: null, error: 'That is no hash of the log: one has 43 letters, digits, - and _.' },
            { status: 400 },
          );
        const check = await audit.verify(head === '' ? undefined : head);
        showPage('admin/audit-verify', { head, check, error: null });
      },
    },
  ];
};
