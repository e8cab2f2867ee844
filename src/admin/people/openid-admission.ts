import type { AllowList, Identity } from '../../domain/administrator-sign-in.js';

/** Deny by default: only who is named by subject, or by an e-mail address that the provider verified. */
export const mayComeIn = ({ subject, email }: Identity, { subjects, emails }: AllowList): boolean =>
  subjects.includes(subject) ||
  (email !== null && emails.some((allowed) => allowed.toLowerCase() === email.toLowerCase()));
