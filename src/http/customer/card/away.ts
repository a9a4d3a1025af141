import type { Context } from 'hono'
import type { SealGrade } from '../../pages/card.ts'
import { inAppBrowser } from '../../web.ts'

/**
 * The device, when this browser is nearer to the messenger than the bank's seal grade allows: S2 keeps the card out of
 * messengers' own browsers, S3 off the phone altogether, S1 allows both (the card then says that the app could read it).
 */
export function keptFrom(c: Context, seal: SealGrade): 'ios' | 'android' | 'other' | null {
  const inApp = inAppBrowser(c)
  if (seal === 'S1') return null
  if (inApp !== null || seal === 'S2') return inApp
  const agent = c.req.header('user-agent') ?? ''
  return /iPhone|iPod/.test(agent) ? 'ios' : /Android.*Mobile/.test(agent) ? 'android' : null
}

/** Asks a phone to leave the messenger's browser: Safari's own scheme, Android's intent. */
export function outwardUrl(pageUrl: string, device: 'ios' | 'android' | 'other'): string | null {
  if (!pageUrl.startsWith('https://')) return null
  const rest = pageUrl.slice('https://'.length)
  if (device === 'ios') return `x-safari-https://${rest}`
  if (device === 'android')
    return `intent://${rest}#Intent;scheme=https;action=android.intent.action.VIEW;end`
  return null
}
