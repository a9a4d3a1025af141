import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { run } from 'node:test'
import { styleText } from 'node:util'
import { stopShared } from '../src/core/db/embedded.ts'
import { testDataDir } from '../tests/database.ts'

/*
 * All checks of the project, in one run: types, lint and format first, then every test file, two at a time. With a
 * PATTERN (part of a path) only the matching test files. Ends with one line: `N passed, N failed, N skipped`.
 */
const root = join(import.meta.dirname, '..')
const patterns = process.argv.slice(2).filter((argument) => argument !== '--')
const tally = { passed: 0, failed: 0, skipped: 0 }
const say = (text: string) => process.stdout.write(`${text}\n`)
const styled = (style: 'green' | 'red' | 'dim' | 'yellow', text: string) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** One of the project's own commands, counted as one check. */
async function check(name: string, command: string, ...rest: string[]): Promise<void> {
  const begin = performance.now()
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', command), rest, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ code: 1, said: error.message }))
    child.on('close', (status) => resolve({ code: status ?? 1, said }))
  })
  tally[code === 0 ? 'passed' : 'failed']++
  say(
    `${code === 0 ? styled('green', '✓') : styled('red', '✗')} ${name} ${styled('dim', seconds(performance.now() - begin))}`,
  )
  if (code !== 0) say(said.trim())
}

/** Quick ones first, so that what is broken shows early; whole-house and browser tests last. */
const order = ['src/', 'sandbox/', 'bench/', 'tests/wire/', 'tests/', 'tests/stories/', 'tests/browser/']
const rank = (file: string) => {
  const best = order.filter((prefix) => file.startsWith(prefix)).sort((a, b) => b.length - a.length)[0]
  return best === undefined ? order.length : order.indexOf(best)
}

function testFiles(): string[] {
  return globSync(
    [
      'src/**/*.test.ts',
      'sandbox/**/*.test.ts',
      'tests/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/*.test.ts',
    ],
    { cwd: root },
  )
    .map((file) => file.split(sep).join('/'))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

type Failure = { readonly file: string; readonly name: string; readonly why: string }

async function runTests(files: readonly string[]): Promise<void> {
  const failures: Failure[] = []
  const open = new Map<string, { passed: number; failed: number; skipped: number; printed: string }>()
  const entry = (file: string) => {
    const found = open.get(file) ?? { passed: 0, failed: 0, skipped: 0, printed: '' }
    open.set(file, found)
    return found
  }
  const name = (file: string | undefined) =>
    file === undefined ? '?' : relative(root, file).split(sep).join('/')
  const stream = run({
    files: files.map((file) => join(root, file)),
    cwd: root,
    concurrency: 2,
    timeout: 300_000,
  })
  // A suite or a file as such is not a test: only leaves count.
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isFile(event.name)) return
    entry(name(event.file))[event.skip !== undefined || event.todo !== undefined ? 'skipped' : 'passed']++
    if (typeof event.skip === 'string') say(styled('yellow', `- ${event.name}: ${event.skip}`))
  })
  stream.on('test:fail', (event) => {
    const cause = event.details.error.cause
    const { failureType } = event.details.error as { failureType?: string }
    const file = isFile(event.name) ? name(event.name) : name(event.file)
    // A parent fails because its children did: those are counted and shown themselves. Unless it is what goes before or
    // after them that failed: then only the parent knows why.
    if (event.details.type === 'suite' || failureType === 'subtestsFailed') {
      if (failureType === 'hookFailed')
        failures.push({
          file,
          name: `before or after: ${event.name}`,
          why: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
        })
      return
    }
    if (event.todo !== undefined) {
      entry(file).skipped++
      return
    }
    const why =
      cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? event.details.error.message)
    entry(file).failed++
    failures.push({
      file,
      name: isFile(event.name) ? 'the file itself' : event.name,
      why: `${why}${isFile(event.name) ? `\n${entry(file).printed}` : ''}`,
    })
  })
  const keep = (event: { file?: string; message: string }) => {
    const found = entry(name(event.file))
    found.printed = (found.printed + event.message).slice(-4_000)
  }
  stream.on('test:stderr', keep)
  stream.on('test:summary', (event) => {
    if (event.file === undefined) return
    const file = name(event.file)
    const { passed, failed, skipped } = entry(file)
    const counts = [
      `${passed}`,
      failed > 0 ? `${failed} failed` : '',
      skipped > 0 ? `${skipped} skipped` : '',
    ]
      .filter(Boolean)
      .join(', ')
    say(
      `${failed > 0 ? styled('red', '✗') : styled('green', '✓')} ${file} ${styled('dim', `${counts} · ${seconds(event.duration_ms)}`)}`,
    )
  })
  await new Promise<void>((resolve, reject) => {
    stream.on('end', resolve)
    stream.on('error', reject)
    stream.resume()
  })
  for (const { passed, failed, skipped } of open.values()) {
    tally.passed += passed
    tally.failed += failed
    tally.skipped += skipped
  }
  for (const { file, name: test, why } of failures) say(`\n${styled('red', `✗ ${file}: ${test}`)}\n${why}`)
}

const isFile = (test: string) => test.endsWith('.test.ts')

const files = testFiles()
if (patterns.length === 0) {
  await check('types', 'tsc', '-p', '.')
  await check(
    'lint',
    'oxlint',
    '--type-aware',
    '--deny-warnings',
    'src',
    'sandbox',
    'tests',
    'bench',
    'scripts',
    'bin',
  )
  await check('format', 'biome', 'format', '--reporter=summary', '.')
} else if (files.length === 0) {
  say(`No test file matches ${patterns.join(' ')}.`)
  tally.failed++
}
try {
  if (files.length > 0) await runTests(files)
} finally {
  // Ours to stop only when we ran everything: with a pattern, somebody may be trying tests over and over.
  if (patterns.length === 0) await stopShared(testDataDir)
}
say(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`)
process.exitCode = tally.failed > 0 ? 1 : 0
