import { redirectUriOf } from '../../connect/connect-deps.js';
import type { Entry } from '../../domain/setup-record.js';
import type { Preset } from '../../providers/presets.js';
import { errorsOf } from '../records/record-errors.js';
import type { Form, FormField } from '../records/record-form.js';
import { checkRecord, type ListingDeps } from '../records/use-cases.js';
import { kindsOfProvider, PROVIDER_FIELDS, providerEntryIn, registrationPageOf } from './provider-form.js';

/** A person at a terminal. What they type comes without spaces around it; `usual` where they only pressed Enter. Throws when they leave. */
interface Terminal {
  say(text: string): void;
  ask(question: string, usual?: string): Promise<string>;
  /** The same for a secret, which is not shown. */
  askSecret(question: string): Promise<string>;
}

export interface AskDeps extends ListingDeps {
  readonly siteOrigin: string;
}

const fieldCalled = (name: string): FormField => {
  const field = PROVIDER_FIELDS.find((each) => each.name === name);
  if (field === undefined) throw new Error(`A provider's form has no field ${name}.`);
  return field;
};

/** The preset that the id names, as in `oriel provider add github`, or the one that is chosen from the list. */
const askPreset = async (terminal: Terminal, id: string): Promise<Preset> => {
  const kinds = kindsOfProvider();
  const named = kinds.find(({ name }) => name === id);
  if (named !== undefined) return named;
  const width = Math.max(...kinds.map(({ name }) => name.length));
  terminal.say('Which kind of application is it?');
  for (const { name, title } of kinds) terminal.say(`  ${name.padEnd(width)}  ${title}`);
  for (;;) {
    const answer = await terminal.ask('Kind', kinds[0]?.name);
    const chosen = kinds.find(({ name, title }) =>
      [name, title.toLowerCase()].includes(answer.toLowerCase()),
    );
    if (chosen !== undefined) return chosen;
    terminal.say(`There is no kind called “${answer}”. Type a name from the left of the list.`);
  }
};

/** What to do at the application, as the console shows it beside the form. */
const registrationText = (preset: Preset, url: string, redirectUri: string): string => {
  const { registration, fields } = preset;
  const page = registrationPageOf(preset, url);
  const steps = (registration?.steps ?? []).map((step, index) => `  ${index + 1}. ${step}`);
  const notes = (registration?.notes ?? []).map((note) => `  - ${note}`);
  const toKnow = notes.length === 0 ? [] : ['Good to know:', ...notes];
  if (fields.connect === 'token')
    return [
      'Each person creates a token there and pastes it when they connect. This server needs no registration.',
      ...steps,
      ...toKnow,
    ].join('\n');
  const scopes = (fields.scopes ?? []).map((scope) => {
    const words = fields.scopeDescriptions?.[scope];
    return words === undefined ? `  ${scope}` : `  ${scope}: ${words}`;
  });
  return [
    ...(steps.length === 0
      ? []
      : [page === null ? 'Register this server there:' : `Register this server there, at ${page}`, ...steps]),
    `Redirect URI: ${redirectUri}`,
    ...(registration?.redirectUriHint === undefined ? [] : [`  ${registration.redirectUriHint}`]),
    ...(scopes.length === 0 ? [] : ['Scopes:', ...scopes]),
    ...toKnow,
  ].join('\n');
};

/**
 * Fills in the console's form of a provider by asking at a terminal: which kind, its address, then what to do there, and what came of
 * it. What is still missing or wrong is asked until a check finds nothing. Throws where a mistake is in no field of the form.
 */
export async function askProvider(deps: AskDeps, terminal: Terminal, id: string): Promise<Entry> {
  const preset = await askPreset(terminal, id);
  terminal.say(`\n${preset.title}: ${preset.about}\n`);
  const form = new Map([['preset', preset.name]]);

  const ask = async (name: string, usual = '', keepsUsual = true): Promise<void> => {
    const { kind, label } = fieldCalled(name);
    const answer = kind === 'secret' ? await terminal.askSecret(label) : await terminal.ask(label, usual);
    // What the preset settles stays its own, so that a later version of it is followed.
    if (keepsUsual || answer !== usual) form.set(name, answer);
  };
  const mistakes = async () => {
    const { entry, errors } = providerEntryIn(form as Form, null);
    const faults = await checkRecord(deps, 'provider', id, entry);
    const found = errorsOf(faults, PROVIDER_FIELDS, { kind: 'provider', id, form });
    return { entry, others: found.others, byField: { ...found.byField, ...errors } };
  };
  /** Asks once more while the answer is wrong by itself. */
  const askUntilSound = async (name: string, usual?: string, keepsUsual?: boolean): Promise<void> => {
    for (;;) {
      await ask(name, usual, keepsUsual);
      const { needed } = fieldCalled(name);
      const isLacking = needed !== undefined && form.get(name) === '';
      const problem = isLacking ? needed : (await mistakes()).byField[name];
      if (problem === undefined) return;
      terminal.say(problem);
    }
  };

  await askUntilSound('name', preset.fields.name ?? preset.title, preset.fields.name === undefined);
  if (preset.url !== undefined && preset.fields.url === undefined) {
    terminal.say(`For example: ${preset.url.example}`);
    await askUntilSound('url');
  }
  terminal.say(`\n${registrationText(preset, form.get('url') ?? '', redirectUriOf(deps.siteOrigin, id))}\n`);
  if (preset.fields.connect !== 'token') {
    await askUntilSound('client-id');
    await askUntilSound('client-secret');
    await askUntilSound('scopes', (preset.fields.scopes ?? []).join(' '), false);
  }
  for (;;) {
    const { entry, others, byField } = await mistakes();
    const next = PROVIDER_FIELDS.find(({ name }) => byField[name] !== undefined);
    if (next === undefined) {
      const [other] = others;
      if (other !== undefined) throw new Error([other.place, other.message].filter(Boolean).join(': '));
      return entry;
    }
    terminal.say(byField[next.name] ?? '');
    await ask(next.name);
  }
}
