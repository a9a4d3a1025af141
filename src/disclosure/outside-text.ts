/**
 * Text that somebody else wrote: a merchant, a payer, the customer's own nickname for an account, an AI model. It is
 * data. It may be read; it may not link, mention, dial, break out of its line, reorder what stands beside it, or grow.
 */
export const outsideTextLimit = 40

const plainWords = /^[A-Za-z]+(?: [A-Za-z]+)*$/
/** What may stay, after everything else became a space: letters, digits, marks, and a few plain signs. */
const plain = /[^\p{L}\p{N}\p{M} &'’\-,./+#()!%$£€]/gu
/** More than two marks on one letter is a tower, not a language. */
const towers = /(\p{M}{2})\p{M}+/gu
/** A dot between letters or digits is what turns a word into a link ("evil.example"). 3002 is a dot to IDNA (UTS 46). */
const joiningDots = /(?<=[\p{L}\p{N}])[.\u3002]+(?=[\p{L}\p{N}])/gu
/** Seven digits or more, however they are spaced: a telephone number, an account, a card. */
const longNumber = /\+?\(?\p{Nd}(?:[ ()\-./,+]{0,3}\p{Nd}){6,}/gu
/** Two letters, two digits, then eleven or more, however they are spaced: what an IBAN looks like (ISO 13616). */
const ibanLike = /\b[A-Z]{2}\p{Nd}{2}(?:[ -]?[A-Z\p{Nd}]){11,}/giu
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * Makes outside text inert and short: at most `limit` characters, one line, no address that a messenger would turn
 * into a link, no long number. Empty when nothing is left.
 */
export function inert(text: string, limit = outsideTextLimit): string {
  // Words of plain letters are inert already, and most names are nothing else.
  if (text.length <= limit && plainWords.test(text)) return text
  // A hostile memo can be megabytes; what matters is at its start.
  let out = text
    .slice(0, limit * 8)
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Cf}|\p{Cc}|\u034f|[\u115f\u1160]|\u17b4|\u17b5|\u3164|\uffa0/gu, (c) =>
      /\s/.test(c) ? ' ' : '',
    )
    .replace(joiningDots, ' ')
    .replace(plain, ' ')
    .replace(towers, '$1')
    .replace(/#+(?=\p{L})/gu, '')
    .replace(/\/{2,}/g, ' ')
    // Signs that fell away may have left a dot between words again.
    .replace(joiningDots, ' ')
    .replace(ibanLike, '…')
    .replace(longNumber, '…')
    // A number that fell away may have hidden where the next one begins.
    .replace(ibanLike, '…')
    .replace(/\s+/g, ' ')
    // What fell away may have freed or closed up another one.
    .replace(ibanLike, '…')
    .trim()
  const characters = Array.from(out)
  if (characters.length > limit) {
    out = `${characters
      .slice(0, limit - 1)
      .join('')
      .trimEnd()}…`
  }
  // Letters written right to left would drag the amount beside them along: isolate them (UAX 9, FSI and PDI).
  return rightToLeft.test(out) ? `\u2068${out}\u2069` : out
}

/**
 * No digit of any script, nor anything that folding turns into one (², ①, １), is outside these ranges. Wider than need
 * be, because it is asked of every text and a plain class is quick where a property is not; U+2000 to U+206F is
 * punctuation, which nearly every text has.
 */
const mayHoldDigits = /[0-9\u00b2\u00b3\u00b9\u00bc-\u00be\u0660-\u1fff\u2070-\uffff]/

export type Forbidden = 'card_number' | 'iban' | 'social_security_number'

/**
 * The last look at any text on its way out: numbers that may never be in a chat, whoever wrote them and however they
 * are spaced or spelled (PCI DSS 3.4.1). Null when there is none.
 */
export function forbiddenIn(text: string): Forbidden | null {
  if (!mayHoldDigits.test(text)) return null
  const folded = foldDigits(text)
  for (const [, found] of folded.matchAll(/(?<![A-Z0-9])(?=([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}))/gi))
    if (found !== undefined && holdsIban(found.replace(/[^A-Z0-9]/gi, '').toUpperCase())) return 'iban'
  for (const [run] of folded.matchAll(/\d(?:[ \-.·_/]?\d){12,}/g))
    if (holdsCardNumber(run.replace(/\D/g, ''))) return 'card_number'
  // Area 000, 666 and 9xx were never issued; group 00 and serial 0000 neither.
  if (/(?<!\d)(?!000|666|9)\d{3}[ -](?!00)\d{2}[ -](?!0000)\d{4}(?!\d)/.test(folded))
    return 'social_security_number'
  return null
}

/** Compatibility forms, digits of every script, invisible characters and odd spaces, all made plain. */
const foldDigits = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}\u034f]/gu, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitValue(digit)))

/** Unicode encodes the decimal digits of each script as ten in a row, so zero is where the run of Nd starts. */
function digitValue(digit: string): number {
  const at = digit.codePointAt(0) ?? 0
  for (let value = 0; value < 10; value++)
    if (!/\p{Nd}/u.test(String.fromCodePoint(at - value - 1))) return value
  return at % 10
}

/** True when 13 to 19 digits in a row pass the Luhn check (ISO/IEC 7812-1) and start as a payment card does. */
function holdsCardNumber(digits: string): boolean {
  for (let from = 0; from + 13 <= digits.length; from++) {
    // 2 to 6 are the issuers' ranges of payment cards; without it one long reference in ten would be refused.
    if (!/[2-6]/.test(digits.charAt(from))) continue
    for (let length = 13; length <= 19 && from + length <= digits.length; length++)
      if (luhn(digits, from, length)) return true
  }
  return false
}

function luhn(digits: string, from: number, length: number): boolean {
  let sum = 0
  for (let i = 0; i < length; i++) {
    const digit = digits.charCodeAt(from + length - 1 - i) - 48
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/** ISO 7064 mod 97-10 over every prefix long enough to be an IBAN. */
function holdsIban(text: string): boolean {
  for (let length = 15; length <= Math.min(34, text.length); length++) {
    const turned = text.slice(4, length) + text.slice(0, 4)
    let remainder = 0
    for (const character of turned) {
      const value = Number.parseInt(character, 36)
      remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
    }
    if (remainder === 1) return true
  }
  return false
}
