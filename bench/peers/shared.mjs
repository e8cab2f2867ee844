import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { XMLParser } from 'fast-xml-parser';
import { jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import sqlite3 from 'sqlite3';
import { Pool } from 'undici';

/*
 * What both peers would have in a file of their own, whichever framework they are written with: the people's tokens, the calls with them, and
 * the check of a host's token.
 */

/** Where everything is: see `PeerSetup`. */
export const setup = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));

const database = new sqlite3.Database(setup.database);
database.serialize(() => {
  database.run('pragma journal_mode = wal');
  database.run('pragma synchronous = full');
  database.run('create table token (viewer text primary key, access text not null, expires bigint not null)');
  database.run('create table launch (jti text primary key, expires bigint not null)');
});

/** @param {string} statement @returns {(...values: unknown[]) => Promise<any>} */
const prepared = (statement) => {
  const ready = database.prepare(statement);
  return (...values) =>
    new Promise((resolve, reject) =>
      ready.get(...values, (error, row) => (error ? reject(error) : resolve(row))),
    );
};
const saved = prepared('insert or replace into token values (?, ?, ?)');
const tokenOf = prepared('select access from token where viewer = ? and expires > ?');
const launched = prepared('insert into launch values (?, ?)');

export const saveToken = (viewer, { access_token, expires_in }) =>
  saved(viewer, access_token, Date.now() + expires_in * 1000);

const key = createSecretKey(Buffer.from(setup.secret));

/** Who it is that a host's token names, once. Throws where it is not valid, or was used. */
export const viewerOf = async (token) => {
  const { payload } = await jwtVerify(token ?? '', key, {
    ...{ algorithms: ['HS256'], audience: setup.audience, clockTolerance: 30 },
    requiredClaims: ['sub', 'jti', 'exp'],
  });
  await launched(payload.jti, payload.exp);
  return payload.sub;
};

const pool = new Pool(setup.provider, { connections: 64 });
// As its documentation advises: what is not XML is refused before it is read.
const parser = new XMLParser({ parseTagValue: false });

const ask = async (viewer, path, accept) => {
  const row = await tokenOf(viewer, Date.now());
  if (row === undefined) throw new Error('not connected');
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path,
    headers: { accept, authorization: `Token token="${row.access}"` },
    signal: AbortSignal.timeout(10_000),
  });
  if (statusCode !== 200) throw new Error(`the provider answered ${statusCode}`);
  return body.text();
};

const listOf = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const PROPERTIES = ['Status', 'Owner'];

/** What the template of the cards is given. */
export const cardsOf = async (viewer) => {
  const project = `/api/v2/projects/${setup.project}`;
  const known = parser.parse(
    await ask(viewer, `${project}/property_definitions.xml`, 'application/xml'),
    true,
  );
  const names = listOf(known.property_definitions?.property_definition).map(({ name }) => name);
  const properties = PROPERTIES.filter((name) => names.includes(name));
  const mql = `SELECT number, name, type${properties.map((name) => `, '${name}'`).join('')} ORDER BY number DESC`;
  const found = parser.parse(
    await ask(viewer, `${project}/cards/execute_mql.xml?mql=${encodeURIComponent(mql)}`, 'application/xml'),
    true,
  );
  return {
    title: 'Cards',
    project: setup.project,
    home: `${setup.provider}/projects/${setup.project}/cards/`,
    properties: properties.map((title) => ({ title, name: title.toLowerCase().replaceAll(' ', '_') })),
    unknown: PROPERTIES.filter((name) => !names.includes(name)),
    cards: listOf(found.results?.result).slice(0, 100),
  };
};

/** What the template of the issues is given. */
export const issuesOf = async (viewer) => {
  const path = `/api/v2/projects/${setup.project}/issues.json?state=open`;
  return { title: 'Issues', issues: JSON.parse(await ask(viewer, path, 'application/json')).items };
};

/** Each viewer's own page, for half a minute. */
const pages = new LRUCache({ max: 5000, ttl: 30_000 });

/** The page of this viewer that was made a moment ago, or a new one. */
export const rememberedPage = async (viewer, make) => {
  const remembered = pages.get(viewer);
  if (remembered !== undefined) return remembered;
  const page = await make();
  pages.set(viewer, page);
  return page;
};
