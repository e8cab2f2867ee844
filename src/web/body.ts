import { isUtf8 } from 'node:buffer';
import { AppError } from '../domain/errors.js';
import type { Context } from './context.js';

const mediaType = (ctx: Context): string =>
  (ctx.get('Content-Type').split(';', 1)[0] ?? '').trim().toLowerCase();

const requireMediaType = (ctx: Context, wanted: string): void => {
  if (mediaType(ctx) !== wanted)
    throw new AppError('media_type_unsupported', `This address takes a body of type ${wanted}.`);
};

const tooLarge = (maxBytes: number): AppError =>
  new AppError('body_too_large', `This address takes at most ${maxBytes} bytes.`);

/** All that is sent, collected as it comes: to iterate over a request takes longer than the rest of reading a form. */
const receive = (ctx: Context, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { req } = ctx;
    const chunks: Buffer[] = [];
    let size = 0;
    const breakOff = (): void => {
      if (!req.readableEnded)
        reject(new AppError('body_invalid', 'The request ended before its body was complete.'));
    };
    // The sender went away already, and no event will say so again.
    if (req.destroyed) return breakOff();
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      // What still comes is dropped until the answer has gone out, and the connection with it.
      chunks.length = 0;
      ctx.set('Connection', 'close');
      reject(tooLarge(maxBytes));
    });
    req.once('end', () => resolve(Buffer.concat(chunks)));
    req.once('error', breakOff);
    req.once('close', breakOff);
  });

const BOM = '\uFEFF';

const readText = async (ctx: Context, maxBytes: number): Promise<string> => {
  // Node drops what is still on its way: to hang up on it could cost the sender this answer (RFC 9112 §9.6).
  if (Number(ctx.get('Content-Length')) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await receive(ctx, maxBytes);
  if (!isUtf8(bytes)) throw new AppError('body_invalid', 'The body is not UTF-8 text.');
  const text = bytes.toString();
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
};

/** The fields of an urlencoded form, as they came. Refuses with 400, 413 and 415. */
export const readFields = async (ctx: Context, maxBytes: number): Promise<URLSearchParams> => {
  requireMediaType(ctx, 'application/x-www-form-urlencoded');
  return new URLSearchParams(await readText(ctx, maxBytes));
};

/** As `readFields`; each field at most once. */
export const readForm = async (ctx: Context, maxBytes: number): Promise<ReadonlyMap<string, string>> =>
  uniqueFields(await readFields(ctx, maxBytes));

/** Deeper than anything we accept; a deeper body would overflow the stack of the code that walks through it. */
const DEEPEST = 32;

/** Refuses what is nested too deep, and the one key that reads as something else where it is copied carelessly, or not at all. */
const requirePlain = (value: unknown): void => {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const groups = level.filter((each) => typeof each === 'object' && each !== null);
    if (depth === DEEPEST && groups.length > 0)
      throw new AppError('body_invalid', `The body is nested deeper than ${DEEPEST} levels.`);
    if (groups.some((each) => Object.hasOwn(each, '__proto__')))
      throw new AppError('body_invalid', 'The body has a key “__proto__”, which means nothing here.');
    level = groups.flatMap((each) => Object.values(each));
  }
};

/** The members of a JSON object. Refuses with 400, 413 and 415. */
export const readJson = async (
  ctx: Context,
  maxBytes: number,
): Promise<Readonly<Record<string, unknown>>> => {
  requireMediaType(ctx, 'application/json');
  const text = await readText(ctx, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('body_invalid', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('body_invalid', 'The body must be a JSON object.');
  requirePlain(value);
  return value as Readonly<Record<string, unknown>>;
};

/** Name → value, refusing a name that occurs twice (RFC 6749 §3.1 asks the same of its parameters). */
export const uniqueFields = (fields: URLSearchParams): ReadonlyMap<string, string> => {
  const unique = new Map<string, string>();
  for (const [name, value] of fields) {
    if (unique.has(name))
      throw new AppError('parameter_repeated', `“${name.slice(0, 64)}” was given more than once.`);
    unique.set(name, value);
  }
  return unique;
};

/** A text member of a JSON body, or 400. */
export const textOf = (body: Readonly<Record<string, unknown>>, name: string, maxLength: number): string => {
  const value = body[name];
  if (typeof value !== 'string' || value === '' || value.length > maxLength)
    throw new AppError('body_invalid', `“${name}” must be a text of 1 to ${maxLength} characters.`);
  return value;
};
