declare const safe: unique symbol
/** Markup that is safe to send. Only `html` and `raw` make it. */
export type Html = { readonly markup: string; readonly [safe]?: never }

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => escapes[mark]!)

type Slot = string | number | Html | readonly Html[] | false | null | undefined

const slot = (value: Slot): string => {
  if (value === false || value === null || value === undefined) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('')
}

/** A template whose values are escaped; nested templates are kept as they are. */
export const html = (parts: TemplateStringsArray, ...values: readonly Slot[]): Html => ({
  markup: parts.reduce((text, part, index) => text + slot(values[index - 1]) + part),
})

/** Markup from a trusted constant or library, never from a person or a client. */
export const raw = (markup: string): Html => ({ markup })
