import type { Context } from 'hono'
import type { SealGrade } from '../../pages/card.ts'
import { inAppBrowser } from '../../web.ts'

export type Device = 'ios' | 'android' | 'other' | 'elsewhere'

/**
 * The device, when this browser is nearer to the messenger than the bank's seal grade allows: S2 keeps the card out of
 * messengers' own browsers, S3 off the phone altogether (`elsewhere`), S1 allows both (the card then says that the app
 * could read it).
 */
export function keptFrom(c: Context, seal: SealGrade): Device | null {
  if (seal === 'S1') return null
  if (seal === 'S2') return inAppBrowser(c)
  const agent = c.req.header('user-agent') ?? ''
  return inAppBrowser(c) !== null || /iPhone|iPod|Android.*Mobile/.test(agent) ? 'elsewhere' : null
}

/**
 * The grade to go by before anyone signed in, when it is not known whose card this is: as if it were of every bank
 * here. A messenger's browser is left where any bank wants that (a password typed there could be read); the phone only
 * where all do. The bank's own grade is asked once its customer has signed in.
 */
export const doorSeal = (seals: readonly SealGrade[]): SealGrade =>
  seals.every((seal) => seal === 'S3') ? 'S3' : seals.every((seal) => seal === 'S1') ? 'S1' : 'S2'

/** Asks a phone to leave the messenger's browser: Safari's own scheme, Android's intent. */
export function outwardUrl(pageUrl: string, device: Device): string | null {
  if (!pageUrl.startsWith('https://')) return null
  const rest = pageUrl.slice('https://'.length)
  if (device === 'ios') return `x-safari-https://${rest}`
  if (device === 'android')
    return `intent://${rest}#Intent;scheme=https;action=android.intent.action.VIEW;end`
  return null
}
