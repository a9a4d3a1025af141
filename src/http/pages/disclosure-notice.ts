import type { Cluster } from '../../consent/field.ts'
import { invariant } from '../../core/refusal.ts'
import { type Html, href, html } from '../kit/html.ts'
import { formatsOf, type Frame } from '../kit/page.ts'
import { rich } from '../kit/words.ts'

/**
 * The authorization disclosure of 12 CFR 1033.411(b), as a promise of the product whatever the rule's fate: seven
 * things that a consent must say, each from a named source. Texts are the institution's own.
 */
export type DisclosureNotice = {
  /** (1) Who asks for the data. */
  readonly askedBy: string
  /** (2) Who holds it. */
  readonly heldBy: string
  /** (3) What the customer gets for it, as a noun phrase: "Harbor Bank's assistant in your chats". */
  readonly product: string
  /** (4) Kinds of data. */
  readonly categories: readonly Cluster[]
  /** (5) Who certifies to keep to these limits. */
  readonly certifiedBy: string
  /** (6) The latest end that can be chosen, epoch ms; a year at most. */
  readonly longestUntil: number
  /** (7) How to take it back: a word to say in the chat, and a page. */
  readonly takeBack: { readonly word: string; readonly url: string }
  /** A party that carries data in between (1033.431), when there is one. */
  readonly carrier: { readonly name: string; readonly role: string } | null
}

/** The blocks that would be empty, by name; none when the disclosure is whole. Policies are checked with it at load. */
export function disclosureGaps(notice: DisclosureNotice): readonly string[] {
  const blank = (text: string): boolean => text.trim() === ''
  const holes: readonly (readonly [string, boolean])[] = [
    ['askedBy', blank(notice.askedBy)],
    ['heldBy', blank(notice.heldBy)],
    ['product', blank(notice.product)],
    ['categories', notice.categories.length === 0],
    ['certifiedBy', blank(notice.certifiedBy)],
    ['longestUntil', !Number.isFinite(notice.longestUntil) || notice.longestUntil <= 0],
    ['takeBack', blank(notice.takeBack.word) || blank(notice.takeBack.url)],
    ['carrier', notice.carrier !== null && (blank(notice.carrier.name) || blank(notice.carrier.role))],
  ]
  return holes.flatMap(([name, hole]) => (hole ? name : []))
}

/** The seven blocks (eight with a carrier), open on the page: clear, conspicuous, apart (1033.411(a)). */
export function disclosureNotice(frame: Frame, notice: DisclosureNotice, channel: string): Html {
  invariant(disclosureGaps(notice).length === 0, 'a consent says all seven things')
  const { t } = frame
  const formats = formatsOf(frame)
  const who = { askedBy: notice.askedBy, heldBy: notice.heldBy, channel }
  const kinds = formats.list(notice.categories.map((cluster) => t(`cluster.${cluster}`)))
  const page = html`<a href="${href(notice.takeBack.url)}">${t('terms.take-back.page')}</a>`
  const blocks: readonly (readonly [string, string | Html])[] = [
    [t('terms.asked-by'), t('terms.asked-by.say', who)],
    [t('terms.held-by'), t('terms.held-by.say', who)],
    [t('terms.product'), t('terms.product.say', { ...who, product: notice.product })],
    [t('terms.categories'), t('terms.categories.say', { kinds })],
    [t('terms.certified'), t('terms.certified.say', { certifiedBy: notice.certifiedBy })],
    [t('terms.duration'), t('terms.duration.say', { until: formats.date(notice.longestUntil) })],
    [
      t('terms.take-back'),
      rich(t, 'terms.take-back.say', { word: html`<b>${notice.takeBack.word}</b>`, channel, page }),
    ],
  ]
  const carrier = notice.carrier
  const all = carrier
    ? [
        ...blocks,
        [t('terms.carrier'), t('terms.carrier.say', { name: carrier.name, role: carrier.role })] as const,
      ]
    : blocks
  return html`<section class="card terms"><h2>${t('terms.title')}</h2><dl>${all.map(([name, say]) => html`<div><dt>${name}</dt><dd>${say}</dd></div>`)}</dl></section>`
}
