import type { Actor } from '../domain/actor.js';
import {
  type Audit,
  type AuditAction,
  type AuditChange,
  type AuditEvent,
  CAUSE,
} from '../domain/audit-event.js';
import { AppError } from '../domain/errors.js';
import type { Flow } from '../domain/flow.js';

/** What an audit event says of the Connection or flow it is about. */
export const about = ({
  id,
  viewer,
  provider,
}: Pick<Flow, 'id' | 'viewer' | 'provider'>): Required<
  Pick<AuditEvent, 'viewer' | 'provider' | 'subject'>
> => ({ viewer, provider, subject: id });

/** What became of the permission that a consent held, in the audit log's words; `nothing` where it held none. */
export const becomingOf = (permission: string): AuditChange => ({
  path: 'permission',
  before: null,
  after: permission,
});

/** Records what became of a flow or Connection. */
export const recorder =
  (audit: Audit) =>
  (
    action: AuditAction,
    outcome: AuditEvent['outcome'],
    by: Actor,
    what: Pick<Flow, 'id' | 'viewer' | 'provider'>,
    code: string,
    { cause, requestId }: { readonly cause?: string; readonly requestId?: string } = {},
  ): Promise<void> =>
    audit.record({
      action,
      by,
      outcome,
      ...about(what),
      code,
      ...(cause !== undefined && { changes: [{ path: CAUSE, before: null, after: cause }] }),
      ...(requestId !== undefined && { requestId }),
    });

/** Who took a step of connecting, and at which flow and provider, as far as that is known. */
export interface Step {
  readonly by: Actor;
  readonly provider: string | null;
  readonly flow: string | null;
  /** Whose address it was taken at, where nobody has proved to be that host. */
  readonly host?: string;
}

/** Takes a step of a flow; that it was refused, and why, goes to the audit log before it goes on to who asked. */
export const rememberingRefusals =
  (audit: Audit) =>
  async <T>({ by, provider, flow, host }: Step, take: () => Promise<T>): Promise<T> => {
    try {
      return await take();
    } catch (error) {
      if (error instanceof AppError)
        await audit.record({
          action: 'flow.refused',
          by,
          outcome: 'refused',
          ...(provider !== null && { provider }),
          ...(flow !== null && { subject: flow }),
          ...(host !== undefined && { host }),
          code: error.code,
        });
      throw error;
    }
  };
