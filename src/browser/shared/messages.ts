import { allowedVariables, type StyleVariables } from './style-variables.js';

/** The version in every message between windows; anything else is not ours and is ignored. */
const VERSION = 1;

/** The states that a frame reports to its host: those of a Rendering, and those of the frame alone. */
export type FrameState = string;

/** Messages from a frame to its element. */
export type FrameMessage =
  | { readonly type: 'hello' }
  /** The names of the gadget's parameters. */
  | { readonly type: 'parameters'; readonly names: readonly string[] }
  | { readonly type: 'state'; readonly state: FrameState }
  /** CSS pixels of the content box. */
  | { readonly type: 'resize'; readonly height: number }
  | { readonly type: 'renew'; readonly id: string }
  /** `asked`: the person pressed a button. Such a relaunch does not count against the automatic ones. */
  | { readonly type: 'relaunch'; readonly asked: boolean }
  | { readonly type: 'error'; readonly code: string };

export type Theme = 'light' | 'dark';

/** Messages from the element to its frame. */
export type HostMessage =
  | { readonly type: 'token'; readonly id: string; readonly token: string }
  | { readonly type: 'signed-out'; readonly id: string }
  | { readonly type: 'token-error'; readonly id: string; readonly code: string }
  /** `ground`: the CSS color behind the frame, or `transparent`. `variables`: what the host page sets of the gadget's look. */
  | {
      readonly type: 'theme';
      readonly theme: Theme;
      readonly ground?: string;
      readonly variables?: StyleVariables;
    };

/** The handover of a ticket: the popup sends a nonce, the frame answers with the ticket and the same nonce. */
export type PopupMessage = { readonly type: 'ready'; readonly n: string };
export type TicketMessage = { readonly type: 'ticket'; readonly ticket: string; readonly n: string };
/** The answer if there is no ticket: the reason, in a sentence for the person. */
export type RefusedMessage = { readonly type: 'refused'; readonly message: string; readonly n: string };

/** The only message on the BroadcastChannel, which frames of other hosts and viewers receive too. */
export type ChannelMessage = { readonly type: 'look-again' };

export type Message =
  | FrameMessage
  | HostMessage
  | PopupMessage
  | TicketMessage
  | RefusedMessage
  | ChannelMessage;

/** Puts a message into the versioned envelope. */
export const envelope = <M extends Message>(message: M): M & { readonly oriel: 1 } => ({
  oriel: VERSION,
  ...message,
});

type Fields = Readonly<Record<string, unknown>>;

const opened = (data: unknown): Fields | null => {
  if (typeof data !== 'object' || data === null) return null;
  const fields = data as Fields;
  return fields.oriel === VERSION && typeof fields.type === 'string' ? fields : null;
};

const isText = (value: unknown, maxLength = 64): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxLength;

const MAX_TOKEN = 16_384;

/** A frame's message, or null for anything that is not one. */
export const readFrameMessage = (data: unknown): FrameMessage | null => {
  const fields = opened(data);
  switch (fields?.type) {
    case 'hello':
      return { type: 'hello' };
    case 'parameters':
      return Array.isArray(fields.names) && fields.names.every((name) => isText(name))
        ? { type: 'parameters', names: fields.names }
        : null;
    case 'state':
      return isText(fields.state) ? { type: 'state', state: fields.state } : null;
    case 'resize':
      return typeof fields.height === 'number' && Number.isFinite(fields.height)
        ? { type: 'resize', height: fields.height }
        : null;
    case 'renew':
      return isText(fields.id) ? { type: 'renew', id: fields.id } : null;
    case 'relaunch':
      return { type: 'relaunch', asked: fields.asked === true };
    case 'error':
      return isText(fields.code) ? { type: 'error', code: fields.code } : null;
    default:
      return null;
  }
};

/** An element's message, or null for anything that is not one. */
export const readHostMessage = (data: unknown): HostMessage | null => {
  const fields = opened(data);
  switch (fields?.type) {
    case 'token':
      return isText(fields.id) && isText(fields.token, MAX_TOKEN)
        ? { type: 'token', id: fields.id, token: fields.token }
        : null;
    case 'signed-out':
      return isText(fields.id) ? { type: 'signed-out', id: fields.id } : null;
    case 'token-error':
      return isText(fields.id) && isText(fields.code)
        ? { type: 'token-error', id: fields.id, code: fields.code }
        : null;
    case 'theme':
      return fields.theme === 'light' || fields.theme === 'dark'
        ? {
            type: 'theme',
            theme: fields.theme,
            ...(isText(fields.ground) && { ground: fields.ground }),
            variables: allowedVariables(fields.variables),
          }
        : null;
    default:
      return null;
  }
};

/** A popup's `ready`, or null. */
export const readPopupMessage = (data: unknown): PopupMessage | null => {
  const fields = opened(data);
  return fields?.type === 'ready' && isText(fields.n) ? { type: 'ready', n: fields.n } : null;
};

const LONGEST_SENTENCE = 500;

/** The ticket that answers the nonce `n`, or why there is none; null for anything else. */
export const readTicketMessage = (data: unknown, n: string): TicketMessage | RefusedMessage | null => {
  const fields = opened(data);
  if (fields?.type === 'refused' && fields.n === n && isText(fields.message, LONGEST_SENTENCE))
    return { type: 'refused', message: fields.message, n };
  return fields?.type === 'ticket' && fields.n === n && isText(fields.ticket)
    ? { type: 'ticket', ticket: fields.ticket, n }
    : null;
};

/** Whether a frame of this site asks the others to look again. */
export const isLookAgain = (data: unknown): boolean => opened(data)?.type === 'look-again';
