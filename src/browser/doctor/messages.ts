/** Whether frames of the gadget origin can keep anything here. */
export type FrameStorage = 'open' | 'apart' | 'blocked';

/** How the connect window fared: it answered, none came back from opening it, or it never showed itself. */
export type PopupOutcome = 'answered' | 'no-window' | 'silent';

/** What the server says of the page's origins. `time` is the server's own, in epoch milliseconds. */
export interface ServerFacts {
  readonly time: number;
  readonly host: 'known' | 'unknown';
  /** Of the origins asked about, those that the host's record does not name. */
  readonly unregistered: readonly string[];
  /** Told to registered pages only. */
  readonly gadget: 'shown' | 'unknown' | 'not-allowed' | null;
  /** The names of the gadget's parameters; told to registered pages only. */
  readonly parameters: readonly string[] | null;
  readonly mode: string | null;
  readonly algorithms: readonly string[] | null;
}

export interface DoctorFacts extends ServerFacts {
  /** The frame kept its origin: nothing has sandboxed it away. */
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

/** A message of the doctor's frame, or null. Its window and origin are checked by who calls; it is our own page of the same version. */
export const readDoctorMessage = (data: unknown): DoctorMessage | null => {
  if (!isRecord(data) || data.oriel !== 1) return null;
  if (data.type === 'doctor-popup') return { type: data.type, outcome: data.outcome as PopupOutcome };
  return data.type === 'doctor-facts' && isRecord(data.facts)
    ? { type: data.type, facts: data.facts as unknown as DoctorFacts }
    : null;
};
