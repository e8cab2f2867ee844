/** Whether frames of the gadget origin can store anything here. */
export type FrameStorage = 'open' | 'apart' | 'blocked';

/** The outcome of trying the connect window: it answered, opening it returned none, or it never answered. */
export type PopupOutcome = 'answered' | 'no-window' | 'silent';

/** What the server reports about the page's origins. `time` is the server's own, in epoch milliseconds. */
export interface ServerFacts {
  readonly time: number;
  readonly host: 'known' | 'unknown';
  /** Those of the origins that are not in the host's record. */
  readonly unregistered: readonly string[];
  /** For registered pages only. */
  readonly gadget: 'shown' | 'unknown' | 'not-allowed' | null;
  /** The names of the gadget's parameters; for registered pages only. */
  readonly parameters: readonly string[] | null;
  readonly mode: string | null;
  readonly algorithms: readonly string[] | null;
}

export interface DoctorFacts extends ServerFacts {
  /** Whether the frame has its origin; a sandbox can take it away. */
  readonly hasOrigin: boolean;
  readonly storage: FrameStorage;
  /** CSS pixels that the frame's own content needs. */
  readonly height: number;
}

export type DoctorMessage =
  | { readonly type: 'doctor-facts'; readonly facts: DoctorFacts }
  | { readonly type: 'doctor-popup'; readonly outcome: PopupOutcome };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A message of the doctor's frame, or null. The caller checks its window and origin; it is our own page of the same version. */
export const readDoctorMessage = (data: unknown): DoctorMessage | null => {
  if (!isRecord(data) || data.oriel !== 1) return null;
  if (data.type === 'doctor-popup') return { type: data.type, outcome: data.outcome as PopupOutcome };
  return data.type === 'doctor-facts' && isRecord(data.facts)
    ? { type: data.type, facts: data.facts as unknown as DoctorFacts }
    : null;
};
