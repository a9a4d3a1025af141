import { lastAsked, spokenOf } from '../conversation/thread.ts'
import type { Thread } from '../conversation/thread.ts'
import type { Clause } from '../nlu/reading.ts'
import { ask as askSchema, type Ask } from './ask.ts'

/**
 * "How much have I sent her this year": what was sent to, or came from, somebody who was named before. A shop may be
 * "them"; a person alone is "her", and asked for where nobody was named.
 */
const gave =
  'sent|send|paid|pay|given|give|gave|transferred|transfer|zelled?|venmoed|venmo|wired?|owed?|e-?transferred'
const forms: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(
      `\\b((?:have i|i(?:['’]ve| have)?|did i|do i)(?: ever| already)? (?:${gave})(?: money)?) (?:to )?(her|him|them)\\b`,
      'iu',
    ),
    '$1 to NAME',
  ],
  [new RegExp(`\\b((?:has|have|did|does)) (she|he)(?= (?:ever |already )?(?:${gave})\\b)`, 'iu'), '$1 NAME'],
  [
    /(?<!\p{L})l(e|es)\s+((?:h?e|hemos|hab[ií]a)\s+(?:mandado|enviado|pagado|dado|transferido|depositado)|mand[eé]|envi[eé]|pagu[eé]|transfer[ií]|deposit[eé])(?:\s+a\s+(?:ella|[eé]l|ellos|ellas))?(?!\p{L})(?!\s+(?:a|al)\s+\p{L})/iu,
    '$2 a NAME',
  ],
  [
    /(?<!\p{L})(?:je\s+)?(lui|leur)\s+ai\s+((?:d[ée]j[àa]\s+)?(?:envoy|donn|vir|pay|transf[ée]r|rembours|vers)[ée]s?)(?!\p{L})(?!\s+(?:à|a|chez)\s+\p{L})/iu,
    'j’ai $2 à NAME',
  ],
  [
    /(?<!\p{L})(lui|leur)\s+ai[- ]je\s+((?:d[ée]j[àa]\s+)?(?:envoy|donn|vir|pay|transf[ée]r|rembours|vers)[ée]s?)(?!\p{L})/iu,
    'ai-je $2 à NAME',
  ],
]
/** One person, and never a shop. */
const oneAlone = /^(?:her|him|she|he|lui|e)$/i

/** The text with the name instead of the pronoun; `whom`: somebody is meant and nobody was named. Else as it was. */
export function named(text: string, thread: Thread, now: number): { text: string; whom: boolean } {
  for (const [form, instead] of forms) {
    const found = form.exec(text)
    if (!found) continue
    const name = nameBefore(thread, now)
    if (name !== null)
      return {
        text: text.replace(
          form,
          instead.replace('NAME', () => name),
        ),
        whom: false,
      }
    return { text, whom: found.slice(1).some((piece) => piece !== undefined && oneAlone.test(piece)) }
  }
  return { text, whom: false }
}

/** Who or what was named last: beside an order to pay, or in a question. */
function nameBefore(thread: Thread, now: number): string | null {
  const spoken = spokenOf(thread, now)
  const last = askSchema.safeParse(lastAsked(thread, now))
  const asked = !last.success
    ? null
    : last.data.kind === 'income'
      ? (last.data.payer ?? null)
      : last.data.kind === 'spending' || last.data.kind === 'transactions'
        ? (last.data.merchant ?? null)
        : null
  const older = (thread.context.last?.at ?? 0) < (spoken?.at ?? 0)
  return asked !== null && !older ? asked : (spoken?.name ?? asked)
}

/** Whom an order to pay names ("send Priya 20"), to be remembered; null for anything else. */
export function payeeIn(asked: Ask, { slots: { names } }: Clause): string | null {
  const pays = asked.kind === 'told' && (asked.about === 'pay' || asked.about === 'request-money')
  return pays ? (names[0]?.slice(0, 40) ?? null) : null
}
