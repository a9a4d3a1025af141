/** Control and line-breaking characters become a space. */
const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
/** Whatever is not seen, or turns text around (bidi controls are Cf), and what Unicode has not assigned. */
const invisible = /\p{Default_Ignorable_Code_Point}|[\p{Cf}\p{Co}\p{Cn}\p{Cs}\ufffd]/gu

const plainWords = /^[A-Za-z]+(?: [A-Za-z]+)*$/

const luhn = (digits: string): boolean => {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return sum % 10 === 0
}

/**
 * Account and card numbers stop at the connector: a run of eight digits or more, a grouped card number (Luhn), an IBAN
 * or a sort code with its account keep their last four digits only.
 */
export function dropNumbers(text: string): string {
  if (!/\d/.test(text)) return text
  return text
    .replace(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, (iban) =>
      /\d{4}/.test(iban) ? `··${iban.replaceAll(' ', '').slice(-4)}` : iban,
    )
    .replace(/\d{2}-\d{2}-\d{2}[ -]\d{6,8}/g, (account) => `··${account.slice(-4)}`)
    .replace(/\d(?:[ -]?\d){12,18}/g, (grouped) => {
      const digits = grouped.replace(/[ -]/g, '')
      return luhn(digits) ? `··${digits.slice(-4)}` : grouped
    })
    .replace(/\d{8,}/g, (run) => `··${run.slice(-4)}`)
}

/**
 * Text written by others (memo, payee, product name): one line of at most `max` characters, without controls, bidi
 * overrides, invisible characters or account numbers. Null when nothing is left.
 */
export function outsideText(value: unknown, max: number): string | null {
  if (typeof value !== 'string' || value === '') return null
  // Nearly every name a bank gives: plain words of letters, which all that follows would leave as they are.
  if (value.length <= max && plainWords.test(value)) return value
  const line = value
    .slice(0, max * 4)
    .toWellFormed()
    .normalize('NFC')
    .replace(breaks, ' ')
    .replace(invisible, '')
    .replace(/\s+/gu, ' ')
    .trim()
  const characters = Array.from(dropNumbers(line))
  const bounded =
    characters.length > max
      ? `${characters
          .slice(0, max - 1)
          .join('')
          .trimEnd()}…`
      : characters.join('')
  return bounded === '' ? null : bounded
}

/** The last four digits of a masked (or, at banks that still send it, whole) account number; '' when it has none. */
export function lastFourOf(value: unknown): string {
  if (typeof value !== 'string' || value.length > 256) return ''
  const digits = value.replace(/\D/g, '')
  return digits.length >= 4 ? digits.slice(-4) : ''
}
