import { z } from 'zod'
import { configSchema } from './config-schema.ts'
import { envSettings } from './config.ts'

type Schema = {
  type?: string
  const?: unknown
  enum?: unknown[]
  default?: unknown
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  maxItems?: number
  pattern?: string
  format?: string
}
type Line = { readonly path: string; readonly schema: Schema; readonly required: boolean }

const branches = (schema: Schema): Schema[] | undefined => schema.oneOf ?? schema.anyOf

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.type === 'array' && schema.items?.type === 'object') return 'list'
  if (schema.type === 'array') return `list of ${kindOf(schema.items ?? {})}`
  if (schema.type !== 'integer' && schema.type !== 'number')
    return schema.format === 'uri' ? 'address' : schema.type === 'boolean' ? 'true or false' : 'text'
  const { minimum, maximum } = schema
  const word = schema.type === 'integer' ? 'whole number' : 'number'
  return minimum !== undefined && maximum !== undefined && Math.abs(minimum) < 1e9 && maximum < 1e9
    ? `${word}, ${minimum} to ${maximum}`
    : word
}

const defaultOf = ({ default: value }: Schema): string =>
  value === undefined
    ? ''
    : Array.isArray(value)
      ? value.map((item) => `\`${String(item)}\``).join(', ') || 'none'
      : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

/** The lines of an object: inner objects are written with a dot, lists of objects get a section of their own. */
function linesOf(schema: Schema, prefix = ''): Line[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    if (inner.type === 'object') return linesOf(inner, `${path}.`)
    if (branches(inner) || (inner.items && branches(inner.items))) return []
    return [
      {
        path,
        schema: inner,
        required: (schema.required ?? []).includes(name) && inner.default === undefined,
      },
    ]
  })
}

/** A Markdown table with its columns aligned. */
function aligned(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')))
  const wide = headings.map((heading, column) =>
    Math.max(heading.length, ...escaped.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(wide[column] ?? 0)).join(' | ')} |`
  return [line(headings), line(wide.map((width) => '-'.repeat(width))), ...escaped.map(line), '']
}

function table(lines: readonly Line[], variables: boolean): string[] {
  const rows = lines.map(({ path, schema, required }) => {
    const variable = envSettings.find((setting) => setting.path.join('.') === path)?.variable
    return [
      `\`${path}\``,
      ...(variables ? [variable ? `\`${variable}\`` : ''] : []),
      kindOf(schema),
      required ? 'must be set' : defaultOf(schema),
      schema.description ?? '',
    ]
  })
  return aligned(['Setting', ...(variables ? ['Variable'] : []), 'Value', 'Default', 'Meaning'], rows)
}

/** Where each secret can come from besides its file. */
const secretVariables = [
  ['`GUICHET_KEK`', '`kekFile`'],
  ['`GUICHET_LOG_KEY`', '`log.keyFile`'],
  ['`GUICHET_ASSISTANT_KEY`', '`understanding.assistant.keyFile`'],
  ['`GUICHET_CLIENT_KEYS`', '`clientKeysFile`'],
  ['`GUICHET_CHANNEL_<account>_APP_SECRET`, `…_APP_SECRET_2`', '`appSecretFiles` of that channel'],
  ['`GUICHET_CHANNEL_<account>_VERIFY_TOKEN`', '`verifyTokenFile`'],
  ['`GUICHET_CHANNEL_<account>_PAGE_TOKEN`', '`pageTokenFile`'],
]

/** The reference page of every setting, printed from the schema that reads them. */
export function settingsReference(): string {
  const root = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema
  const sections = Object.entries(root.properties ?? {}).flatMap(([name, schema]) => {
    const list = schema.type === 'array'
    const choices = branches(list ? (schema.items ?? {}) : schema)
    if (!choices) return []
    return [
      `## \`${name}\`${list ? ' (list)' : ''}`,
      '',
      ...(schema.description ? [schema.description, ''] : []),
      ...choices.flatMap((choice) => [
        ...(choice.description ? [`**${choice.description.replace(/\.$/, '')}**`, ''] : []),
        ...table(linesOf(choice), false),
      ]),
    ]
  })
  return [
    '# Settings',
    '',
    '<!-- Printed by `npx guichet settings --write`. Do not edit. -->',
    '',
    'A setting comes from its variable in the environment, else from the configuration file, else it has its default. The file is the one named by `GUICHET_CONFIG`, else `guichet.json` in the current folder, else `guichet.json` in the data directory. It is one JSON object; paths in it are relative to it. All faults are told at once when the gateway starts; `guichet doctor` tells them without starting.',
    '',
    '## Everywhere',
    '',
    ...table(linesOf(root), true),
    '`GUICHET_DATABASE_URL`, or `GUICHET_DATABASE_URL_FILE` with a file that holds it, chooses a PostgreSQL server.',
    '',
    '## Secrets',
    '',
    "A secret is best kept in a file that only the gateway's user may read, named by its `…File` setting. Each can also be given in the environment, which goes first:",
    '',
    ...aligned(['Variable', 'Instead of'], secretVariables),
    '`guichet keys FOLDER` makes the first three.',
    '',
    ...sections,
  ].join('\n')
}
