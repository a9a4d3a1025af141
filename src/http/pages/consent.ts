import type { Account } from '../../bank/bank.ts'
import { exposureRank, type Exposure } from '../../consent/exposure.ts'
import type { Purpose } from '../../consent/purpose.ts'
import { attr, type Html, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, formatsOf, type Frame, heading, page, withoutScript } from '../kit/page.ts'
import { accountText, bubble, button, card, disclosure, notice, radioSwitch } from '../kit/parts.ts'
import { catalogueFor, rich, type Words } from '../kit/words.ts'
import { type DisclosureNotice, disclosureNotice } from './disclosure-notice.ts'
import { steps } from './steps.ts'

/**
 * The three positions of a switch, in the words of the exposure lattice: `say` show here, `mask` keep on the bank's
 * page, `withhold` off.
 */
export const consentChoices = ['say', 'mask', 'withhold'] as const
export type ConsentChoice = (typeof consentChoices)[number]

/** What the platform would be sent for one thing and one choice. `text: null` when nothing would be sent at all. */
export type ConsentPreview = {
  readonly text: string | null
  readonly buttons: readonly string[]
  /** The request body, byte for byte; null with `text`. */
  readonly bytes: string | null
}

export type ConsentThing = {
  readonly purpose: Purpose
  /** The bank's own limit on this channel: choices above it cannot be taken. */
  readonly ceiling: Exposure
  /** Before the customer touched anything: `leastChoice(ceiling)`. On a re-render: what they chose. */
  readonly chosen: ConsentChoice
  readonly previews: Readonly<Record<ConsentChoice, ConsentPreview>>
}

/**
 * Posts `csrf`, `accounts` (repeated), `choice.<purpose>` for each thing, `days`, `read-in` (the page's language), and
 * `do`: `agree`, `not-now`, or `review` (no script: render again from what was chosen); or `language` instead of `do`:
 * render again in that one.
 */
export type ConsentModel = {
  readonly frame: Frame
  /** The chat's name as people say it: "Messenger". */
  readonly channel: string
  /** What the chat is spoken in (BCP 47): the previews are, whatever the page is read in. */
  readonly chatLocale: string
  readonly actionUrl: string
  readonly accounts: readonly (Pick<Account, 'id' | 'nickname' | 'lastFour' | 'type'> & {
    readonly chosen: boolean
  })[]
  readonly things: readonly ConsentThing[]
  /** At most a year (12 CFR 1033.421(b)). `until` is epoch ms. */
  readonly durations: readonly { readonly days: number; readonly until: number; readonly chosen: boolean }[]
  readonly notice: DisclosureNotice
  /** Said on top when the form came back: no account was chosen, or it was too old to be taken. */
  readonly error: 'no-account' | 'stale' | null
}

const reachable: Readonly<Record<ConsentChoice, Exposure>> = {
  say: 'band',
  mask: 'nudge',
  withhold: 'withhold',
}

/** Can this choice be taken under the bank's ceiling? Showing needs at least a coarse statement, hinting at least a nudge. */
export const choiceOpen = (choice: ConsentChoice, ceiling: Exposure): boolean =>
  exposureRank(ceiling) >= exposureRank(reachable[choice])

/** What is ticked before the customer chose: figures stay on the bank's page, or off where even a hint is too much. */
export const leastChoice = (ceiling: Exposure): ConsentChoice =>
  choiceOpen('mask', ceiling) ? 'mask' : 'withhold'

type Aim = 'answer' | 'warn' | 'inform' | 'help' | 'pay'
const aims: Readonly<Record<Purpose, Aim>> = {
  balance: 'answer',
  transactions: 'answer',
  insights: 'answer',
  receipts: 'inform',
  shipping: 'inform',
  'fraud-alerts': 'warn',
  'account-alerts': 'warn',
  support: 'help',
  payments: 'pay',
  orders: 'pay',
}

const noun = (t: Words, purpose: Purpose): string => t(`thing.${purpose}.noun`)
const bold = (text: string): Html => html`<b>${text}</b>`

/** Which sentence tells of this mix of choices. */
const sentenceKind = (shown: number, hinted: number): 'both' | 'say' | 'mask' | 'none' =>
  shown > 0 && hinted > 0 ? 'both' : shown > 0 ? 'say' : hinted > 0 ? 'mask' : 'none'

/**
 * The plain sentence. The very words travel along as data, with [[holes]], so that the page's script rebuilds it as
 * choices change without knowing any language.
 */
function sentence(model: ConsentModel, live: boolean): Html {
  const { t } = model.frame
  const formats = formatsOf(model.frame)
  const bank = brandOf(model.frame).name
  const of = (choice: ConsentChoice): readonly Purpose[] =>
    model.things.filter((thing) => thing.chosen === choice).map((thing) => thing.purpose)
  const shown = of('say')
  const hinted = of('mask')
  const until = model.durations.find((duration) => duration.chosen) ?? model.durations[0]
  const list = (purposes: readonly Purpose[]): Html => bold(formats.list(purposes.map((p) => noun(t, p))))
  const aim = formats.list([...new Set([...shown, ...hinted].map((p) => t(`aim.${aims[p]}`)))])
  const kinds = ['both', 'say', 'mask', 'none'] as const
  const hole = (name: string): string => `[[${name}]]`
  const pattern = (kind: (typeof kinds)[number]): string =>
    t(`consent.sentence.${kind}`, {
      bank,
      channel: hole('channel'),
      say: hole('say'),
      mask: hole('mask'),
      aim: hole('aim'),
      until: hole('until'),
    })
  return html`<p class="promise" data-sentence${attr('role', live && 'status')} data-channel="${model.channel}"${kinds.map((kind) => attr(`data-${kind}`, pattern(kind)))}>${rich(
    t,
    `consent.sentence.${sentenceKind(shown.length, hinted.length)}`,
    {
      bank,
      channel: bold(model.channel),
      say: list(shown),
      mask: list(hinted),
      aim: bold(aim),
      until: bold(until ? formats.date(until.until) : ''),
    },
  )}</p>`
}

const previewOf = (model: ConsentModel, thing: ConsentThing, choice: ConsentChoice): Html => {
  const { t } = model.frame
  const preview = thing.previews[choice]
  const words = { channel: model.channel, thing: noun(t, thing.purpose) }
  if (preview.text === null)
    return html`<div class="when ${choice}"><p class="bubble none">${t('consent.nothing-sent', words)}</p></div>`
  return html`<div class="when ${choice}">${bubble(preview.text, preview.buttons, t('consent.bubble-buttons'), model.chatLocale)}${
    preview.bytes === null
      ? nothing
      : html`<details class="bytes"><summary>${t('consent.bytes', words)}</summary><pre>${preview.bytes}</pre></details>`
  }</div>`
}

/** The bank's limit in words, where it takes a choice away or coarsens one. */
function ceilingNote(t: Words, bank: string, thing: ConsentThing): string | null {
  if (thing.ceiling === 'say') return null
  const kind = thing.ceiling === 'nudge' ? 'mask' : thing.ceiling
  return t(`consent.ceiling.${kind}`, { bank })
}

function row(model: ConsentModel, thing: ConsentThing): Html {
  const { t } = model.frame
  const bank = brandOf(model.frame).name
  const { purpose } = thing
  const limit = ceilingNote(t, bank, thing)
  return html`<li class="thing" data-noun="${noun(t, purpose)}" data-aim="${t(`aim.${aims[purpose]}`)}">
<div class="ask">
<h3 id="h-${purpose}">${t(`thing.${purpose}.title`)}</h3>
<p class="soft" id="d-${purpose}">${t(`thing.${purpose}.about`)}</p>
${radioSwitch({
  name: `choice.${purpose}`,
  labelledBy: `h-${purpose}`,
  describedBy: limit ? `d-${purpose} l-${purpose}` : `d-${purpose}`,
  choices: consentChoices.map((choice) => ({
    value: choice,
    label: t(`choice.${choice}`),
    checked: thing.chosen === choice,
    disabled: !choiceOpen(choice, thing.ceiling),
  })),
})}
${limit && html`<p class="limit" id="l-${purpose}">${icon('lock')}<span>${limit}</span></p>`}
</div>
<div class="gets"><p class="caption">${t('consent.all-it-gets', { channel: model.channel })}</p>${consentChoices
    .filter((choice) => choiceOpen(choice, thing.ceiling))
    .map((choice) => previewOf(model, thing, choice))}</div>
</li>`
}

/**
 * The consent page: who may be shown what, where, until when, with the exact bytes. Refuses to render (an assertion)
 * when one of the seven disclosure blocks would be empty.
 */
export function consentPage(model: ConsentModel): string {
  const { frame, things, channel } = model
  const { t } = frame
  const formats = formatsOf(frame)
  const bank = brandOf(frame).name
  const count = things.filter((thing) => thing.chosen !== 'withhold').length
  const labels = Array.from({ length: things.length + 1 }, (_, n) => t('consent.agree', { count: n }))

  // Enter on a choice presses a form's first button: here one that only renders the page again, so nobody agrees by it.
  const body = html`${model.error && notice('bad', t(`consent.error.${model.error}`, { bank }), { live: true })}
<form method="post" action="${model.actionUrl}" id="consent" data-consent>
<button class="unseen" name="do" value="review" tabindex="-1" aria-hidden="true"></button>${csrfField(frame)}<input type="hidden" name="read-in" value="${catalogueFor(frame.locale)}">
${card(
  t('consent.accounts'),
  html`<p class="soft">${t('consent.accounts.say', { channel })}</p><fieldset class="ticks"${attr('aria-invalid', model.error === 'no-account' && 'true')}><legend class="unseen">${t('consent.accounts')}</legend>${model.accounts.map(
    (account) =>
      html`<label class="tick"><input type="checkbox" name="accounts" value="${account.id}"${attr('checked', account.chosen)}><span><b>${account.nickname}</b><small>${accountText(t(`account.${account.type}`), account.lastFour)}</small></span></label>`,
  )}</fieldset>`,
  { id: 'accounts' },
)}
<section class="counter" aria-labelledby="things">
<div class="counter-head"><div><h2 id="things">${t('consent.things')}</h2><p class="soft">${t('consent.things.say', { bank })}</p></div><p class="caption wide-only">${t('consent.all-it-gets', { channel })}</p></div>
<ul class="things">${things.map((thing) => row(model, thing))}</ul>
</section>
${disclosure(html`${icon('info')}${t('consent.once')}`, html`<p>${t('consent.once.say', { channel })}</p>`, { look: 'card fold' })}
${card(
  html`<span id="until">${t('consent.until')}</span>`,
  html`<p class="soft" id="until-say">${t('consent.until.say', { bank })}</p><div class="switch" role="radiogroup" aria-labelledby="until" aria-describedby="until-say">${model.durations.map(
    (duration) =>
      html`<label><input type="radio" name="days" value="${duration.days}" data-until="${formats.date(duration.until)}"${attr('checked', duration.chosen)}><span>${t('consent.days', { days: duration.days })}<small>${t('consent.until.date', { date: formats.date(duration.until) })}</small></span></label>`,
  )}</div>`,
)}
${disclosureNotice(frame, model.notice, channel)}
<section class="sign" aria-label="${t('consent.sign')}">
${sentence(model, false)}
${withoutScript(html`<p class="soft">${t('consent.review.say')}</p><p>${button(t('consent.review'), { look: 'quiet', name: 'do', value: 'review' })}</p>`)}
<div class="pair">${button(html`<span class="scripted" data-agree="${JSON.stringify(labels)}">${labels[count]}</span><span class="unscripted">${t('consent.agree.unscripted')}</span>`, { look: 'even', name: 'do', value: 'agree' })}${button(t('consent.not-now'), { look: 'even', name: 'do', value: 'not-now' })}</div>
<p class="soft">${t('consent.not-now.say', { bank })}</p>
</section>
</form>`

  return page({
    frame,
    title: t('consent.title'),
    hero: html`${heading(t('consent.title'), null, steps(t, 3))}${sentence(model, true)}`,
    body,
    width: 'wide',
    scripts: ['consent'],
    keeps: 'consent',
  })
}
