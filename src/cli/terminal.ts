import { styleText } from 'node:util'
import { OperatorError } from '../core/operator-error.ts'
import { OutsideError } from '../core/refusal.ts'

/** One thing that a check found: how it stands, in a sentence, and what to do when it is not well. */
export type Finding = {
  readonly level: 'ok' | 'warn' | 'fail'
  /** What it is about: `database`, `bank harbor`. */
  readonly about: string
  readonly say: string
  readonly todo?: string
}

export const out = (text: string): void => void process.stdout.write(`${text}\n`)
export const err = (text: string): void => void process.stderr.write(`${text}\n`)

type Style = Parameters<typeof styleText>[0]
/** Colour only where a person looks (and NO_COLOR is not set). */
export const styled = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(style, text, { stream, validateStream: true })

const marks = { ok: ['green', '✓'], warn: ['yellow', '!'], fail: ['red', '✗'] } as const

/** Many good findings about one thing, as one line. */
function condense(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.flatMap((finding) => {
    const { level, about } = finding
    if (level !== 'ok') return [finding]
    const good = findings.filter((other) => other.about === about && other.level === 'ok').length
    if (good <= 2) return [finding]
    if (seen.has(about)) return []
    seen.add(about)
    return [{ level, about, say: `${good} checks passed.` }]
  })
}

/**
 * Prints findings for a person (`brief`: many good ones about one thing in one line) or, as one JSON document, for a
 * machine. True when nothing fails.
 */
export function report(all: readonly Finding[], json: boolean, brief = false): boolean {
  const findings = brief && !json ? condense(all) : all
  const ok = findings.every(({ level }) => level !== 'fail')
  if (json) {
    out(JSON.stringify({ ok, findings }, null, 2))
    return ok
  }
  const wide = Math.max(0, ...findings.map(({ about }) => about.length))
  for (const { level, about, say, todo } of findings) {
    const [colour, mark] = marks[level]
    out(`${styled(colour, mark)} ${about.padEnd(wide)}  ${say}`)
    if (todo && level !== 'ok') out(`  ${' '.repeat(wide)}  → ${todo}`)
  }
  const many = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  out(
    ok
      ? `All well${many('warn') > 0 ? `, ${many('warn')} to look at` : ''}.`
      : `${many('fail')} to put right, ${many('warn')} to look at.`,
  )
  return ok
}

/** A fault as the person or machine that runs the command should see it. A bug alone shows its stack. */
export function complain(error: unknown, json: boolean): void {
  const outside = error instanceof OutsideError
  if (!(error instanceof OperatorError) && !outside) {
    if (json) out(JSON.stringify({ ok: false, code: 'bug' }))
    err(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return
  }
  const faults = outside
    ? [`Something outside did not work: ${error.code}.${error.retryable ? ' Try again in a while.' : ''}`]
    : error.faults
  if (json) out(JSON.stringify({ ok: false, code: error.code, faults }, null, 2))
  else for (const fault of faults) err(`${styled('red', '✗', process.stderr)} ${fault}`)
}

/**
 * Wraps a command's work: its answer becomes the exit code (true or nothing = 0, false = 1), its trouble one line each.
 * The options come before the command in what commander hands over; `--json` is read from them.
 */
export function command<Arguments extends unknown[]>(
  work: (...given: Arguments) => Promise<boolean | void> | boolean | void,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    const json = given.some(
      (value) => typeof value === 'object' && value !== null && 'json' in value && value.json === true,
    )
    try {
      const well = await work(...given)
      process.exitCode = well === false ? 1 : 0
    } catch (error) {
      complain(error, json)
      process.exitCode = 1
    }
  }
}

/** Rows under headings, columns aligned. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows]
  const wide = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(wide[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
