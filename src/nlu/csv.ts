import { readFileSync } from 'node:fs'
import { OperatorError } from '../core/operator-error.ts'
import { languages, type Language } from './reading.ts'

/** A labelled sentence. English unless said otherwise. */
export type Example = { readonly text: string; readonly label: string; readonly language?: Language }

const mostBytes = 64 * 1024 * 1024

/** Reads a file as text. OperatorError `file_unreadable` or `file_too_large`, naming it. */
export function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    const why = (cause as { code?: string }).code === 'ENOENT' ? 'There is no such file' : 'It cannot be read'
    throw new OperatorError('file_unreadable', `${file}: ${why}.`, { cause })
  }
  if (bytes.length > mostBytes) throw new OperatorError('file_too_large', `${file}: more than 64 MB.`)
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/**
 * Labelled sentences from `text,category` rows (RFC 4180; the header names the columns; `language` may be a third, others are passed over). Throws
 * OperatorError `csv_malformed` with each bad line's number, at most ten.
 */
export function readExamples(file: string): Example[] {
  const { rows, faults } = parseCsv(readText(file))
  const head = rows[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  const text = head.indexOf('text')
  const category = head.indexOf('category')
  const tongue = head.indexOf('language')
  if (text < 0 || category < 0)
    throw new OperatorError(
      'csv_malformed',
      `${file}: line 1 must be the header "text,category" (it is the first line of every labelled file).`,
    )
  const examples: Example[] = []
  for (const { cells, line } of rows.slice(1)) {
    const language = cells[tongue]?.trim() as Language | undefined
    const one = {
      text: cells[text]?.trim() ?? '',
      label: cells[category]?.trim() ?? '',
      ...(language !== undefined && { language }),
    }
    if (cells.length !== head.length)
      faults.push({
        line,
        says: `${cells.length} columns where the header has ${head.length} (a comma inside a text needs quotes around it)`,
      })
    else if (one.text === '') faults.push({ line, says: 'the text is empty' })
    else if (language !== undefined && !languages.includes(language))
      faults.push({ line, says: `the language is none of ${languages.join(', ')}` })
    else if (one.label === '') faults.push({ line, says: 'the category is empty' })
    else examples.push(one)
  }
  if (faults.length > 0)
    throw new OperatorError('csv_malformed', [
      ...faults.slice(0, 10).map(({ line, says }) => `${file}: line ${line}: ${says}.`),
      ...(faults.length > 10 ? [`${file}: and ${faults.length - 10} more bad lines.`] : []),
    ])
  if (examples.length === 0) throw new OperatorError('csv_malformed', `${file}: no rows after the header.`)
  return examples
}

type Row = { readonly cells: string[]; readonly line: number }
type Fault = { readonly line: number; readonly says: string }

/** RFC 4180: quotes, doubled quotes, line breaks within quotes, CRLF or LF; blank lines are passed over. */
export function parseCsv(source: string): { rows: Row[]; faults: Fault[] } {
  const rows: Row[] = []
  const faults: Fault[] = []
  let at = 0
  let line = 1
  while (at < source.length) {
    const started = line
    const cells: string[] = []
    for (;;) {
      let cell = ''
      if (source[at] === '"') {
        at++
        for (;;) {
          const close = source.indexOf('"', at)
          const piece = source.slice(at, close < 0 ? undefined : close)
          cell += piece
          for (const character of piece) if (character === '\n') line++
          if (close < 0) {
            faults.push({ line: started, says: 'a quote is opened and never closed' })
            at = source.length
            break
          }
          at = close + 1
          if (source[at] !== '"') break
          cell += '"'
          at++
        }
        const rest = /[^,\r\n]*/y
        rest.lastIndex = at
        const after = rest.exec(source)?.[0] ?? ''
        if (after.trim() !== '') faults.push({ line, says: 'text after a closing quote' })
        at += after.length
      } else {
        const rest = /[^,\r\n]*/y
        rest.lastIndex = at
        cell = rest.exec(source)?.[0] ?? ''
        at += cell.length
      }
      cells.push(cell)
      if (source[at] !== ',') break
      at++
    }
    if (source[at] === '\r') at++
    if (source[at] === '\n') at++
    line++
    if (cells.length > 1 || cells[0]?.trim() !== '') rows.push({ cells, line: started })
  }
  return { rows, faults }
}

/** Training sentences of each class. */
export function countsOf(examples: readonly Example[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1)
  return Object.fromEntries(counts)
}
