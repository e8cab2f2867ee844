import { personByLogin } from '../people.js';
import { type Html, xml } from '../site/html.js';
import type { Card, Project, PropertyDefinition } from './model.js';
import type { Row } from './mql/evaluator.js';

/** Seconds precision, as the real server writes its times. */
export const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const kindOf: Readonly<Record<PropertyDefinition['kind'], string>> = {
  list: 'Managed text list',
  number: 'Managed number list',
  text: 'Any text',
  user: 'Automatically generated from the team list',
};

const personXml = (api: string, element: 'created_by' | 'modified_by', login: string): Html => {
  const person = personByLogin(login);
  const content = xml`<name>${person?.name ?? login}</name><login>${login}</login>`;
  const url = `${api}/users/${login}.xml`;
  return element === 'created_by'
    ? xml`<created_by url="${url}">${content}</created_by>`
    : xml`<modified_by url="${url}">${content}</modified_by>`;
};

const propertyXml = (card: Card, definition: PropertyDefinition): Html => {
  const value = card.properties[definition.name] ?? null;
  const owner = definition.kind === 'user' && value ? personByLogin(value) : null;
  const content =
    value === null
      ? xml`<value nil="true"/>`
      : owner
        ? xml`<value><name>${owner.name}</name><login>${owner.login}</login></value>`
        : xml`<value>${value}</value>`;
  return xml`<property type_description="${kindOf[definition.kind]}" hidden="false"><name>${definition.name}</name>${content}</property>`;
};

/** One card; `api` is the absolute base of the API. */
export const cardXml = (api: string, project: Project, card: Card): Html => xml`<card>
  <name>${card.name}</name>
  <description>${card.description}</description>
  <card_type url="${api}/projects/${project.identifier}/card_types.xml"><name>${card.type}</name></card_type>
  <id type="integer">${card.number}</id>
  <number type="integer">${card.number}</number>
  <project url="${api}/projects/${project.identifier}.xml"><name>${project.name}</name><identifier>${project.identifier}</identifier></project>
  <version type="integer">${card.version}</version>
  <project_card_rank type="integer">${card.number}</project_card_rank>
  <created_on type="datetime">${time(card.createdAt)}</created_on>
  <modified_on type="datetime">${time(card.modifiedAt)}</modified_on>
  ${personXml(api, 'modified_by', card.modifiedBy)}
  ${personXml(api, 'created_by', card.createdBy)}
  <properties type="array">${project.properties.map((definition) => propertyXml(card, definition))}</properties>
  <tags></tags>
  <rendered_description url="${api}/projects/${project.identifier}/cards/${card.number}/rendered.xml"/>
</card>`;

/** The answer to `execute_mql`: one element per column, in the order of the query. */
export const rowsXml = (rows: readonly Row[]): Html => xml`<results type="array">
${rows.map(
  (row) =>
    xml`  <result>${Object.entries(row).map(([name, value]) =>
      value === null ? xml`<${name} nil="true"/>` : xml`<${name}>${value}</${name}>`,
    )}</result>\n`,
)}</results>`;

export const projectXml = (api: string, project: Project): Html => xml`<project>
  <name>${project.name}</name>
  <identifier>${project.identifier}</identifier>
  <description>${project.description}</description>
  <cards url="${api}/projects/${project.identifier}/cards.xml"/>
</project>`;

export const propertyDefinitionXml = (
  project: Project,
  definition: PropertyDefinition,
  index: number,
): Html => xml`
<property_definition>
  <id type="integer">${index + 1}</id>
  <name>${definition.name}</name>
  <description>${definition.description}</description>
  <data_type>${definition.kind === 'user' ? 'user' : definition.kind === 'number' ? 'numeric' : 'string'}</data_type>
  <is_numeric type="boolean">${String(definition.kind === 'number')}</is_numeric>
  <hidden type="boolean">false</hidden>
  <position type="integer">${index + 1}</position>
  <column_name>cp_${definition.name.toLowerCase().replaceAll(/\W+/g, '_')}</column_name>
  <property_values_description>${kindOf[definition.kind]}</property_values_description>
  <card_types type="array">${project.cardTypes.map((type) => xml`<card_type><name>${type}</name></card_type>`)}</card_types>
  <property_values type="array">${definition.values.map((value) => xml`<property_value><value>${value}</value></property_value>`)}</property_values>
</property_definition>`;
