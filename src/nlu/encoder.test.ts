import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { OperatorError } from '../core/operator-error.ts'
import { generalEncoder, openEncoder } from './encoder.ts'
import { matrix, openProducts } from './matrix.ts'

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0)

test('sentences of one meaning lie near, any text has its point, and neighbours in a batch do not move it', async () => {
  await using encoder = await openEncoder(generalEncoder())
  const [card, lost, bread] = await encoder.embed([
    'my card was stolen',
    'someone took my debit card',
    'how do I bake bread',
  ])
  assert.ok(dot(card!, lost!) > 0.6 && dot(card!, bread!) < 0.3)
  assert.deepEqual((await encoder.embed(['my card was stolen']))[0], card)
  const hostile = ['', '\0', '\ud800', '😀😀😀', 'a'.repeat(100_000), 'né '.repeat(30_000)]
  for (const point of await encoder.embed(hostile)) {
    assert.equal(point.length, encoder.dimensions)
    assert.ok(Math.abs(dot(point, point) - 1) < 1e-5)
  }
})

test('an encoder whose file was altered, or is not there, is not used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-encoder-'))
  try {
    const weights = join(folder, 'model.onnx')
    const code = (at: string) => async (error: unknown) => error instanceof OperatorError && error.code === at
    const opened = openEncoder({ weights, hash: '00', tokenizer: weights }).catch((error: unknown) => error)
    assert.ok(await code('encoder_missing')(await opened))
    writeFileSync(weights, 'something else')
    const altered = await openEncoder({ weights, hash: '00', tokenizer: weights }).catch(
      (error: unknown) => error,
    )
    assert.ok(await code('encoder_changed')(altered))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('matrix products are what a loop would give', async () => {
  await using products = await openProducts()
  const a = matrix(2, 3, Float32Array.from([1, 2, 3, 4, 5, 6]))
  const b = matrix(3, 2, Float32Array.from([1, 0, 0, 1, 1, 1]))
  const is = async (
    product: Promise<{ rows: number; columns: number; data: Float32Array }>,
    values: number[],
  ) => {
    const { rows, columns, data } = await product
    assert.deepEqual([...data], values)
    assert.equal(rows * columns, values.length)
  }
  await is(products.multiply(a, b), [4, 5, 10, 11])
  await is(products.multiply(a, a, { a: true }), [17, 22, 27, 22, 29, 36, 27, 36, 45])
  await is(products.multiply(a, a, { b: true }), [14, 32, 32, 77])
})
