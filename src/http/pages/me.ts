import type { Exposure } from '../../consent/exposure.ts'
import type { Purpose } from '../../consent/purpose.ts'
import { attr, type Html, href, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, formatsOf, type Frame, heading, page } from '../kit/page.ts'
import { accountText, button, buttonLink, card, empty, facts, notice, tabs } from '../kit/parts.ts'
import { type ConsentChoice, choiceOpen, consentChoices } from './consent.ts'

/** Where the three tabs live. */
export type MeUrls = { readonly allowed: string; readonly left: string; readonly data: string }

export const meTabs = (frame: Frame, urls: MeUrls, current: keyof MeUrls): Html =>
  tabs(
    frame.t('me.title'),
    (['allowed', 'left', 'data'] as const).map((name) => ({
      label: frame.t(`me.tab.${name}`),
      url: urls[name],
      current: name === current,
    })),
  )

export const meHero = (frame: Frame): Html =>
  heading(frame.t('me.title'), frame.t('me.lead', { bank: brandOf(frame).name }))

/** One thing in one chat that the customer has allowed or switched off. */
export type Permission = {
  readonly id: string
  readonly purpose: Purpose
  readonly channel: string
  readonly choice: ConsentChoice
  readonly ceiling: Exposure
  readonly accounts: readonly { readonly nickname: string; readonly lastFour: string }[]
  /** Epoch ms. */
  readonly since: number
  readonly until: number
  readonly lastUsedAt: number | null
  /** Ends within the next 30 days: offers to renew. */
  readonly renewUrl: string | null
  /** Posts `csrf` and `choice`. */
  readonly changeUrl: string
  /** Leads to the page that states the effect first. */
  readonly takeBackUrl: string
}

/** One chat, with everything that is allowed in it. */
export type LinkedChat = {
  readonly channel: string
  /** Epoch ms: tells chats on one channel apart. */
  readonly linkedAt: number
  readonly permissions: readonly Permission[]
  /** Takes everything in it back at once; null when nothing is allowed. */
  readonly takeBackAllUrl: string | null
  /** Its owner may have changed, so nothing is shown in it: posts `csrf` to say that it is still theirs. */
  readonly stepUpUrl: string | null
}

export type AllowedModel = {
  readonly frame: Frame
  readonly urls: MeUrls
  readonly chats: readonly LinkedChat[]
  readonly linkUrl: string | null
  /** A chat was just said to be theirs still. */
  readonly steppedUp: boolean
  /** Said once after a change, on the way back from a form. */
  readonly changed: {
    readonly purpose: Purpose
    readonly choice: ConsentChoice
    readonly channel: string
  } | null
}

function permissionCard(frame: Frame, permission: Permission): Html {
  const { t } = frame
  const formats = formatsOf(frame)
  const { purpose, choice, channel } = permission
  const id = `p-${permission.id}`
  const now = html`<p class="state ${choice}" id="${id}-state">${icon(choice === 'say' ? 'chat' : choice === 'mask' ? 'lock' : 'check')}<span>${t(`me.state.${choice}`, { channel, bank: brandOf(frame).name })}</span></p>`
  return card(
    t(`thing.${purpose}.title`),
    html`${now}
${facts([
  [t('me.why'), t(`purpose.${purpose}`)],
  [t('me.accounts'), formats.list(permission.accounts.map((one) => accountText(one.nickname, one.lastFour)))],
  [
    t('me.last-used'),
    permission.lastUsedAt === null
      ? t('me.never-used')
      : formats.capital(formats.moment(permission.lastUsedAt)),
  ],
  [t('me.until'), formats.date(permission.until)],
])}
${permission.renewUrl && notice('warn', t('me.ends-soon', { date: formats.date(permission.until) }), { actions: buttonLink(t('me.renew'), permission.renewUrl, { look: 'quiet' }) })}
<p class="soft" id="${id}-effect">${t('me.change.effect', { channel })}</p>
<form method="post" action="${href(permission.changeUrl)}">${csrfField(frame)}<div class="switch" role="group" aria-label="${t('me.change.label', { thing: t(`thing.${purpose}.title`), channel })}" aria-describedby="${id}-effect">${consentChoices.map(
      (one) =>
        html`<button name="choice" value="${one}" aria-pressed="${one === choice ? 'true' : 'false'}"${attr('disabled', !choiceOpen(one, permission.ceiling))}><span>${choiceOpen(one, permission.ceiling) ? nothing : icon('lock')}${t(`choice.${one}`)}</span></button>`,
    )}</div></form>
${choice === 'withhold' ? nothing : html`<p class="end"><a class="button text" href="${href(permission.takeBackUrl)}">${t('me.take-back')}<span class="unseen"> ${t('me.take-back.of', { thing: t(`thing.${purpose}.title`), channel })}</span></a></p>`}`,
    { level: 3, look: 'permission' },
  )
}

/** "In Messenger", and where there are several of them, which. */
function chatHeading(frame: Frame, chat: LinkedChat, all: readonly LinkedChat[]): string {
  const { t } = frame
  const { channel, linkedAt } = chat
  const same = all.filter((one) => one.channel === channel)
  if (same.length === 1) return t('me.in-channel', { channel })
  const moment = formatsOf(frame).moment(linkedAt)
  return t('me.in-chat', { channel, number: same.indexOf(chat) + 1, total: same.length, moment })
}

function chatGroup(frame: Frame, chat: LinkedChat, all: readonly LinkedChat[]): Html {
  const { t } = frame
  const { channel, takeBackAllUrl, stepUpUrl } = chat
  return html`<h2 class="group">${chatHeading(frame, chat, all)}</h2>${
    stepUpUrl
      ? html`${notice('warn', t('me.frozen', { channel, bank: brandOf(frame).name }))}<form method="post" action="${href(stepUpUrl)}">${csrfField(frame)}${button(t('me.step-up'))}</form>`
      : nothing
  }${chat.permissions.map((one) => permissionCard(frame, one))}${takeBackAllUrl ? html`<p>${buttonLink(t('me.take-back-all', { channel, bank: brandOf(frame).name }), takeBackAllUrl, { look: 'danger' })}</p>` : nothing}`
}

/** My permissions, first tab: what is allowed, chat by chat. */
export function allowedPage(model: AllowedModel): string {
  const { frame, chats, changed } = model
  const { t } = frame
  return page({
    frame,
    title: t('me.title'),
    hero: meHero(frame),
    body: html`${meTabs(frame, model.urls, 'allowed')}
${model.steppedUp ? notice('good', t('me.stepped-up'), { live: true }) : nothing}
${changed && notice('good', t(`me.changed.${changed.choice}`, { thing: t(`thing.${changed.purpose}.title`), channel: changed.channel }), { live: true })}
${
  chats.length === 0
    ? empty(
        t('me.none'),
        t('me.none.say', { bank: brandOf(frame).name }),
        model.linkUrl ? html`<p>${buttonLink(t('me.link'), model.linkUrl)}</p>` : nothing,
      )
    : chats.map((chat) => chatGroup(frame, chat, chats))
}`,
  })
}

export type TakeBackModel = {
  readonly frame: Frame
  readonly channel: string
  /** One thing, or null for everything in this chat. */
  readonly purpose: Purpose | null
  /** How many messages wait and will be cancelled. */
  readonly waiting: number
  /** Is the bank's key given back too (nothing else needs it)? */
  readonly returnsKey: boolean
  /** Posts `csrf`. */
  readonly actionUrl: string
  readonly keepUrl: string
}

/** Taking back, the effect stated first. One tap does it. */
export function takeBackPage(model: TakeBackModel): string {
  const { frame, channel, purpose } = model
  const { t } = frame
  const bank = brandOf(frame).name
  const thing = purpose === null ? t('take-back.everything') : t(`thing.${purpose}.title`)
  const lines = [
    t(purpose === null ? 'take-back.all.stops' : 'take-back.stops', { thing, channel, bank }),
    t('take-back.cancels', { count: model.waiting }),
    ...(model.returnsKey ? [t('take-back.returns-key', { bank })] : []),
    t('take-back.stays', { channel }),
    t('take-back.again'),
  ]
  return page({
    frame,
    title: t('take-back.title'),
    hero: heading(t('take-back.heading', { thing }), t('take-back.lead')),
    body: card(
      t('take-back.what-happens'),
      html`<ul class="says">${lines.map((line) => html`<li>${line}</li>`)}</ul>
<form method="post" action="${href(model.actionUrl)}">${csrfField(frame)}<div class="pair">${button(t('take-back.do'), { look: 'even' })}${buttonLink(t('take-back.keep'), model.keepUrl, { look: 'even' })}</div></form>`,
    ),
  })
}

export type TakenBackModel = {
  readonly frame: Frame
  readonly channel: string
  readonly purpose: Purpose | null
  /** Epoch ms. */
  readonly at: number
  readonly cancelled: number
  /** Sealed pages that were open and are closed now. */
  readonly closedCards: number
  /** `given`: the bank's key was returned at that time; `waiting`: the bank didn't answer, it is being retried. */
  readonly key:
    | { readonly state: 'kept' }
    | { readonly state: 'waiting' }
    | { readonly state: 'given'; readonly at: number }
  readonly meUrl: string
  readonly proofUrl: string | null
}

/** After taking back: each thing that was done, and when. */
export function takenBackPage(model: TakenBackModel): string {
  const { frame, channel, purpose, key } = model
  const { t } = frame
  const formats = formatsOf(frame)
  const bank = brandOf(frame).name
  const thing = purpose === null ? t('take-back.everything') : t(`thing.${purpose}.title`)
  return page({
    frame,
    title: t('taken-back.title'),
    hero: heading(
      t('taken-back.title'),
      t(purpose === null ? 'taken-back.all.lead' : 'taken-back.lead', { thing, channel, bank }),
    ),
    body: card(
      t('taken-back.done'),
      html`<ul class="done"><li>${icon('check')}<span>${t('taken-back.stopped', { moment: formats.moment(model.at) })}</span></li><li>${icon('check')}<span>${t('taken-back.cancelled', { count: model.cancelled })}</span></li>${
        model.closedCards > 0
          ? html`<li>${icon('check')}<span>${t('taken-back.closed', { count: model.closedCards })}</span></li>`
          : nothing
      }<li>${icon(key.state === 'waiting' ? 'clock' : 'check')}<span>${key.state === 'given' ? t('taken-back.key.given', { bank, time: formats.time(key.at) }) : t(`taken-back.key.${key.state}`, { bank })}</span></li></ul>
<div class="pair">${model.proofUrl ? buttonLink(t('taken-back.proof'), model.proofUrl, { look: 'quiet' }) : nothing}${buttonLink(t('taken-back.back'), model.meUrl, { look: 'quiet' })}</div>`,
    ),
  })
}
