import { h } from './dom.ts'
import { fieldName, spansOfField } from './figures.ts'

/** A line of text with what was found in it marked. */
export function marked(key: string, value: string | number, known: readonly string[]): DocumentFragment {
  const text = String(value)
  const fragment = document.createDocumentFragment()
  let from = 0
  for (const span of spansOfField(key, value, known)) {
    fragment.append(
      text.slice(from, span.start),
      h(
        'mark',
        {
          class: span.kind,
          title: span.kind === 'figure' ? 'A figure the platform can read' : 'A name the platform can read',
        },
        text.slice(span.start, span.end),
      ),
    )
    from = span.end
  }
  fragment.append(text.slice(from))
  return fragment
}

/** JSON as a person reads it: indented, coloured by kind, figures marked. Bounded in depth and size by its source. */
export function jsonView(value: unknown, known: readonly string[]): HTMLElement {
  const out = h('code', { class: 'json' })
  const write = (part: unknown, key: string, indent: string): void => {
    if (part === null || typeof part === 'boolean' || part === undefined)
      out.append(h('span', { class: 'j-word' }, String(part)))
    else if (typeof part === 'number') out.append(h('span', { class: 'j-number' }, marked(key, part, known)))
    else if (typeof part === 'string')
      out.append(h('span', { class: 'j-text' }, '"', marked(key, part, known), '"'))
    else {
      const list = Array.isArray(part)
      const entries = Object.entries(part)
      if (entries.length === 0) return out.append(list ? '[]' : '{}')
      out.append(list ? '[' : '{')
      for (const [index, [name, inner]] of entries.entries()) {
        out.append(`\n${indent}  `)
        if (!list) out.append(h('span', { class: 'j-key' }, `"${name}"`), ': ')
        write(inner, list ? key : fieldName(key, name), `${indent}  `)
        if (index < entries.length - 1) out.append(',')
      }
      out.append(`\n${indent}${list ? ']' : '}'}`)
    }
  }
  write(value, '', '')
  return out
}
