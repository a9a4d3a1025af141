import { OperatorError } from '../core/operator-error.ts'

/**
 * Matrix products on the runtime that the encoder brings anyway: the arithmetic of training, twenty times as fast as a
 * loop, with no native code of our own. Matrices are rows after one another.
 */
export type Matrix = {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array<ArrayBuffer>
}

export const matrix = (
  rows: number,
  columns: number,
  data: Float32Array<ArrayBuffer> = new Float32Array(rows * columns),
): Matrix => ({ rows, columns, data })

export type Products = {
  /** `a · b`, either turned first where said. */
  multiply(a: Matrix, b: Matrix, turn?: { readonly a?: boolean; readonly b?: boolean }): Promise<Matrix>
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens the products. OperatorError `encoder_missing` where the runtime is not installed. */
export async function openProducts(): Promise<Products> {
  const runtime = await import('onnxruntime-node').then(
    (module) => module.default,
    (cause: unknown) => {
      throw new OperatorError(
        'encoder_missing',
        'The runtime onnxruntime-node cannot be loaded on this machine. Run npm install again.',
        { cause },
      )
    },
  )
  const open = async (a: boolean, b: boolean) =>
    await runtime.InferenceSession.create(graphOf(a, b), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    })
  const sessions = new Map([
    ['', await open(false, false)],
    ['a', await open(true, false)],
    ['b', await open(false, true)],
  ])
  return {
    async multiply(a, b, turn = {}) {
      const session = sessions.get(turn.a ? 'a' : turn.b ? 'b' : '')!
      const { c } = await session.run({
        a: new runtime.Tensor('float32', a.data, [a.rows, a.columns]),
        b: new runtime.Tensor('float32', b.data, [b.rows, b.columns]),
      })
      const [rows = 0, columns = 0] = c!.dims
      return { rows, columns, data: c!.data as Float32Array<ArrayBuffer> }
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions.values()) await session.release()
    },
  }
}

/** An ONNX model of one node, c = Gemm(a, b), written by hand: protocol buffers, onnx.proto of IR version 8. */
function graphOf(turnA: boolean, turnB: boolean): Uint8Array {
  const attribute = (name: string, on: boolean) =>
    message(5, [text(1, name), ...number(3, on ? 1 : 0), ...number(20, 2)])
  const value = (field: number, name: string) => {
    const shape = message(2, [message(1, [text(2, `${name}0`)]), message(1, [text(2, `${name}1`)])].flat())
    return message(field, [text(1, name), message(2, [message(1, [number(1, 1), shape].flat())])].flat())
  }
  const node = message(
    1,
    [
      text(1, 'a'),
      text(1, 'b'),
      text(2, 'c'),
      text(4, 'Gemm'),
      attribute('transA', turnA),
      attribute('transB', turnB),
    ].flat(),
  )
  const graph = message(7, [node, text(2, 'product'), value(11, 'a'), value(11, 'b'), value(12, 'c')].flat())
  return Uint8Array.from([number(1, 8), graph, message(8, [text(1, ''), number(2, 13)].flat())].flat())
}

function number(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)]
}
function message(field: number, body: readonly (number | readonly number[])[]): number[] {
  const bytes = body.flat()
  return [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes]
}
const text = (field: number, value: string): number[] => message(field, [...Buffer.from(value)])
function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}
