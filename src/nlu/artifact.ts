import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { OperatorError } from '../core/operator-error.ts'
import type { Model } from './classifier.ts'
import { withTable } from './features.ts'
import { centresOf } from './out-of-scope.ts'
import type { TrainFigures } from './train.ts'

/** Where a model comes from, written into its file and readable without loading it. */
export type Manifest = {
  readonly version: number
  /** ISO date of the training. */
  readonly date: string
  readonly seed: number
  /** SHA-256 of the encoder's weights, null for none. */
  readonly encoder: string | null
  /** How sentences were prepared: a model reads only what was prepared the same way. */
  readonly preparation: string
  /** What they were prepared with (hash of the glossary). */
  readonly revision: string
  readonly datasets: readonly { readonly name: string; readonly sha256: string; readonly rows: number }[]
  /** Training sentences of each class. */
  readonly counts: Readonly<Record<string, number>>
  readonly figures: TrainFigures
}

/** Raised whenever the file's form or what features mean changes: an older file must be trained again. */
const version = 2
const magic = Buffer.from('GUICHET NLU MODEL\n')
const mostBytes = 256 * 1024 * 1024

/** `length`: of the array; `bytes`: of its deflated form. */
type Section = {
  readonly name: string
  readonly type: keyof typeof types
  readonly length: number
  readonly bytes: number
}
const types = {
  i8: Int8Array,
  i32: Int32Array,
  u32: Uint32Array,
  f16: Float16Array,
  f32: Float32Array,
  text: Uint8Array,
}

/** One file: magic, length of the head, head (JSON), sections (deflated), SHA-256 of all before it. */
export function packModel(model: Model, manifest: Omit<Manifest, 'version' | 'encoder'>): Buffer {
  const sections: Section[] = []
  const bodies: Buffer[] = []
  const add = (name: string, type: Section['type'], values: ArrayLike<number>) => {
    const typed = types[type].from(values)
    const body = deflateRawSync(Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength), { level: 9 })
    sections.push({ name, type, length: typed.length, bytes: body.length })
    bodies.push(body)
  }
  add('features', 'u32', model.features.hashes)
  add('idf', 'f16', model.features.idf)
  add('svm', 'i8', model.svm.weights)
  add('svm scales', 'f32', model.svm.scales)
  add('svm bias', 'f32', model.svm.bias)
  for (const [n, network] of model.networks.entries())
    for (const [l, layer] of network.layers.entries()) {
      add(`network ${n} ${l}`, 'f16', layer.weights)
      add(`bias ${n} ${l}`, 'f32', layer.bias)
    }
  add('starts', 'i32', model.examples.starts)
  add('points', 'i8', model.examples.points)
  add('texts', 'text', Buffer.from(JSON.stringify(model.examples.texts)))
  const head = Buffer.from(
    JSON.stringify({
      manifest: { ...manifest, version, encoder: model.encoder },
      classes: model.classes,
      options: model.options,
      scales: model.scales,
      prior: model.prior,
      outOfScope: model.outOfScope,
      dimensions: model.examples.dimensions,
      pointScale: model.examples.scale,
      networks: model.networks.map(({ layers }) => layers.map(({ inputs, outputs }) => [inputs, outputs])),
      sections,
    }),
  )
  const size = Buffer.alloc(8)
  size.writeUInt32LE(version, 0)
  size.writeUInt32LE(head.length, 4)
  const all = Buffer.concat([magic, size, head, ...bodies])
  return Buffer.concat([all, createHash('sha256').update(all).digest()])
}

/**
 * Reads a packed model. `expected.encoder`: the hash of the encoder at hand, null where there is none (then the model
 * answers by TF-IDF alone). Throws OperatorError `model_damaged`, `model_version`, `model_encoder` or
 * `model_preparation`, each saying what to do.
 */
export function unpackModel(
  bytes: Buffer,
  expected: { readonly encoder: string | null; readonly preparation: string },
): { model: Model; manifest: Manifest } {
  const head = readHead(bytes)
  const { manifest } = head
  if (expected.encoder !== null && manifest.encoder !== null && manifest.encoder !== expected.encoder)
    throw refused('model_encoder', 'was trained with another sentence encoder than the one installed')
  if (manifest.preparation !== expected.preparation)
    throw refused('model_preparation', 'was trained on sentences prepared another way than this version does')
  const model = modelOf(bytes, head)
  return { model, manifest }
}

type Head = Omit<Model, 'features' | 'svm' | 'networks' | 'examples' | 'encoder'> & {
  readonly manifest: Manifest
  readonly dimensions: number
  readonly pointScale: number
  readonly networks: readonly (readonly (readonly [number, number])[])[]
  readonly sections: readonly Section[]
  /** Where the sections begin. */
  readonly from: number
}

/** The manifest alone, after the same checks. */
export const readManifest = (bytes: Buffer): Manifest => readHead(bytes).manifest

const refused = (code: string, why: string) =>
  new OperatorError(code, `The model ${why}. Train it again: guichet nlu train.`)

function readHead(bytes: Buffer): Head {
  const damaged = (why: string) => refused('model_damaged', `file is damaged (${why})`)
  const start = magic.length + 8
  if (bytes.length < start + 32 || !bytes.subarray(0, magic.length).equals(magic))
    throw damaged('it is not a model of this product')
  if (bytes.length > mostBytes) throw damaged('it is too large')
  if (bytes.readUInt32LE(magic.length) !== version)
    throw refused('model_version', `file is of another version (this one reads version ${version})`)
  const end = bytes.length - 32
  const hash = createHash('sha256').update(bytes.subarray(0, end)).digest()
  if (!hash.equals(bytes.subarray(end))) throw damaged('its checksum does not fit')
  // The checksum fits, so it is as it was written, by us.
  const length = bytes.readUInt32LE(magic.length + 4)
  const head = JSON.parse(bytes.toString('utf8', start, start + length)) as Head
  return { ...head, from: start + length }
}

function modelOf(bytes: Buffer, head: Head): Model {
  const found = new Map<string, ArrayBuffer>()
  let at = head.from
  for (const { name, type, length, bytes: size } of head.sections) {
    const most = Math.max(1, length * types[type].BYTES_PER_ELEMENT)
    // In one piece of the right size, so that nothing is copied; zlib wants at least 64 bytes.
    const body = inflateRawSync(bytes.subarray(at, at + size), {
      chunkSize: Math.max(64, most),
      maxOutputLength: most,
    })
    const whole = body.byteOffset === 0 && body.buffer.byteLength === body.length
    // A buffer of its own: what zlib gives may lie within a larger one, and at any place in it.
    found.set(name, whole ? (body.buffer as ArrayBuffer) : new Uint8Array(body).buffer)
    at += size
  }
  const get = (name: string): ArrayBuffer => found.get(name) ?? new ArrayBuffer(0)
  const half = (name: string) => Float32Array.from(new Float16Array(get(name)))
  const { classes, options, scales, prior, outOfScope, dimensions, manifest } = head
  const examples = {
    dimensions,
    scale: head.pointScale,
    points: new Int8Array(get('points')),
    starts: new Int32Array(get('starts')),
  }
  return {
    classes,
    options,
    scales,
    prior,
    outOfScope,
    encoder: manifest.encoder,
    features: withTable(new Uint32Array(get('features')), half('idf')),
    svm: {
      classes: classes.length,
      weights: new Int8Array(get('svm')),
      scales: new Float32Array(get('svm scales')),
      bias: new Float32Array(get('svm bias')),
    },
    networks: head.networks.map((layers, n) => ({
      layers: layers.map(([inputs, outputs], l) => ({
        inputs,
        outputs,
        weights: half(`network ${n} ${l}`),
        bias: new Float32Array(get(`bias ${n} ${l}`)),
      })),
    })),
    examples: {
      ...examples,
      centres: centresOf(examples),
      texts: JSON.parse(Buffer.from(get('texts')).toString('utf8')) as string[],
    },
  }
}
