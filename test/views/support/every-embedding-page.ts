import { adminBase, type Model } from './every-admin-page.js';

/** What the developer of a host copies, tries out and examines. */
export const everyEmbeddingPage = (text: string): Readonly<Record<string, Model>> => {
  const base = adminBase(text);
  const gadget = { id: text, title: text };
  const parameter = {
    name: 'project',
    title: text,
    required: true,
    kind: text,
    value: text,
    isExample: false,
  };
  const asked = {
    parameters: [parameter, { ...parameter, required: false, isExample: true }],
    missing: [{ problem: text, fix: text }],
  };
  const endpoint = { language: 'node', title: text, file: text, code: text, install: text };
  return {
    'admin/snippet': {
      ...base,
      snippets: {
        ...asked,
        host: { id: text, name: text, mode: 'reauth' },
        gadgets: [gadget, { id: `${text}.`, title: text }],
        gadget,
        element: text,
        doctor: text,
        form: text,
        headers: { policy: [[text, text]], opener: text, nginx: text, helmet: text },
        environment: [{ name: text, holds: text }],
      },
      endpoint,
      asks: true,
      languages: [
        { language: 'node', title: text, path: `/admin/hosts/${encodeURIComponent(text)}/snippet` },
      ],
      paths: { host: '/admin/hosts/x', page: '/admin/hosts/x/snippet', preview: '/admin/preview/x' },
    },
    'admin/preview': {
      ...base,
      ...asked,
      host: text,
      gadget,
      theme: 'dark',
      doctor: true,
      unknownApis: [text],
      tokenPath: '/admin/preview/token',
      page: '/admin/preview/x',
      embed: { script: '/assets/e.js', doctor: '/assets/d.js', origin: 'https://gadgets.example.com' },
    },
    'frame/doctor': {
      assets: { style: '/assets/f.css', script: '/assets/d.js' },
      data: { text },
      opensWindow: true,
      theme: text,
    },
  };
};
