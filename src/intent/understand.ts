import type { Inbound } from '../channel/channel.ts'
import type { AccountHint, Ask } from './ask.ts'
import { findPeriod, lastDays } from './period.ts'

/**
 * Text → what is asked, by keyword rules, in English. The rights words (help, agent, stop, balance) come first and work
 * in every state. What no rule knows is `unclear`, never a guess about money.
 */
export function understand(text: string, now: number, timeZone: string): Ask {
  const said = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’`]/g, "'")
    .replace(/[^\p{L}\p{N}' .,&-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.,]+$/, '')
    .slice(0, 500)
  if (said === '') return withoutWords(text.trim())
  const fixed = fixedWords.get(said)
  if (fixed) return fixed
  for (const [pattern, ask] of phrases) if (pattern.test(said)) return ask
  return money(said, now, timeZone) ?? greeting(said) ?? { kind: 'unclear', about: 'text' }
}

/** Signs alone: a question mark asks for help, a thumbs-up is a thank-you, anything else could mean anything. */
function withoutWords(signs: string): Ask {
  if (signs.startsWith('?')) return { kind: 'help' }
  return /^(?:[👍🙏❤💙💚😀😊🙂👌🎉✅]|\p{Emoji_Modifier}|\ufe0f|\s)+$/u.test(signs)
    ? { kind: 'thanks' }
    : { kind: 'unclear', about: 'text' }
}

/** A tapped choice → what is asked. Our own payloads only; anything else is unclear. */
export function understandPayload(payload: string): Ask {
  const fixed = payloads.get(payload)
  if (fixed) return fixed
  const again = /^(once|ask):([A-Za-z0-9_-]{6,40})$/.exec(payload)
  if (again?.[2]) return { kind: 'again', handle: again[2], once: again[1] === 'once' }
  return { kind: 'unclear', about: 'text' }
}

/** Any event that is a customer speaking → what is asked. */
export function askOf(inbound: Inbound, now: number, timeZone: string): Ask | null {
  switch (inbound.kind) {
    case 'text':
      return understand(inbound.text, now, timeZone)
    case 'choice':
      return inbound.payload === null ? null : understandPayload(inbound.payload)
    case 'attachment':
      // The messenger's own thumbs-up is a sticker.
      return inbound.types.includes('sticker') ? { kind: 'thanks' } : { kind: 'unclear', about: 'not-text' }
    case 'unsupported':
      return inbound.name === 'message' ? { kind: 'unclear', about: 'not-text' } : null
    default:
      return null
  }
}

/** Payloads of our fixed buttons and menu items. */
export const payloads: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['GET_STARTED', { kind: 'hello' }],
  ['HELP', { kind: 'help' }],
  ['BALANCE', { kind: 'balance' }],
  ['TRANSACTIONS', { kind: 'transactions', limit: 5 }],
  ['PERSON', { kind: 'person' }],
  ['STOP', { kind: 'stop' }],
  ['RESUME', { kind: 'resume' }],
  ['LINK', { kind: 'link' }],
  ['UNLINK', { kind: 'unlink' }],
  ['PERMISSIONS', { kind: 'permissions' }],
  ['HIDE', { kind: 'hide' }],
])

const fixedWords: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ...['help', 'menu', 'what can you do', 'options'].map((word) => [word, { kind: 'help' }] as const),
  ...['agent', 'human', 'person', 'representative', 'operator'].map(
    (word) => [word, { kind: 'person' }] as const,
  ),
  ...['stop', 'unsubscribe', 'stop messages', 'quit'].map((word) => [word, { kind: 'stop' }] as const),
  ...['start', 'resume'].map((word) => [word, { kind: 'resume' }] as const),
  ...['balance', 'bal', 'balances'].map((word) => [word, { kind: 'balance' }] as const),
  ...['thanks', 'thank you', 'ty', 'thx', 'cheers'].map((word) => [word, { kind: 'thanks' }] as const),
  ...['bye', 'goodbye', 'see you'].map((word) => [word, { kind: 'goodbye' }] as const),
])

const phrases: readonly (readonly [RegExp, Ask])[] = [
  [/\b(stop|don't|do not|quit) (send|sending|texting|messaging|telling|writing)\b/, { kind: 'stop' }],
  [
    /\b(talk|speak|chat|connect)\b.*\b(to|with)\b.*\b(human|person|someone|somebody|agent|representative|people)\b/,
    { kind: 'person' },
  ],
  [/\b(real|actual) (human|person)\b/, { kind: 'person' }],
  [/\b(unlink|disconnect|log ?out|sign ?out)\b/, { kind: 'unlink' }],
  [
    /\b(permission|permissions|consent|privacy)\b|\bwhat (did|have|do) you (tell|told|share|shared|sent|send)\b|\btake (it|this|that) back\b/,
    { kind: 'permissions' },
  ],
  [/\b(hide|don't show|do not show|stop showing)\b/, { kind: 'hide' }],
  [/\b(link|connect|add|sign in|log ?in)\b.*\b(account|bank|card)?\b/, { kind: 'link' }],
]

function greeting(said: string): Ask | null {
  return /^(hi|hello|hey|good (morning|afternoon|evening)|yo|hiya|get started)\b/.test(said)
    ? { kind: 'hello' }
    : null
}

function money(said: string, now: number, timeZone: string): Ask | null {
  const account = accountOf(said)
  const found = findPeriod(said, now, timeZone)
  const named = account ? { account } : {}
  if (/\b(spend|spent|spending|paid|pay)\b/.test(said)) {
    const merchant = merchantOf(said, found?.matched ?? '')
    return {
      kind: 'spending',
      period: found?.period ?? lastDays(30, now, timeZone),
      ...(merchant ? { merchant } : {}),
      ...named,
    }
  }
  if (
    /\b(transactions?|payments?|purchases?|activity|charges?|history|statement)\b/.test(said) ||
    /\bmovements?\b/.test(said)
  ) {
    const wanted = /\b(?:last|latest|recent|past|show|my)\s+(\d{1,2})\b/.exec(said)?.[1] ?? numberWord(said)
    const merchant = merchantOf(said, found?.matched ?? '')
    return {
      kind: 'transactions',
      limit: Math.min(10, Math.max(1, Number(wanted ?? 5))),
      ...(merchant ? { merchant } : {}),
      ...(found ? { period: found.period } : {}),
      ...named,
    }
  }
  if (account?.lastFour && /\b(card|account|ending|show|find)\b/.test(said) && !/\bbalance\b/.test(said)) {
    return { kind: 'account', lastFour: account.lastFour }
  }
  if (
    /\b(balance|balances|available|how much (money |cash )?(do i have|have i got|is (there|left|in)|left)|what do i have|am i in)\b/.test(
      said,
    )
  ) {
    return { kind: 'balance', ...named }
  }
  if (account?.type && /\b(show|see|my|the)\b/.test(said)) return { kind: 'balance', account }
  return null
}

function accountOf(said: string): AccountHint | null {
  const lastFour =
    /\b(?:ending|ends|ending in|ending with|card|account|number|\.\.)\s*(?:in |with )?(\d{4})\b/.exec(
      said,
    )?.[1]
  const type = /\bsavings?\b/.test(said)
    ? 'savings'
    : /\b(checking|chequing|current account)\b/.test(said)
      ? 'checking'
      : /\bcredit card\b/.test(said)
        ? 'credit-card'
        : undefined
  if (!lastFour && !type) return null
  return { ...(lastFour ? { lastFour } : {}), ...(type ? { type } : {}) }
}

/** "at Corner Market last week" → "corner market"; the stretch of time is cut out first. */
function merchantOf(said: string, time: string): string | null {
  const rest = time === '' ? said : said.replace(time, ' ').replace(/\s+/g, ' ').trim()
  const match = /\b(?:at|from|with|on|to)\s+(?:the |my )?([\p{L}\p{N}][\p{L}\p{N}' .&-]{1,60})$/u.exec(rest)
  const name = match?.[1]?.trim().replace(/\s+(in|on|for|since|during|from|so far|please)$/, '')
  if (!name || /^(account|card|it|this|that|them|me|month|week|checking|savings|credit card)$/.test(name))
    return null
  return name
}

const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
function numberWord(said: string): number | null {
  const at = words.findIndex((word) => new RegExp(`\\b${word}\\b`).test(said))
  return at < 0 ? null : at + 1
}
