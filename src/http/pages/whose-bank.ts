import type { Brand } from '../kit/assets.ts'
import { html } from '../kit/html.ts'
import { type Frame, heading, mark, page } from '../kit/page.ts'
import { icon } from '../kit/icon.ts'

/** Goes on to `actionUrl?bank=<id>`. */
export type WhoseBankModel = {
  readonly frame: Frame
  readonly actionUrl: string
  readonly banks: readonly Brand[]
}

/** Before signing in to one's permissions: with which bank? */
export function whoseBankPage({ frame, actionUrl, banks }: WhoseBankModel): string {
  const { t } = frame
  return page({
    frame,
    title: t('whose.title'),
    hero: heading(t('whose.title'), t('whose.lead')),
    body: html`<ul class="list card" id="banks">${banks.map(
      (bank) =>
        html`<li><a class="line" href="${actionUrl}?bank=${bank.id}">${mark(bank)}<span class="grow"><b>${bank.name}</b></span>${icon('chevron')}</a></li>`,
    )}</ul>`,
  })
}
