import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJudge } from './judge.ts'
import { readSamples } from './samples.ts'

/**
 * `npm run test:wire [-- --verbose]`: recorded payloads of the platforms against the adapters. Webhooks go signed through
 * the real door and must be answered 200 with each event named; requests, responses and errors go through the adapter's
 * own types. GUICHET_SAMPLES names the directory.
 */

const verbose = process.argv.includes('--verbose')
const given = process.env.GUICHET_SAMPLES
const beside = fileURLToPath(new URL('../../../shared/data/webhooks', import.meta.url))
const directory = given === undefined || given === '' ? beside : resolve(given)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

if (!existsSync(directory)) {
  say(
    given
      ? `The directory in GUICHET_SAMPLES does not exist: ${given}`
      : 'No samples here: set GUICHET_SAMPLES to a directory of {source, platform, kind, payload} files.',
  )
  say('0 passed, 0 failed, 0 skipped')
  // A directory asked for by name and not there is a mistake; none at hand is not.
  process.exitCode = given ? 1 : 0
} else {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const skips = new Map<string, number>()
  await using judge = await openJudge()
  for (const sample of readSamples(directory)) {
    const verdict =
      'fault' in sample ? { result: 'failed' as const, why: sample.fault } : await judge.judge(sample)
    counts[verdict.result]++
    if (verdict.result === 'failed') say(`FAILED ${sample.file}: ${verdict.why}`)
    else if (verdict.result === 'skipped') skips.set(verdict.why, (skips.get(verdict.why) ?? 0) + 1)
    else if (verbose) say(`ok ${sample.file}: ${verdict.note}`)
  }
  for (const [why, times] of skips) say(`skipped ${times}: ${why}`)
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  if (counts.failed > 0) process.exitCode = 1
}
