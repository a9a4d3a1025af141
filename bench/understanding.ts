import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openLogger } from '../src/core/logger.ts'
import { readExamples } from '../src/nlu/csv.ts'
import { ownModelFile } from '../src/nlu/load.ts'
import type { Probe } from '../src/nlu/probe.ts'
import { openUnderstanding } from '../src/nlu/understanding.ts'
import { figures, type Result } from './report.ts'

/**
 * What reading a sentence costs: in a process of its own that does nothing else (latency on one core, memory, from the
 * start of the process to its first answer), and in the gateway's way, through the worker thread, as many a second as it
 * takes. The sentences are those of our own test files, in three languages.
 */
export async function benchUnderstanding(quick: boolean): Promise<Result> {
  const texts = ['en-US', 'es-US', 'fr-CA'].flatMap((tag) =>
    readExamples(fileURLToPath(new URL(`../nlu/own/${tag}.test.csv`, import.meta.url)))
      .slice(0, quick ? 150 : 600)
      .map(({ text }) => text),
  )
  const alone = probe(texts)
  const understanding = await openUnderstanding({ modelFile: ownModelFile, log: openLogger('silent') })
  const context = { now: Date.now(), timeZone: 'America/New_York', language: 'en', currency: 'USD' } as const
  // Whole readings: language, clauses and slots as well as the model. One at a time, then all that one thread takes.
  for (const text of texts.slice(0, 200)) await understanding.read(text, context)
  const times: number[] = []
  for (const text of texts) {
    const began = performance.now()
    await understanding.read(text, context)
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0
  const began = performance.now()
  for (let from = 0; from < texts.length; from += 64)
    await Promise.all(texts.slice(from, from + 64).map((text) => understanding.read(text, context)))
  const perSecond = (texts.length * 1_000) / (performance.now() - began)
  await understanding[Symbol.asyncDispose]()
  const measured = {
    sentences: texts.length,
    'model file MB': readFileSync(ownModelFile).length / 1e6,
    'alone, p50 ms': alone.latencyMs.p50,
    'alone, p99 ms': alone.latencyMs.p99,
    'alone, resident MB': alone.memoryMb,
    'alone, cold start ms': alone.coldStartMs,
    'through the thread, p50 ms': at(0.5),
    'through the thread, p99 ms': at(0.99),
    'through the thread, sentences/s': perSecond,
  }
  return {
    name: 'understanding',
    measured,
    sections: [
      figures('reading a sentence, one core', measured, [
        { what: 'p50 of a sentence', reached: alone.latencyMs.p50, bar: 2, is: 'most', unit: ' ms' },
        { what: 'p99 of a sentence', reached: alone.latencyMs.p99, bar: 8, is: 'most', unit: ' ms' },
        { what: 'resident memory', reached: alone.memoryMb, bar: 250, is: 'most', unit: ' MB' },
        {
          what: 'cold start to the first answer',
          reached: alone.coldStartMs,
          bar: 1_000,
          is: 'most',
          unit: ' ms',
        },
      ]),
    ],
  }
}

function probe(texts: readonly string[]): Probe {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../src/nlu/probe.ts', import.meta.url)), fileURLToPath(ownModelFile)],
    { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 16 << 20 },
  )
  if (status !== 0) throw new Error(`the probe failed: ${stderr.slice(-500)}`)
  return JSON.parse(stdout) as Probe
}
