import { relative } from 'node:path'
import { styleText } from 'node:util'
import { institutions } from '../sandbox/bank/institution.ts'
import { bankKeys } from '../sandbox/people/people.ts'
import { addressOf, type Ports } from './development.ts'

export type Facts = {
  readonly version: string
  readonly dataDir: string
  readonly ports: Ports
  readonly database: {
    readonly version: string
    readonly embedded: boolean
    readonly where: string
    readonly fsyncPerSecond: number | null
  }
  readonly startedMs: number
}

const styled = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })

/** A path as a person in the current folder would write it. */
const short = (path: string): string => {
  const from = relative(process.cwd(), path)
  return from === '' ? '.' : from.startsWith('..') ? path : from
}

/** What `npm start` says when everything is up: one short, aligned block. */
export function banner({ version, dataDir, ports, database, startedMs }: Facts): string {
  const rate = database.fsyncPerSecond
  const rows: [string, string][] = [
    ['Data', short(dataDir)],
    [
      'Database',
      `PostgreSQL ${database.version}, ${database.embedded ? 'embedded' : 'server'}${rate === null ? '' : `, ${rate.toLocaleString('en-US')} durable writes a second`}${database.where === '' ? '' : `, ${database.where}`}`,
    ],
    ['Gateway', styled('cyan', addressOf(ports.gateway))],
    [
      'Phone',
      `${styled('cyan', addressOf(ports.platform))}  a customer's phone, beside what the platform sees`,
    ],
    [
      'Banks',
      bankKeys
        .map(
          (key) => `${institutions[key].name} ${addressOf(ports.banks[key]).replace('http://localhost', '')}`,
        )
        .join('  '),
    ],
    ['Logs', `${short(dataDir)}/gateway.log, sandbox.log`],
  ]
  const tries = [
    'Open the phone, be Ana, and write: balance',
    'Link Harbor Bank (ana, sandbox) and choose what Messenger may be told',
    'Ask again, show one here this once; then take it back at My permissions',
  ]
  return [
    '',
    `  ${styled('bold', 'Guichet')} ${version}  ${styled('dim', `up in ${(startedMs / 1000).toFixed(1)} s`)}`,
    '',
    ...rows.map(([name, value]) => `  ${styled('dim', name.padEnd(9))} ${value}`),
    '',
    ...tries.map(
      (text, index) => `  ${styled('dim', (index === 0 ? 'Try' : '').padEnd(9))} ${index + 1}  ${text}`,
    ),
    '',
    `  ${styled('dim', 'Stop'.padEnd(9))} Ctrl-C`,
    '',
  ].join('\n')
}
