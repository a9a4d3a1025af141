import { channelKinds } from '../channel/channel.ts'
import { clusterOf, fieldNames, type Field } from '../consent/field.ts'
import { purposeNames, purposes, purposeTouches, type Purpose } from '../consent/purpose.ts'
import type { Words } from '../core/words.ts'
import { ceilingOf, compilePolicy, type CompiledPolicy } from './compile.ts'
import type { Policy } from './policy.ts'

/** One line of a table of ceilings: fields of one purpose that are treated alike on every channel. */
export type CeilingRow = {
  readonly purpose: Purpose
  readonly fields: readonly Field[]
  readonly ceilings: readonly string[]
}

/** The ceilings of a policy with fields that are alike put together. Only what a purpose may touch at all. */
export function ceilingRows(compiled: CompiledPolicy, only: readonly Purpose[] = purposeNames): CeilingRow[] {
  const rows: CeilingRow[] = []
  for (const purpose of only) {
    const alike = new Map<string, Field[]>()
    for (const field of fieldNames.filter((field) => purposeTouches(purpose, clusterOf(field)))) {
      const key = channelKinds
        .map((channel) => ceilingOf(compiled, purpose, field, channel).ceiling)
        .join(' ')
      alike.set(key, [...(alike.get(key) ?? []), field])
    }
    for (const [key, fields] of alike) rows.push({ purpose, fields, ceilings: key.split(' ') })
  }
  return rows
}

/** docs/privacy/what-each-platform-sees.md: what these banks' policies let each platform receive, at most. */
export function privacyPage(policies: readonly Policy[], command: string, words: Words): string {
  const out = [
    '# What each platform sees',
    '',
    `<!-- Printed by \`${command}\`. Do not edit. -->`,
    '',
    'These tables are computed from the policies, for every purpose, field and channel: nothing in them is a sample. They show',
    'the **most** that a platform can ever receive. The customer’s own permission narrows it further (by default a figure is',
    'only *masked* on other people’s platforms), and so does the state of the channel at that moment.',
    '',
    '| Word | The platform receives | For example |',
    '|---|---|---|',
    '| `say` | the value | “$2,340.18 available” |',
    '| `band` | a coarse statement | “above $1,000” |',
    '| `mask` | that it exists, nothing of its value | “Your balance is ready” and a link |',
    '| `nudge` | nothing about money | “You have a message from Harbor Bank” and a link |',
    '| `withhold` | nothing | |',
    '',
    'Account numbers and identity never go above `mask` on another company’s platform, whatever a policy says. No purpose for',
    'advertising, profiling, selling or training exists. `webchat` is the bank’s own chat. Text that others wrote (shops, notes,',
    'names) has ceilings of its own and is sent without links, mentions and long numbers.',
    '',
    'Purposes:',
    '',
    ...purposeNames.map(
      (purpose) => `- \`${purpose}\`: ${words.t(`purpose.${purpose}`)} (${purposes[purpose].dpv})`,
    ),
  ]
  for (const policy of policies) {
    const compiled = compilePolicy(policy)
    out.push(
      '',
      `## ${policy.institution}, version ${policy.version}`,
      '',
      ...(policy.note === undefined ? [] : [policy.note, '']),
      `Hash \`${compiled.hash}\`. Sealed cards open at grade ${policy.seal}. A permission lasts at most ${policy.grantDays} days; payments are read back at most ${policy.lookbackDays} days.`,
      '',
      `| Purpose | What | ${channelKinds.join(' | ')} |`,
      `|---|---|${channelKinds.map(() => '---|').join('')}`,
      ...ceilingRows(compiled).map(
        ({ purpose, fields, ceilings }) =>
          `| ${purpose} | ${fields.map((field) => words.t(`field.${field}`)).join(', ')} | ${ceilings.join(' | ')} |`,
      ),
    )
  }
  return `${out.join('\n')}\n`
}
