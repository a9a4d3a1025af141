import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { growTree } from './grow.ts'
import { verifyConsistency, verifySubtreeConsistency, verifySubtreeInclusion } from './proof.ts'
import { decodeEntries, parseTilePath, tilePath } from './tile.ts'
import { hashBytes, tileKey, tileWidth } from './tree.ts'
import {
  emptyRoot,
  leafHash,
  nodeHash,
  openNote,
  parseCheckpoint,
  parseCheckpointBody,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyInclusion,
} from './verify.ts'

/** One published test case, run. */
export type VectorResult = {
  readonly kind: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
}

type Json = { readonly [name: string]: unknown }
type Case = { readonly name: string; readonly run: () => boolean | null }

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64')
const list = (value: unknown): Buffer[] => (Array.isArray(value) ? value.map(bytes) : [])
const num = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The four kinds of Merkle proof files of transparency-dev/merkle: does the claim in this file hold? */
const proofKinds: Readonly<Record<string, (file: Json) => boolean>> = {
  inclusion: (file) =>
    verifyInclusion({
      index: num(file['leafIdx']),
      size: num(file['treeSize']),
      leaf: bytes(file['leafHash']),
      root: bytes(file['root']),
      proof: list(file['proof']),
    }),
  consistency: (file) =>
    verifyConsistency({
      oldSize: num(file['size1']),
      size: num(file['size2']),
      oldRoot: bytes(file['root1']),
      root: bytes(file['root2']),
      proof: list(file['proof']),
    }),
  subtreeinclusion: (file) =>
    verifySubtreeInclusion({
      index: num(file['leafIdx']),
      from: num(file['start']),
      to: num(file['end']),
      leaf: bytes(file['leafHash']),
      root: bytes(file['root']),
      proof: list(file['proof']),
    }),
  subtreeconsistency: (file) =>
    verifySubtreeConsistency({
      from: num(file['start']),
      to: num(file['end']),
      size: num(file['size']),
      partRoot: bytes(file['root1']),
      root: bytes(file['root2']),
      proof: list(file['proof']),
    }),
}

/**
 * Runs every vector found under `folder`: `merkle/<kind>/**.json`, `merkle/hashes.json`, `notes/*.json`, `tiles/*`. A
 * file of a kind that is not known is reported as skipped, so that nothing passes by being overlooked.
 */
export function runVectors(folder: string): VectorResult[] {
  const results: VectorResult[] = []
  const record = (kind: string, cases: readonly Case[]): void => {
    for (const { name, run } of cases) {
      let passed: boolean | null
      try {
        passed = run()
      } catch {
        passed = false // a verifier that throws has failed, whatever was expected
      }
      results.push({ kind, name, outcome: passed === null ? 'skipped' : passed ? 'passed' : 'failed' })
    }
  }
  for (const path of filesUnder(join(folder, 'merkle'))) {
    const name = relative(join(folder, 'merkle'), path)
    const kind = name.split(/[/\\]/)[0] as string
    const claim = proofKinds[kind]
    if (!name.endsWith('.json')) continue
    if (claim)
      record(kind, [
        { name, run: () => onJson(path, (file) => claim(file as Json) === !(file as Json)['wantErr']) },
      ])
    else if (kind === 'hashes.json') record('hashes', casesIn(path, hashHolds))
    else record(kind, [{ name, run: () => null }])
  }
  for (const path of filesUnder(join(folder, 'notes'))) {
    const name = relative(join(folder, 'notes'), path)
    const holds = noteKinds[name]
    if (name.endsWith('.json'))
      record(name.replace(/\.json$/, ''), holds ? casesIn(path, holds) : [{ name, run: () => null }])
  }
  const trees = join(folder, 'tiles')
  for (const entry of existsSync(trees) ? readdirSync(trees, { withFileTypes: true }) : []) {
    if (!entry.isDirectory()) continue
    let cases: Case[]
    try {
      cases = tileTree(join(trees, entry.name), entry.name)
    } catch {
      cases = [{ name: `${entry.name}: unreadable`, run: () => false }]
    }
    record('tiles', cases)
  }
  return results
}

const usableKey = (vkey: string): VerifierKey[] => {
  const key = parseVerifierKey(vkey)
  return 'refused' in key ? [] : [key]
}

/** Hashes of RFC 6962: an empty tree, a leaf, a node (its two halves parted by a bar). */
function hashHolds(item: Json): boolean {
  const name = text(item['name'])
  const input = text(item['input_ascii'])
  const [left = '', right = ''] = input.split('|')
  const got = name.includes('root')
    ? emptyRoot
    : name.includes('node')
      ? nodeHash(Buffer.from(left), Buffer.from(right))
      : leafHash(Buffer.from(input))
  return got.toString('hex') === item['sha256_hex']
}

const noteKinds: Readonly<Record<string, (item: Json) => boolean>> = {
  'signed-notes.json': (item) => {
    const vkeys = Array.isArray(item['vkeys']) ? item['vkeys'].map(text) : [text(item['vkey'])]
    return 'refused' in openNote(text(item['note']), vkeys.flatMap(usableKey)) === !item['valid']
  },
  'verifier-keys.json': (item) => 'refused' in parseVerifierKey(text(item['vkey'])) === !item['valid'],
  'checkpoint-bodies.json': (item) => {
    const body = parseCheckpointBody(text(item['body']))
    if ('refused' in body || !item['valid']) return 'refused' in body === !item['valid']
    const want = (item['want'] ?? {}) as Json
    const fits = (name: string, got: unknown) => want[name] === undefined || want[name] === got
    return (
      fits('origin', body.origin) &&
      fits('size', body.size) &&
      fits('rest', body.rest) &&
      fits('hash_b64', body.root.toString('base64'))
    )
  },
}

/** A tile tree on disk: `checkpoint`, `tile/<level>/<n>[.p/<width>]`, and its signer's vkey somewhere in README.md. */
function tileTree(folder: string, name: string): Case[] {
  const read = (path: string) => readFileSync(join(folder, path))
  const files = filesUnder(join(folder, 'tile')).map((path) => relative(folder, path).replaceAll('\\', '/'))
  const note = parseNote(read('checkpoint'))
  const checkpoint = 'refused' in note ? note : parseCheckpoint(note.text)
  const size = 'refused' in checkpoint ? 0 : checkpoint.size
  const tree = growTree()
  const built = new Map<string, Buffer>()
  // Level 0 is taken as given; everything above it, and the root, has to follow.
  for (let n = 0; n * tileWidth < size; n++) {
    const width = Math.min(tileWidth, size - n * tileWidth)
    const path = tilePath({ level: 0, n, width })
    const hashes = files.includes(path) ? read(path) : Buffer.alloc(0)
    for (let at = 0; at + hashBytes <= hashes.length; at += hashBytes)
      tree.add(hashes.subarray(at, at + hashBytes))
  }
  for (const tile of [...tree.takeFull(), ...tree.edge()]) built.set(tileKey(tile), tile.hashes)
  const readme = existsSync(join(folder, 'README.md')) ? read('README.md').toString() : ''
  const keys = (readme.match(/\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}/g) ?? []).flatMap(usableKey)
  return [
    {
      name: `${name}: root`,
      run: () => !('refused' in checkpoint) && tree.size === size && tree.root().equals(checkpoint.root),
    },
    ...files.map((path) => ({ name: `${name}: ${path}`, run: () => tileHolds(path, read(path)) })),
    {
      name: `${name}: signature`,
      run: () => (keys.length === 0 ? null : !('refused' in openNote(read('checkpoint'), keys))),
    },
  ]
  function tileHolds(path: string, content: Buffer): boolean | null {
    const parsed = parseTilePath(path)
    if (!parsed) return null // other logs keep more than tiles here, in forms of their own
    if (parsed.level === 'entries') {
      const entries = decodeEntries(content)
      const leaves = built.get(`0/${parsed.n}`)?.subarray(0, parsed.width * hashBytes)
      return entries?.length === parsed.width && leaves?.equals(Buffer.concat(entries.map(leafHash))) === true
    }
    const fuller = built.get(`${parsed.level}/${parsed.n}`)
    return (
      content.length === parsed.width * hashBytes &&
      fuller?.subarray(0, content.length).equals(content) === true
    )
  }
}

function* filesIn(folder: string): Generator<string> {
  if (!existsSync(folder)) return
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (item.isDirectory()) yield* filesIn(join(folder, item.name))
    else if (item.isFile()) yield join(folder, item.name)
  }
}
const filesUnder = (folder: string): string[] => [...filesIn(folder)].sort()

function onJson(path: string, holds: (value: unknown) => boolean): boolean {
  return holds(JSON.parse(readFileSync(path, 'utf8')))
}
/** The cases of a file that holds a list of them. */
function casesIn(path: string, holds: (item: Json) => boolean): Case[] {
  let items: unknown
  try {
    items = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    items = null
  }
  if (!Array.isArray(items)) return [{ name: path, run: () => false }]
  return items.map((item: Json, at) => ({
    name: text(item['name']) || text(item['vkey']) || `${path} #${at}`,
    run: () => holds(item),
  }))
}
