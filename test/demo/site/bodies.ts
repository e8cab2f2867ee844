import type { Handler } from './web.js';

const largestBody = 64 * 1024;

/** Reads the body of POST, PUT and DELETE (at most 64 kB, else 413) and honours Rails' `_method` in forms. */
export const readBody: Handler = async (ctx, next) => {
  ctx.state.body = '';
  if (!['GET', 'HEAD', 'OPTIONS'].includes(ctx.method)) {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of ctx.req) {
      size += part.length;
      if (size > largestBody) ctx.throw(413, 'The request is too large.');
      parts.push(part);
    }
    ctx.state.body = Buffer.concat(parts).toString('utf8');
  }
  ctx.state.form = new URLSearchParams(ctx.is('application/x-www-form-urlencoded') ? ctx.state.body : '');
  const method = ctx.state.form.get('_method')?.toUpperCase();
  if (ctx.method === 'POST' && (method === 'PUT' || method === 'DELETE')) ctx.method = method;
  await next();
};
