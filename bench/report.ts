import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'

/** A bar: what must be reached, and what was. */
export type Bar = {
  readonly what: string
  readonly reached: number
  readonly bar: number
  /** `least`: reached ≥ bar; `most`: reached ≤ bar. */
  readonly is: 'least' | 'most'
  readonly unit: string
}
export type Row = Readonly<Record<string, string | number>>
export type Section = {
  readonly title: string
  readonly rows: readonly Row[]
  readonly bars: readonly Bar[]
  readonly notes?: readonly string[]
}
/** What a benchmark found: sections for the reader, and everything measured for whoever compares later. */
export type Result = {
  readonly name: string
  readonly sections: readonly Section[]
  readonly measured: unknown
}

/** Plain figures, one a row. */
export const figures = (title: string, found: Record<string, number>, bars: Bar[]): Section => ({
  title,
  rows: Object.entries(found).map(([what, value]) => ({ '': what, figure: value })),
  bars,
})

export const met = ({ reached, bar, is }: Bar): boolean => (is === 'least' ? reached >= bar : reached <= bar)

/** A number as a person reads it: 8 672, 12.4, 0.63. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const [whole = '', rest] = value.toFixed(digits).split('.')
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ' ')
  return rest === undefined ? spaced : `${spaced}.${rest}`
}

/** Prints a result: aligned tables, then each bar with PASS or MISS. */
export function print(result: Result, out: (line: string) => void): void {
  const colours = Boolean(process.stdout.isTTY)
  const paint = (code: number, text: string) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text)
  for (const { title, rows, bars, notes } of result.sections) {
    out('')
    out(paint(1, title))
    for (const line of table(rows)) out(`  ${line}`)
    for (const note of notes ?? []) out(`  ${note}`)
    for (const bar of bars) {
      const verdict = met(bar) ? paint(32, 'PASS') : paint(31, 'MISS')
      const sign = bar.is === 'least' ? '≥' : '≤'
      out(
        `  ${verdict}  ${bar.what}: ${figure(bar.reached)}${bar.unit} (bar ${sign} ${figure(bar.bar)}${bar.unit})`,
      )
    }
  }
}

function table(rows: readonly Row[]): string[] {
  const [first] = rows
  if (!first) return []
  const names = Object.keys(first)
  const cells = [names, ...rows.map((row) => names.map((name) => text(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  return cells.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  )
}
const text = (cell: string | number | undefined): string =>
  typeof cell === 'number' ? figure(cell) : (cell ?? '')

const resultsDir = join(import.meta.dirname, 'results')

/** Writes `bench/results/<name>.json`: figures and the kind of machine, nothing that names it. */
export function save(result: Result, about: { readonly quick: boolean }): string {
  mkdirSync(resultsDir, { recursive: true })
  const bars = result.sections.flatMap((section) => section.bars.map((bar) => ({ ...bar, pass: met(bar) })))
  const file = join(resultsDir, `${result.name}.json`)
  const content = {
    name: result.name,
    at: new Date().toISOString(),
    quick: about.quick,
    machine: {
      cpus: availableParallelism(),
      model: cpus()[0]?.model ?? '',
      platform: `${process.platform}-${process.arch}`,
      node: process.version,
    },
    bars,
    measured: result.measured,
  }
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
  writeFileSync(file, `${JSON.stringify(content, rounded, 2)}\n`)
  return `bench/results/${result.name}.json`
}
