/** Every refusal a person or a host can meet, with its HTTP status. The one table from code to status. */
export const STATUS = {
  host_unknown: 404,
  gadget_unknown: 404,
  route_unknown: 404,
  gadget_not_allowed: 403,
  provider_not_allowed: 403,
  method_not_allowed: 405,
  origin_unknown: 421,
  not_framed: 403,
  body_invalid: 400,
  body_too_large: 413,
  media_type_unsupported: 415,
  parameter_unknown: 400,
  parameter_invalid: 400,
  parameter_missing: 400,
  parameter_repeated: 400,
  parameter_locked: 400,
  token_missing: 400,
  token_invalid: 401,
  token_expired: 401,
  token_replayed: 401,
  token_purpose: 401,
  host_keys_unavailable: 503,
  session_missing: 401,
  session_expired: 401,
  viewer_changed: 409,
  origin_refused: 403,
  ticket_invalid: 403,
  ticket_in_use: 409,
  flow_unknown: 404,
  flow_step: 409,
  state_mismatch: 400,
  issuer_mismatch: 400,
  provider_unknown: 404,
  provider_denied: 403,
  provider_failed: 502,
  client_missing: 503,
  client_stopped: 503,
  connection_unknown: 404,
  too_many_requests: 429,
  sign_in_required: 401,
  sign_in_failed: 401,
  confirmation_required: 403,
  form_expired: 403,
  invitation_invalid: 404,
  password_weak: 422,
  admin_unknown: 404,
  admin_last: 409,
  api_key_missing: 401,
  api_key_invalid: 401,
  api_key_unknown: 404,
  api_scope_missing: 403,
  record_unknown: 404,
  record_unopened: 409,
  record_exists: 409,
  record_changed: 409,
  version_missing: 428,
  precondition_failed: 412,
  rotation_refused: 409,
  record_in_file: 409,
  record_invalid: 422,
  configuration_invalid: 422,
  bulk_disconnect_unknown: 404,
  connect_request_invalid: 400,
  connect_code_wrong: 403,
  connect_code_expired: 403,
  viewer_unnamed: 403,
  database_unavailable: 503,
  internal: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof STATUS;

/**
 * What a sentence of the catalogue is given, and in `as` which one it is where the code has several: see `errors` in
 * `templates/messages/en.yaml`.
 */
export type Said = Readonly<Record<string, string | number>> & { readonly as?: string };

/**
 * A request we refuse. What viewers can meet is `said` in their language where it is shown; `message` is the English sentence of what
 * only administrators and developers meet. `reason` is cause and fix for the administrator's log. None ever holds a secret.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Key below `errors.` and values of the sentence; null where `message` is it. */
  readonly said: { readonly as: string; readonly values: Said } | null;
  /** For the administrator: what is wrong, and what to change. */
  readonly reason: string | null;

  constructor(code: ErrorCode, said: string | Said = {}, reason: string | null = null) {
    super(typeof said === 'string' ? said : code.replaceAll('_', ' '));
    this.said = typeof said === 'string' ? null : { as: said.as ?? code, values: said };
    this.name = 'AppError';
    this.code = code;
    this.status = STATUS[code];
    this.reason = reason;
  }
}
