import type { Account } from '../../bank/bank.ts'
import { exposureRank, meet, type Exposure } from '../../consent/exposure.ts'
import { clusterOf, fieldNames } from '../../consent/field.ts'
import type { Purpose } from '../../consent/purpose.ts'
import type { ChannelConfig, InstitutionConfig } from '../../core/config-schema.ts'
import type { Linking } from '../../customer/linking.ts'
import { ceilingOf } from '../../disclosure/compile.ts'
import { choiceOpen, consentChoices, leastChoice, type ConsentChoice } from '../pages/consent.ts'
import type { Web } from '../web.ts'

/** What the first consent is about; alerts, payments and orders ask for theirs when the customer turns to them. */
export const linkPurposes = ['balance', 'transactions', 'insights'] as const satisfies readonly Purpose[]
const durationsDays = [365, 90, 30] as const

/** The ends that can be chosen: at most a year, and at most what the bank's policy says. Three, the longest first. */
export function durationsFor(web: Web, institution: InstitutionConfig): number[] {
  const most = web.voices.get(institution.id)?.policy.policy.grantDays ?? 30
  const offered = durationsDays.filter((days) => days < most)
  return [most, ...offered].slice(0, 3)
}

/** What a customer has chosen so far on the consent page. */
export type Chosen = {
  readonly accounts: readonly string[]
  readonly choices: Partial<Record<Purpose, ConsentChoice>>
  readonly days: number
}

/** The most the bank lets be told of anything that belongs to a purpose: what the switch can offer. */
export function ceilingFor(
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  purpose: Purpose,
): Exposure {
  const policy = web.voices.get(institution.id)?.policy
  if (!policy) return 'withhold'
  // The purpose's own figures decide what its switch can offer, not the account's name beside them.
  const own: Partial<Record<Purpose, string>> = {
    balance: 'balances',
    transactions: 'transactions',
    insights: 'spending',
  }
  let most: Exposure = 'withhold'
  for (const field of fieldNames) {
    if (clusterOf(field) !== own[purpose]) continue
    const { ceiling } = ceilingOf(policy, purpose, field, channel.kind)
    if (exposureRank(ceiling) > exposureRank(most)) most = ceiling
  }
  return meet(most, 'say')
}

/** Before anything was touched: every account, each thing at its least, the longest time. */
export const leastChoices = (
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  linking: Linking,
): Chosen => ({
  accounts: (linking.body.accounts ?? []).map((account: Account) => account.id),
  choices: Object.fromEntries(
    linkPurposes.map((purpose) => [purpose, leastChoice(ceilingFor(web, institution, channel, purpose))]),
  ),
  days: durationsFor(web, institution)[0] ?? 30,
})

/** A form's choices, each brought within what can be chosen: nothing is taken on the browser's word. */
export function readChoices(
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  linking: Linking,
  form: { one(name: string): string; all(name: string): string[] },
): Chosen {
  const known = new Set((linking.body.accounts ?? []).map((account) => account.id))
  const days = Number(form.one('days'))
  return {
    accounts: [...new Set(form.all('accounts'))].filter((id) => known.has(id)),
    choices: Object.fromEntries(
      linkPurposes.map((purpose) => {
        const ceiling = ceilingFor(web, institution, channel, purpose)
        const wanted =
          consentChoices.find((choice) => choice === form.one(`choice.${purpose}`)) ?? leastChoice(ceiling)
        return [purpose, choiceOpen(wanted, ceiling) ? wanted : leastChoice(ceiling)]
      }),
    ),
    days:
      durationsFor(web, institution).find((one) => one === days) ??
      leastChoices(web, institution, channel, linking).days,
  }
}
