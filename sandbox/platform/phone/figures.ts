/** Finds what a bank would call content in what a platform receives: figures (amounts, account numbers) and merchant-like names. */
export type Span = { readonly start: number; readonly end: number; readonly kind: 'figure' | 'name' }

const currency = String.raw`(?:US\$|CA\$|C\$|A\$|[$€£¥₹]|\b(?:USD|CAD|EUR|GBP|MXN|AUD|CHF|JPY)\b)`
/** Digits as they are grouped anywhere: by comma, point, apostrophe, or any of the three spaces. */
const digits = String.raw`\d(?:[\d.,'\u0020\u00a0\u202f]*\d)?`
const figurePatterns: readonly RegExp[] = [
  // An international account number.
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/gu,
  // With a currency on either side.
  new RegExp(String.raw`[-−+]?${currency}\s?[-−+]?${digits}`, 'gu'),
  new RegExp(String.raw`[-−+]?${digits}\s?${currency}`, 'gu'),
  new RegExp(String.raw`\b${digits}\s?(?:dollars?|euros?|pounds?|pesos?|cents?|livres|d[óo]lares)\b`, 'giu'),
  // Two decimals, or thousands grouped: money even when it does not say so. A plain space alone groups codes as well.
  /(?<![\d.,:/-])[-−+]?\d{1,3}(?:[,.'\u0020\u00a0\u202f]?\d{3})*[.,]\d{2}(?![\d:/]|[.,]\d)/gu,
  /(?<![\d.,:/-])\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?![\d/])/gu,
  // The tail of an account or card, and numbers long enough to be one.
  /(?:[·•*xX…]{2,}|\bending in |\bfinissant par |\bterminada en )\s?\d{3,6}\b/gu,
  /(?<![\w-])\d(?:[ -]?\d){8,}(?![\w-])/gu,
]

/** Words that make a capitalised name after "at" or "from" look like a merchant or payee. */
const aboutMoney =
  /\b(?:spent|paid|pay(?:ment)?s?|purchase|charged?|refund|card|transfer|bought|d[ée]pens|pay[ée]|achat|paiement|carte|gast|pag[óo]|compra|tarjeta)/iu
const named =
  /\b(?:at|from|to|chez|à|en|a)\s+((?:[A-ZÀ-Ý][\p{L}\p{N}'’&.*#-]*)(?:\s+(?:(?:of|the|and|de|du|la|le|&)\s+)?[A-ZÀ-Ý0-9][\p{L}\p{N}'’&.*#-]*){0,4})/gu
const notNames =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Today|Yesterday|Messenger|WhatsApp|I|You|Your|My|The|This|Checking|Savings)\b/u

const overlaps = (spans: readonly Span[], start: number, end: number): boolean =>
  spans.some((span) => start < span.end && end > span.start)

/** Spans in reading order, none overlapping. `known` are names that are no secret (the bank's own). */
export function findFigures(text: string, known: readonly string[] = []): Span[] {
  const spans: Span[] = []
  const limited = text.length > 20_000 ? text.slice(0, 20_000) : text
  if (/\d/.test(limited)) {
    for (const pattern of figurePatterns) {
      for (const match of limited.matchAll(pattern)) {
        const start = match.index
        const end = start + match[0].length
        if (!overlaps(spans, start, end)) spans.push({ start, end, kind: 'figure' })
      }
    }
  }
  if (aboutMoney.test(limited)) {
    for (const match of limited.matchAll(named)) {
      const name = (match[1] as string).replace(/[.,]+$/, '')
      const start = match.index + match[0].length - (match[1] as string).length
      if (notNames.test(name) || known.some((one) => one.startsWith(name) || name.startsWith(one))) continue
      if (!overlaps(spans, start, start + name.length))
        spans.push({ start, end: start + name.length, kind: 'name' })
    }
  }
  return spans.sort((left, right) => left.start - right.start)
}

const opaqueKeys = new Set([
  'id',
  'mid',
  'psid',
  'metadata',
  'persona_id',
  'attachment_id',
  'message_id',
  'access_token',
  'appsecret_proof',
  'target_app_id',
  'app_id',
  'timestamp',
  'time',
  'watermark',
  'mids',
  'sticker_id',
  'order_number',
  'authorization_code',
])
const amountKeys = new Set(['price', 'amount', 'subtotal', 'shipping_cost', 'total_tax', 'total_cost'])
const nameKeys = new Set(['merchant_name', 'element_title'])

/** The field a value is judged as: the title of a card or of a receipt's line names a shop, an account or a purchase. */
export const fieldName = (list: string, name: string): string =>
  list === 'elements' && name === 'title' ? 'element_title' : name

/** What is to be marked in one JSON value, given the name of its field. */
export function spansOfField(key: string, value: string | number, known: readonly string[] = []): Span[] {
  const text = String(value)
  if (opaqueKeys.has(key)) return []
  if (amountKeys.has(key)) return [{ start: 0, end: text.length, kind: 'figure' }]
  if (nameKeys.has(key)) return known.includes(text) ? [] : [{ start: 0, end: text.length, kind: 'name' }]
  if (typeof value === 'number') return []
  // In an address only what looks like money counts: its random parts are full of digits.
  if (/^https?:\/\//.test(text))
    return findFigures(text).filter((span) => /[.,]\d{2}$|[$€£]/u.test(text.slice(span.start, span.end)))
  return findFigures(text, known)
}

export type Tally = { figures: number; names: number }

/** Counts what is in a whole JSON value. */
export function tallyOf(value: unknown, known: readonly string[] = [], key = ''): Tally {
  const tally: Tally = { figures: 0, names: 0 }
  if (typeof value === 'string' || typeof value === 'number') {
    for (const span of spansOfField(key, value, known)) tally[span.kind === 'figure' ? 'figures' : 'names']++
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      const part = tallyOf(inner, known, Array.isArray(value) ? key : fieldName(key, name))
      tally.figures += part.figures
      tally.names += part.names
    }
  }
  return tally
}

/** A request body as a value: JSON, or a form whose fields may themselves be JSON. */
export function readableBody(body: string): unknown {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      return undefined
    }
  }
  const json = parse(body)
  if (json !== undefined) return json
  const form: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(body))
    form[name] = /^\s*[[{]/.test(value) ? (parse(value) ?? value) : value
  return form
}
