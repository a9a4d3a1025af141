/**
 * Money is an integer number of minor units of an ISO 4217 currency. Never a binary float: decimals from
 * a bank are parsed from their text.
 */
export type Money = { readonly amountMinor: number; readonly currency: string }

/** Minor-unit digits by ISO 4217 (only the currencies that differ from two are listed). */
const digitsByCurrency: Readonly<Record<string, number>> = {
  BHD: 3,
  CLP: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
}

/** How many digits follow the decimal sign in this currency. */
export const minorDigits = (currency: string): number => digitsByCurrency[currency] ?? 2

/**
 * Reads a decimal text such as "-1234.5" or "12" exactly. More digits than the currency has are accepted only when
 * they are zeros; anything else gives null (the caller says which field of which answer was wrong).
 */
export function parseDecimal(text: string, currency: string): Money | null {
  const match = /^([+-]?)(\d{1,15})(?:\.(\d{0,10}))?$/.exec(text.trim())
  if (!match) return null
  const digits = minorDigits(currency)
  const fraction = match[3] ?? ''
  if (/[^0]/.test(fraction.slice(digits))) return null
  const magnitude = Number(match[2] + fraction.slice(0, digits).padEnd(digits, '0'))
  if (!Number.isSafeInteger(magnitude)) return null
  return { amountMinor: match[1] === '-' && magnitude !== 0 ? -magnitude : magnitude, currency }
}

/** The exact decimal text of an amount, e.g. {amountMinor: 1234, currency: 'USD'} → "12.34". */
export function decimalText(money: Money): string {
  const digits = minorDigits(money.currency)
  const text = String(Math.abs(money.amountMinor)).padStart(digits + 1, '0')
  const whole = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return money.amountMinor < 0 ? `-${whole}` : whole
}

/** Adds amounts of one currency; a mix is a bug of the caller. */
export function sum(amounts: readonly Money[], currency: string): Money {
  let amountMinor = 0
  for (const amount of amounts) {
    if (amount.currency !== currency) throw new Error(`cannot add ${amount.currency} to ${currency}`)
    amountMinor += amount.amountMinor
  }
  return { amountMinor, currency }
}
