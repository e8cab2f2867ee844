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

type Subject = Pick<Flow, 'id' | 'viewer' | 'provider'>;

/** What an audit event says of the Connection or flow it is about. */
export const about = ({
  id,
  viewer,
  provider,
}: Subject): Required<Pick<AuditEvent, 'viewer' | 'provider' | 'subject'>> => ({
  viewer,
  provider,
  subject: id,
});

/** What became of the permission that a consent held, in the audit log's words; `nothing` where it held none. */
export const permissionChange = (permission: string): AuditChange => ({
  path: 'permission',
  before: null,
  after: permission,
});

/** What happened to a flow or Connection. */
interface Recorded {
  readonly outcome: AuditEvent['outcome'];
  readonly by: Actor;
  readonly code: string;
  readonly cause?: string;
  readonly requestId?: string;
}

/** Writes to the audit log what happened to a flow or Connection. */
export async function recordEvent(
  { audit }: { readonly audit: Audit },
  action: AuditAction,
  subject: Subject,
  { outcome, by, code, cause, requestId }: Recorded,
): Promise<void> {
  await audit.record({
    action,
    by,
    outcome,
    ...about(subject),
    code,
    ...(cause !== undefined && { changes: [{ path: CAUSE, before: null, after: cause }] }),
    ...(requestId !== undefined && { requestId }),
  });
}

/** Who took a step of connecting, and at which flow and provider, as far as that is known. */
export interface Step {
  readonly by: Actor;
  readonly provider: string | null;
  readonly flow: string | null;
  /** At which host's address it was taken, where the sender did not prove to be that host. */
  readonly host?: string;
}

/** Takes a step of a flow. A refusal is recorded in the audit log, then thrown again. */
export async function recordRefusals<T>(
  { audit }: { readonly audit: Audit },
  { by, provider, flow, host }: Step,
  take: () => Promise<T>,
): Promise<T> {
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
}
