import type { SnippetFacts } from '../../../src/manage/snippets/facts.js';

/** What a snippet is written from, with what a test changes. */
export const facts = (more: Partial<SnippetFacts> = {}): SnippetFacts => ({
  host: 'gocd',
  gadget: 'example',
  gadgetOrigin: 'http://127.0.0.1:3000',
  origins: ['http://localhost:8153', 'https://gocd.example.com'],
  algorithm: 'HS256',
  namesKey: false,
  ...more,
});
