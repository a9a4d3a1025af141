import { html, nothing } from '../kit/html.ts'
import { brandOf, type Frame, heading, page } from '../kit/page.ts'
import { buttonLink, card } from '../kit/parts.ts'

export const errorStatuses = [400, 401, 403, 404, 429, 500, 503] as const
export type ErrorStatus = (typeof errorStatuses)[number]
export type ErrorModel = {
  readonly frame: Frame
  readonly status: ErrorStatus
  /** To quote when asking for help; random, says nothing of the person. Shown from 500 up. */
  readonly reference: string | null
  /** When it is worth trying again (429, 503). */
  readonly retryAfterSeconds: number | null
  /** Where to go instead: sign in, the start, the page before. */
  readonly onwardUrl: string | null
}

/** A page for everything that went wrong at the door: what happened, whose fault (never yours), what to do. */
export function errorPage({ frame, status, reference, retryAfterSeconds, onwardUrl }: ErrorModel): string {
  const { t } = frame
  const words = { bank: brandOf(frame).name }
  return page({
    frame,
    title: t(`error.${status}.title`),
    hero: heading(t(`error.${status}.title`), t(`error.${status}.lead`, words)),
    body: card(
      t('link.next'),
      html`<p>${t(`error.${status}.next`, words)}</p>${
        retryAfterSeconds === null
          ? nothing
          : html`<p>${retryAfterSeconds < 90 ? t('error.retry-seconds', { count: Math.max(1, Math.ceil(retryAfterSeconds)) }) : t('error.retry-minutes', { count: Math.ceil(retryAfterSeconds / 60) })}</p>`
      }${onwardUrl ? html`<p>${buttonLink(t(`error.${status === 401 ? 'sign-in' : 'onward'}`), onwardUrl)}</p>` : nothing}${
        reference !== null && status >= 500
          ? html`<p class="soft">${t('error.reference', { reference })}</p>`
          : nothing
      }`,
    ),
  })
}
