import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { channelKinds } from '../channel/channel.ts'
import { clusterOf, fieldNames, type Field } from '../consent/field.ts'
import { purposeNames, type Purpose } from '../consent/purpose.ts'
import { isRefusal } from '../core/refusal.ts'
import { openWords } from '../core/words.ts'
import { compilePolicy } from '../disclosure/compile.ts'
import { diff, enumerate, explain } from '../disclosure/enumerate.ts'
import { readPolicy, type Policy, type PolicyFault } from '../disclosure/policy.ts'
import { ceilingRows, privacyPage } from '../disclosure/privacy-page.ts'

const mostBytes = 1024 * 1024
const out = (says: string): void => void process.stdout.write(`${says}\n`)
const outJson = (value: unknown): void => out(JSON.stringify(value, null, 2))
const count = (many: number, one: string): string => `${many} ${many === 1 ? one : `${one}s`}`

type Read = { readonly file: string; readonly policy: Policy | null; readonly faults: readonly PolicyFault[] }

/**
 * `guichet policy check | show | enumerate | diff FILE…`: a bank's disclosure policy, checked and laid out without a
 * server. Exit 0 when every file is sound; 1 when one is not, with every fault named; 2 for a wrong call.
 */
export function registerPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .description("the bank's disclosure policy: check it, see it, compare it")

  policy
    .command('check')
    .description('check policies and name every fault with its place')
    .argument('<files...>', 'policy files (JSON)')
    .option('--json', 'answer in JSON')
    .action((files: string[], options: { json?: boolean }) => {
      const all = files.map(read)
      if (options.json)
        outJson(
          all.map(({ file, policy, faults }) => ({ file, ok: policy !== null, ...named(policy), faults })),
        )
      else
        for (const { file, policy, faults } of all)
          out(policy ? `${file}: sound. ${title(policy)}` : inWords(file, faults))
      if (all.some(({ policy }) => policy === null)) process.exitCode = 1
    })

  policy
    .command('show')
    .description('show what each channel may receive at most, by purpose')
    .argument('<files...>', 'policy files (JSON)')
    .option('--json', 'answer in JSON')
    .action((files: string[], options: { json?: boolean }) => {
      const policies = sound(files, options.json)
      if (!policies) return
      if (options.json) return outJson(policies.map((one) => ({ ...named(one), policy: one })))
      for (const one of policies) {
        out(
          `${title(one)}\nhash ${compilePolicy(one).hash}${one.note === undefined ? '' : `\n${one.note}`}\n`,
        )
        out(table(['purpose', ...channelKinds, 'of what'], rowsOf(one)))
        const bands = Object.entries(one.bandsMinor).map(([currency, at]) => `${currency} ${at.join(' ')}`)
        out(
          `\nseal ${one.seal} · grants up to ${one.grantDays} days · payments up to ${one.lookbackDays} days back`,
        )
        out(`bands (minor units): ${bands.join(' · ') || 'none'}\n`)
      }
    })

  policy
    .command('enumerate')
    .description('list every (field, purpose, channel) with its ceiling and the rule that gave it')
    .argument('<files...>', 'policy files (JSON)')
    .option('--purpose <name>', 'only this purpose')
    .option('--channel <name>', 'only this channel')
    .option('--markdown', 'as the page docs/privacy/what-each-platform-sees.md')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .option('--json', 'answer in JSON')
    .action((files: string[], options: EnumerateOptions) => {
      if (
        !known(options.purpose, purposeNames, 'purpose') ||
        !known(options.channel, channelKinds, 'channel')
      )
        return
      const policies = sound(files, options.json)
      if (!policies) return
      const text = options.markdown
        ? privacyPage(
            policies,
            `npx guichet policy enumerate --markdown ${files.join(' ')}`,
            openWords('en-US'),
          )
        : enumerated(policies, options)
      if (options.out === undefined) process.stdout.write(text)
      else {
        writeFileSync(options.out, text)
        process.stderr.write(`Written to ${options.out}.\n`)
      }
    })

  policy
    .command('diff')
    .description('show what changes from one policy to another, by what they do')
    .argument('<before>', 'a policy file (JSON)')
    .argument('<after>', 'a policy file (JSON)')
    .option('--json', 'answer in JSON')
    .action((before: string, after: string, options: { json?: boolean }) => {
      const policies = sound([before, after], options.json)
      const [from, to] = policies ?? []
      if (!from || !to) return
      const { changes, terms } = diff(from, to)
      if (options.json) return outJson({ before: named(from), after: named(to), changes, terms })
      if (changes.length === 0 && terms.length === 0)
        return out('They do the same: no ceiling and no term differs.')
      const opens = changes.filter(({ direction }) => direction === 'opens')
      out(`${title(from)}  →  ${title(to)}`)
      out(
        `${count(opens.length, 'ceiling')} opened, ${count(changes.length - opens.length, 'ceiling')} closed.\n`,
      )
      if (changes.length > 0)
        out(
          table(
            ['', 'purpose', 'field', 'channel', 'from', 'to'],
            changes.map((c) => [c.direction, c.purpose, c.field, c.channel, c.from, c.to]),
          ),
        )
      for (const { term, from, to } of terms) out(`${term}: ${from} → ${to}`)
    })
}

type EnumerateOptions = {
  purpose?: string
  channel?: string
  markdown?: boolean
  out?: string
  json?: boolean
}

function enumerated(policies: readonly Policy[], options: EnumerateOptions): string {
  const all = policies.map((policy) => ({
    policy,
    ceilings: enumerate(compilePolicy(policy)).filter(
      ({ purpose, channel }) =>
        (options.purpose ?? purpose) === purpose && (options.channel ?? channel) === channel,
    ),
  }))
  if (options.json)
    return `${JSON.stringify(
      all.map(({ policy, ceilings }) => ({
        ...named(policy),
        ceilings: ceilings.map((c) => ({ ...c, because: explain(c) })),
      })),
      null,
      2,
    )}\n`
  return all
    .map(({ policy, ceilings }) =>
      [
        `${title(policy)}: ${count(ceilings.length, 'ceiling')}\n`,
        table(
          ['purpose', 'field', 'channel', 'at most', 'because'],
          ceilings.map((c) => [c.purpose, c.field, c.channel, c.ceiling, explain(c)]),
        ),
        '\n',
      ].join(''),
    )
    .join('\n')
}

/** Reads policies; when one is faulty, says all that is wrong with all of them and gives null. */
function sound(files: readonly string[], json: boolean | undefined): Policy[] | null {
  const all = files.map(read)
  const policies = all.flatMap(({ policy }) => policy ?? [])
  if (policies.length === all.length) return policies
  const faulty = all.filter(({ policy }) => policy === null)
  if (json) outJson(faulty.map(({ file, faults }) => ({ file, ok: false, faults })))
  else for (const { file, faults } of faulty) process.stderr.write(`${inWords(file, faults)}\n`)
  process.exitCode = 1
  return null
}

function read(file: string): Read {
  const fault = (say: string): Read => ({ file, policy: null, faults: [{ path: '', line: 1, say }] })
  try {
    if (statSync(file).size > mostBytes) return fault('this is too large to be a policy')
    const result = readPolicy(readFileSync(file, 'utf8'))
    return isRefusal(result)
      ? { file, policy: null, faults: result.faults }
      : { file, policy: result, faults: [] }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    return fault(code === 'ENOENT' ? 'there is no such file' : `this cannot be read (${code})`)
  }
}

function known(given: string | undefined, names: readonly string[], what: string): boolean {
  if (given === undefined || names.includes(given)) return true
  process.stderr.write(`There is no ${what} "${given}". There are: ${names.join(', ')}.\n`)
  process.exitCode = 2
  return false
}

const named = (policy: Policy | null): object =>
  policy ? { institution: policy.institution, version: policy.version, hash: compilePolicy(policy).hash } : {}
const title = (policy: Policy): string => `${policy.institution}, version ${policy.version}`
const inWords = (file: string, faults: readonly PolicyFault[]): string =>
  [
    `${file}: ${count(faults.length, 'fault')}.`,
    ...faults.map(({ path, line, say }) => `  line ${line}  ${path === '' ? '' : `${path}: `}${say}`),
  ].join('\n')

const rowsOf = (policy: Policy): string[][] => {
  let last: Purpose | null = null
  return ceilingRows(compilePolicy(policy)).map(({ purpose, fields, ceilings }) => {
    const first = purpose === last ? '' : purpose
    last = purpose
    return [first, ...ceilings, inClusters(fields).join(', ')]
  })
}

/** Fields by name, or by their cluster where all of it is there. */
const inClusters = (some: readonly Field[]): string[] => [
  ...new Set(
    some.map((field) => {
      const cluster = clusterOf(field)
      return fieldNames.every((other) => clusterOf(other) !== cluster || some.includes(other))
        ? cluster
        : field
    }),
  ),
]

/** Columns padded to their widest cell, except the last; cells wrap nowhere, so that lines can be searched. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 2))).join('')
  return [
    line(head),
    line(widths.map((width, i) => '-'.repeat(i === widths.length - 1 ? (head[i] ?? '').length : width))),
    ...rows.map(line),
  ].join('\n')
}
