import { type Html, html, nothing } from '../kit/html.ts'
import { brandOf, type Frame } from '../kit/page.ts'
import { buttonLink, notice, skeleton } from '../kit/parts.ts'

/**
 * Something that has to be fetched from the bank. `partial`: the bank left something out: said as "incomplete", never
 * shown as "none". `loading` reloads itself from `reloadUrl` when there is one.
 */
export type Loaded<Value> =
  | { readonly state: 'ready'; readonly value: Value; readonly partial: boolean }
  | { readonly state: 'loading'; readonly reloadUrl: string | null }
  | { readonly state: 'trouble'; readonly retryUrl: string }

/** Shows what is there, or bars in its shape, or what went wrong and the way to try again. */
export function whenLoaded<Value>(
  frame: Frame,
  loaded: Loaded<Value>,
  rows: number,
  show: (value: Value) => Html,
): Html {
  const { t } = frame
  const bank = brandOf(frame).name
  if (loaded.state === 'ready')
    return html`${loaded.partial ? notice('warn', t('state.partial', { bank })) : nothing}${show(loaded.value)}`
  if (loaded.state === 'trouble')
    return notice('bad', t('state.trouble', { bank }), {
      actions: buttonLink(t('state.retry'), loaded.retryUrl, { look: 'quiet' }),
    })
  return html`${skeleton(t, rows)}${loaded.reloadUrl ? html`<p><a href="${loaded.reloadUrl}" data-reload>${t('state.look-again')}</a></p>` : nothing}`
}
