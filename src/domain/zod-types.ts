import * as z from 'zod';
import { parseRange } from './ip-addresses.js';
import { isTakenId } from './setup-record.js';
import { baseUrlProblem, originProblem, trimSlashes, urlProblem } from './url-problems.js';

/*
 * The kinds of values the configuration is made of. Each carries a description and an example: they become the JSON Schema that
 * editors read, and what a fault says was expected.
 */

/** Attaches what editors and faults show. */
export const described = <T extends z.ZodType>(schema: T, description: string, example: unknown): T =>
  // Not as `examples`: the generator drops those wherever a value is transformed.
  schema.meta({ description, example });

/** As `described`, for an optional value. */
export const defaulted = <T extends z.ZodType>(
  schema: T,
  description: string,
  fallback: z.input<T>,
  example: unknown = fallback,
): z.ZodPrefault<T> => schema.prefault(() => fallback).meta({ description, example, fallback });

/** Text that `problem` finds nothing wrong with. */
export const text = (problem: (value: string) => string | null): z.ZodString =>
  z.string().superRefine((value, context) => {
    const found = problem(value);
    if (found !== null) context.addIssue({ code: 'custom', message: found });
  });

const printable = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

/** One line of text for people. */
export const label = (max: number): z.ZodString =>
  text((value) =>
    value.length <= max && value.trim() === value && printable.test(value)
      ? null
      : `this is not one line of 1 to ${max} characters without spaces at its ends`,
  );

/** The word a host or provider is called by in URLs, tokens and this file. */
export const id = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `my-app`');

/** The id of a host or provider that is declared: it stands where the console has addresses of its own. */
export const recordId = id.refine((value) => !isTakenId(value), 'this word is taken by the console itself');

export const origin = text(originProblem);
export const url = text(urlProblem);
export const baseUrl = text(baseUrlProblem).transform(trimSlashes);

/** A CIDR range or a single address. */
export const addressRange = text((value) => (parseRange(value) === null ? 'this is no address range' : null));

/** A whole number, also as text: what `${NAME}` stands for is text. */
export const whole = (min: number, max: number) => {
  const problem = `this is not a whole number from ${min} to ${max}`;
  const number = z.int(problem).min(min, problem).max(max, problem);
  return z.union(
    [
      number,
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number)
        .pipe(number),
    ],
    problem,
  );
};

/** True or false, also as text. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')], {
  error: 'this is neither true nor false',
});

/** A secret as text that an HTTP form or header can carry. */
export const credential = text((value) =>
  /^[\x20-\x7e]{1,1024}$/.test(value) ? null : 'this is empty, or holds characters a request cannot carry',
);

/** The server's words → ours. */
export const words = z.record(z.string().min(1).max(100), z.string().min(1).max(100));

const ours = /^(client_id|client_secret|response_type|redirect_uri|state|scope|code_challenge.*)$/;

const PARAMETER_NAME = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'this is no parameter name');

/** Further parameters of a token request; none may replace one that RFC 6749 or RFC 7636 gives it, apart from those that are `open`. */
export const tokenParameters = (open: readonly string[]) =>
  z.record(PARAMETER_NAME, z.string().max(1000)).superRefine((value, context) => {
    const taken = /^(grant_type|code|code_verifier|redirect_uri|refresh_token|client_.*|scope|resource)$/;
    for (const name of Object.keys(value).filter((each) => taken.test(each) && !open.includes(each)))
      context.addIssue({ code: 'custom', path: [name], message: 'the server sets this parameter itself' });
  });

/** Further parameters of an authorization request; none may replace one of our own. */
export const requestParameters = z
  .record(PARAMETER_NAME, z.string().max(1000))
  .superRefine((value, context) => {
    for (const name of Object.keys(value).filter((each) => ours.test(each))) {
      context.addIssue({ code: 'custom', path: [name], message: 'the server sets this parameter itself' });
    }
    const { response_mode: mode = 'query' } = value;
    if (mode !== 'query' && mode !== 'form_post') {
      context.addIssue({
        code: 'custom',
        path: ['response_mode'],
        message: 'answers are taken as query or form_post',
      });
    }
  });
