/**
 * A process of its own that loads a saved model and answers the sentences it is given (JSON on standard input), so
 * that memory, cold start and latency are those of answering, not of training. Run by `guichet nlu eval`.
 */
import { readFileSync } from 'node:fs'
import { loadClassifier } from './load.ts'

export type Probe = {
  /** From the start of the process to its first answer. */
  readonly coldStartMs: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
  readonly memoryMb: number
}

const file = process.argv[2]
const texts = JSON.parse(readFileSync(0, 'utf8')) as string[]
if (file === undefined || texts.length === 0) throw new Error('usage: probe MODEL < sentences.json')
await using loaded = await loadClassifier(file)
await loaded.classifier.classify(texts[0]!)
const coldStartMs = performance.now()
for (const text of texts.slice(0, 200)) await loaded.classifier.classify(text)
const times: number[] = []
for (const text of texts) {
  const from = performance.now()
  await loaded.classifier.classify(text)
  times.push(performance.now() - from)
}
times.sort((a, b) => a - b)
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!
const probe: Probe = {
  coldStartMs,
  latencyMs: { p50: at(0.5), p99: at(0.99) },
  memoryMb: process.memoryUsage.rss() / 1e6,
}
process.stdout.write(JSON.stringify(probe))
