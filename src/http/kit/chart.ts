import { attr, type Html, html, nothing, raw } from './html.ts'

/** One column or bar: its short name, its amount in words, its size (any unit, not negative). */
export type Mark = {
  readonly label: string | Html
  /** The name in full, for the table. */
  readonly fullLabel?: string
  readonly amount: string
  /** Said small under the amount (bars only). */
  readonly note?: string | null
  readonly size: number
  readonly icon?: Html
  /** Shown stronger (the present month). */
  readonly strong?: boolean
}

const share = (size: number, largest: number): number => (largest <= 0 ? 0 : Math.max(0, size) / largest)

/** The numbers of a chart as a table: the same content for those who would rather read it. */
const table = (caption: string, head: readonly [string, string], marks: readonly Mark[]): Html =>
  html`<table><caption class="unseen">${caption}</caption><thead><tr><th scope="col">${head[0]}</th><th scope="col">${head[1]}</th></tr></thead><tbody>${marks.map(
    (mark) => html`<tr><th scope="row">${mark.fullLabel ?? mark.label}</th><td>${mark.amount}</td></tr>`,
  )}</tbody></table>`

/**
 * Amounts side by side, oldest first: an inline drawing whose geometry is in attributes (a strict style policy allows
 * no other), with its table behind it. `summary` says in one sentence what there is to see.
 */
export function columnChart(options: {
  caption: string
  summary: string
  tableLabel: string
  head: readonly [string, string]
  marks: readonly Mark[]
}): Html {
  const marks = options.marks.slice(-12)
  const largest = Math.max(0, ...marks.map((mark) => mark.size))
  const step = 320 / Math.max(1, marks.length)
  const width = Math.min(36, step * 0.62)
  const columns = marks.map((mark, i) => {
    const height = Math.max(2, Math.round(share(mark.size, largest) * 104))
    const centre = step * (i + 0.5)
    return html`<rect${attr('class', mark.strong && 'strong')} x="${(centre - width / 2).toFixed(1)}" y="${116 - height}" width="${width.toFixed(1)}" height="${height}" rx="4"/><text x="${centre.toFixed(1)}" y="136">${mark.label}</text>`
  })
  return html`<figure class="chart"><figcaption>${options.caption}</figcaption><svg class="columns" viewBox="0 0 320 144" role="img" aria-label="${options.summary}"><path d="M0 116.5h320"/>${columns}</svg><p class="soft">${options.summary}</p><details><summary>${options.tableLabel}</summary>${table(options.caption, options.head, marks)}</details></figure>`
}

/** Amounts one under the other, largest first. */
export function barChart(options: Bars & { summary: string }): Html {
  return html`<figure class="chart"><figcaption>${options.caption}</figcaption><p class="soft">${options.summary}</p>${barTable(options)}</figure>`
}

type Bars = { caption: string; head: readonly [string, string]; marks: readonly Mark[] }
/** The table itself is the chart: each row carries its bar. */
export function barTable({ caption, head, marks }: Bars): Html {
  const largest = Math.max(0, ...marks.map((mark) => mark.size))
  return html`<table class="bars"><caption class="unseen">${caption}</caption><thead class="unseen"><tr><th scope="col">${head[0]}</th><th scope="col">${head[1]}</th></tr></thead><tbody>${marks.map(
    (mark) =>
      html`<tr><th scope="row">${mark.icon ?? nothing}<span>${mark.label}</span></th><td>${mark.amount}${mark.note && html`<br><small>${mark.note}</small>`}<svg class="bar-line" aria-hidden="true" height="6" width="100%">${raw('<rect class="rail" width="100%" height="6" rx="3"/>')}<rect width="${Math.max(1, Math.round(share(mark.size, largest) * 100))}%" height="6" rx="3"/></svg></td></tr>`,
  )}</tbody></table>`
}
