import type { Field } from '../../consent/field.ts'
import type { Purpose } from '../../consent/purpose.ts'
import { type Html, href, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { formatsOf, type Frame, heading, page } from '../kit/page.ts'
import { bubble, buttonLink, card, disclosure, empty, facts } from '../kit/parts.ts'
import { type MeUrls, meHero, meTabs } from './me.ts'

/** Why something left: who set it off. */
export type DisclosureCause = 'asked' | 'bank' | 'person' | 'change'
/** What became of it: `withheld` means nothing was sent at all. */
export type DisclosureState =
  | 'waiting'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'cancelled'
  | 'unknown'
  | 'failed'
  | 'withheld'

/** One line of the diary. */
export type DiaryEntry = {
  readonly id: string
  /** Epoch ms. */
  readonly at: number
  readonly channel: string
  readonly purpose: Purpose
  /** The words as sent; null when nothing was sent, or when they were erased. */
  readonly said: string | null
  readonly buttons: readonly string[]
  readonly cause: DisclosureCause
  /** What the message was about but did not say. */
  readonly keptBack: readonly Field[]
  readonly state: DisclosureState
  readonly proofUrl: string
}

export type LeftModel = {
  readonly frame: Frame
  readonly urls: MeUrls
  /** Newest first. */
  readonly entries: readonly DiaryEntry[]
  readonly olderUrl: string | null
  readonly newerUrl: string | null
}

const keptBackWords = (frame: Frame, fields: readonly Field[]): string =>
  formatsOf(frame).list([...new Set(fields.map((field) => frame.t(`field.${field}`)))])

const told = (frame: Frame, entry: DiaryEntry): Html =>
  entry.said === null
    ? html`<p class="bubble none">${frame.t(entry.state === 'withheld' ? 'left.nothing' : 'left.erased', { channel: entry.channel })}</p>`
    : bubble(entry.said, entry.buttons, frame.t('consent.bubble-buttons'))

const diaryLine = (frame: Frame, entry: DiaryEntry): Html => {
  const { t } = frame
  const formats = formatsOf(frame)
  return html`<li class="entry"><p><time>${formats.time(entry.at)}</time> <b>${t(entry.said === null && entry.state === 'withheld' ? 'left.not-told' : 'left.told', { channel: entry.channel })}</b></p>${told(frame, entry)}<p class="soft">${t(`left.cause.${entry.cause}`)} ${
    entry.keptBack.length > 0
      ? html`<b>${t('left.kept-back', { fields: keptBackWords(frame, entry.keptBack) })}</b> `
      : nothing
  }${t(`left.state.${entry.state}`)}</p><p><a class="button text" href="${href(entry.proofUrl)}">${icon('lock')}${t('left.proof')}<span class="unseen"> ${formats.moment(entry.at)}</span></a></p></li>`
}

/** My permissions, second tab: a diary of everything that was told to a platform. */
export function leftPage(model: LeftModel): string {
  const { frame, entries } = model
  const { t } = frame
  const formats = formatsOf(frame)
  const turning = (['newer', 'older'] as const).flatMap((way) => {
    const url = model[`${way}Url`]
    return url ? [buttonLink(t(`left.${way}`), url, { look: 'quiet' })] : []
  })
  const days = Map.groupBy(entries, (entry) => formats.calendarDay(entry.at))
  return page({
    frame,
    title: t('me.tab.left'),
    hero: meHero(frame),
    body: html`${meTabs(frame, model.urls, 'left')}<p class="soft">${t('left.lead')}</p>${
      entries.length === 0
        ? empty(t('left.none'), t('left.none.say'))
        : [...days.values()].map(
            (day) =>
              html`<section class="card"><h2 class="day">${formats.capital(formats.day(day[0]?.at ?? 0))}</h2><ul class="diary">${day.map((entry) => diaryLine(frame, entry))}</ul></section>`,
          )
    }${turning.length === 2 ? html`<div class="pair">${turning}</div>` : turning.map((one) => html`<p>${one}</p>`)}`,
  })
}

/** The proof of one disclosure, as the transparency log has it (RFC 9162, signed-note checkpoints). */
export type Proof = {
  /** The log's name, as on its checkpoints. */
  readonly origin: string
  /** Counted from 0. */
  readonly index: number
  readonly treeSize: number
  /** Hexadecimal. */
  readonly leafHash: string
  readonly rootHash: string
  readonly path: readonly string[]
  /** Epoch ms of the checkpoint. */
  readonly signedAt: number
  /** Names of those who countersigned. */
  readonly witnesses: readonly string[]
}

export type ProofModel = {
  readonly frame: Frame
  readonly entry: DiaryEntry
  /** null while the entry waits for the next checkpoint (seconds). */
  readonly proof: Proof | null
  /** Does the platform's own receipt match the log? */
  readonly receipt: 'matched' | 'waiting' | 'none'
  readonly downloadUrl: string
  readonly backUrl: string
}

/** One disclosure and its proof: friendly first, the numbers for those who want to check. */
export function proofPage(model: ProofModel): string {
  const { frame, entry, proof } = model
  const { t } = frame
  const formats = formatsOf(frame)
  return page({
    frame,
    title: t('proof.title'),
    hero: heading(
      t('proof.title'),
      t('proof.lead', { moment: formats.moment(entry.at), channel: entry.channel }),
    ),
    body: html`${card(
      t('proof.told'),
      html`<div class="chat">${told(frame, entry)}</div>${facts([
        [t('proof.why'), t(`purpose.${entry.purpose}`)],
        [t('proof.cause'), t(`left.cause.${entry.cause}`)],
        [
          t('proof.kept-back'),
          entry.keptBack.length > 0
            ? formats.capital(keptBackWords(frame, entry.keptBack))
            : t('proof.kept-back.none'),
        ],
        [t('proof.state'), t(`left.state.${entry.state}`)],
      ])}`,
    )}
<section class="card proof"><h2>${icon('lock')}${t(proof ? 'proof.sealed' : 'proof.waiting')}</h2>${
      proof
        ? html`<p>${t('proof.explain', { number: formats.number(proof.index + 1), total: formats.number(proof.treeSize), moment: formats.moment(proof.signedAt) })}</p><p>${t('proof.witnesses', { count: proof.witnesses.length, names: formats.list(proof.witnesses) })}</p><p>${t(`proof.receipt.${model.receipt}`, { channel: entry.channel })}</p><p>${buttonLink(t('proof.download'), model.downloadUrl, { icon: 'download' })}</p><p class="soft">${t('proof.check')} <code>guichet verify guichet-proof-${entry.id}.json</code></p>
${disclosure(
  t('proof.numbers'),
  facts([
    [t('proof.origin'), html`<code>${proof.origin}</code>`],
    [t('proof.index'), formats.number(proof.index)],
    [t('proof.size'), formats.number(proof.treeSize)],
    [t('proof.leaf'), html`<code>${proof.leafHash}</code>`],
    [t('proof.root'), html`<code>${proof.rootHash}</code>`],
    [
      t('proof.path'),
      proof.path.length === 0
        ? null
        : html`<ol class="hashes">${proof.path.map((hash) => html`<li><code>${hash}</code></li>`)}</ol>`,
    ],
  ]),
  { look: 'fold' },
)}`
        : html`<p>${t('proof.waiting.say')}</p>`
    }</section><p>${buttonLink(t('proof.back'), model.backUrl, { look: 'quiet' })}</p>`,
  })
}
