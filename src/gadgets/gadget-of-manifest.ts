import type { Gadget, Parameter, ParameterType, ScalarType } from '../domain/gadget.js';
import type { LanguageName } from './languages/registry.js';
import type { Manifest, Mistake } from './manifest.js';
import type { ParameterManifest, ScalarManifest } from './parameter-schema.js';
import { readValue, typeName } from './parameters.js';
import { planRequest } from './request-plan.js';

/** Named by its argument's type: a new kind of parameter without a case of its own does not compile. */
const conditionsIn = (language: LanguageName, maxLength: number): ScalarType => ({
  kind: 'conditions',
  language,
  maxLength,
});

const scalarType = (written: ScalarManifest | Exclude<ParameterManifest, { type: 'list' }>): ScalarType => {
  switch (written.type) {
    case 'text':
    case 'identifier':
      return { kind: written.type, maxLength: written.maxLength };
    case 'integer':
      return { kind: 'integer', min: written.min, max: written.max };
    case 'choice':
      return { kind: 'choice', values: written.values };
    case 'boolean':
    case 'date':
      return { kind: written.type };
    default:
      return conditionsIn(written.type, written.maxLength);
  }
};

const typeOf = (written: ParameterManifest): ParameterType =>
  written.type === 'list'
    ? { kind: 'list', of: scalarType(written.of), maxItems: written.maxItems }
    : scalarType(written);

const defaultOf = (type: ParameterType, written: ParameterManifest['default']) => {
  if (written === undefined) return { value: undefined };
  return readValue(type, Array.isArray(written) ? written.map(String) : String(written));
};

const parameterOf = (name: string, written: ParameterManifest): Parameter => {
  const { title, required } = written;
  const type = typeOf(written);
  const reading = defaultOf(type, written.default);
  return { name, title, type, required, default: ('value' in reading ? reading.value : undefined) ?? null };
};

const defaultMistakes = (name: string, written: ParameterManifest): readonly Mistake[] => {
  const type = typeOf(written);
  const reading = defaultOf(type, written.default);
  if (!('fault' in reading)) return [];
  return [
    {
      path: ['parameters', name, 'default'],
      problem: `no host page could give this value: ${reading.fault.replace(/\.$/, '')}`,
      expected: `a value of type ${typeName(type)} within its limits`,
      example: null,
    },
  ];
};

/** What a folder gives beside its definition. */
export type Surroundings = Pick<Gadget, 'id' | 'version' | 'view' | 'style'>;

/** The gadget a definition describes, and what is wrong with its defaults. */
export const gadgetOf = (
  { title, description, parameters, requests }: Manifest,
  surroundings: Surroundings,
): { readonly gadget: Gadget; readonly mistakes: readonly Mistake[] } => {
  const asked = Object.entries(requests).map(([name, written]) => planRequest(name, written));
  const gadget: Gadget = {
    ...surroundings,
    title,
    description,
    parameters: Object.entries(parameters).map(([name, written]) => parameterOf(name, written)),
    requests: asked,
    providers: [...new Set(asked.map((request) => request.provider))],
  };
  const mistakes = Object.entries(parameters).flatMap(([name, written]) => defaultMistakes(name, written));
  return { gadget, mistakes };
};
