import type { Choices, ParameterValues } from './gadget.js';
import type { Viewer, ViewerProfile } from './viewer.js';

/** A frame session is renewed at 15 minutes and can be renewed, with its bearer, for twelve hours. */
export const FRAME_SESSION_LIFE = 15 * 60_000;
export const FRAME_SESSION_RENEWABLE = 12 * 60 * 60_000;

/**
 * What one frame's bearer stands for. It is bound to host, viewer, gadget, and the launch's parameters and locks;
 * nothing of it can be changed by renewal but `expiresAt`. A session whose `choices` were changed is read again, as another object.
 */
export interface FrameSession {
  readonly id: string;
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly gadget: string;
  readonly parameters: ParameterValues;
  /** The parameters the host signed, as signed: a renewal must carry the same. Canonical JSON. */
  readonly locks: string;
  /** What the viewer chose in this gadget on any page of this host. */
  readonly choices: Choices;
  readonly locale: string;
  readonly timeZone: string;
  readonly launchedAt: number;
  readonly expiresAt: number;
}

/** The verified claims of a host token. `params` are locked: the page cannot change them. */
export interface HostClaims {
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly jti: string;
  /** Epoch milliseconds after which this token can no longer be replayed (its `exp` plus the leeway). */
  readonly replayableUntil: number;
  readonly gadget: string | null;
  readonly params: Readonly<Record<string, string>>;
  readonly locale: string | null;
}
