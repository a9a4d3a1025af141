import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { growTree } from '../src/tlog/grow.ts'
import { checkpointText, cosignatureLine, newLogKey, signNote, verifierKeyText } from '../src/tlog/note.ts'
import { formatTlogProof } from '../src/tlog/proof.ts'
import { inclusionRanges, rangeHash, tileKey } from '../src/tlog/tree.ts'
import { commitment, leafHash, type Statement, statementFormat, verifyFile } from '../src/tlog/verify.ts'

const root = join(import.meta.dirname, '..')
const origin = 'bank.example/log'
const log = newLogKey(origin)
const witness = generateKeyPairSync('ed25519').privateKey
const witnessKey = verifierKeyText('witness.example', witness, 4)
const size = 300

// Three hundred disclosures, each sealed by a commitment.
const made = Array.from({ length: size }, (_, i) => {
  const salt = randomBytes(32)
  const payload = Buffer.from(`{"said":"Your balance is ready.","withheld":["balance"],"n":${i}}`)
  const entry = Buffer.from(
    JSON.stringify({ v: 1, commit: commitment(salt, payload).toString(i % 2 ? 'base64url' : 'hex') }),
  )
  return { salt, payload, entry }
})
const tree = growTree()
for (const { entry } of made) tree.add(leafHash(entry))
const tiles = new Map([...tree.takeFull(), ...tree.edge()].map((tile) => [tileKey(tile), tile.hashes]))
const text = checkpointText(origin, size, tree.root())
const note =
  signNote(text, origin, log.signer) + cosignatureLine(text, 'witness.example', witness, 1_767_139_200)
const proofOf = (index: number) =>
  inclusionRanges(index, { from: 0, to: size }).map((range) => rangeHash(tiles, range) as Buffer)

function statementOf(indices: readonly number[]): Statement {
  return {
    format: statementFormat,
    log: { origin, vkey: log.vkey },
    checkpoint: note,
    entries: indices.map((index) => {
      const { salt, payload, entry } = made[index] as (typeof made)[number]
      return {
        index,
        entry: entry.toString('base64'),
        proof: proofOf(index).map((hash) => hash.toString('base64')),
        opening: { salt: salt.toString('base64'), payload: payload.toString('base64') },
      }
    }),
  }
}
const statement = statementOf([0, 41, 255, 256, 299])
const trust = { keys: [log.vkey], witnesses: [witnessKey] }
/** The statement with one thing changed. */
type Item = { index: number; entry: string; proof: string[]; opening?: { salt: string; payload: string } }
type Draft = { checkpoint: string; entries: Item[] }
const item = (draft: Draft, at = 1) => draft.entries[at] as Item & Required<Pick<Item, 'opening'>>
const changed = (change: (draft: Draft) => unknown): string => {
  const draft = structuredClone(statement) as unknown as Draft
  change(draft)
  return JSON.stringify(draft)
}

describe('a statement, checked offline', () => {
  test('an honest one holds, in plain words', () => {
    const verdict = verifyFile(JSON.stringify(statement), trust)
    assert.deepEqual(verdict.lines.slice(0, 4), [
      `The checkpoint of ${origin} (300 entries) is signed with the key you gave.`,
      'The witness witness.example saw the same log on 2025-12-31T00:00:00.000Z.',
      `Entry 0 is in the log of 300 entries. What was logged: ${String(made[0]?.payload)}`,
      `Entry 41 is in the log of 300 entries. What was logged: ${String(made[41]?.payload)}`,
    ])
    assert.equal(verdict.lines.at(-1), 'All of it holds: 5 entries checked.')
    assert.ok(verdict.ok)
    assert.deepEqual(verdict.entries[1]?.payload, made[41]?.payload)
  })

  test('an entry whose salt and content were destroyed still proves that something was logged', () => {
    const verdict = verifyFile(
      changed((d) => delete (item(d) as Item).opening),
      trust,
    )
    assert.ok(verdict.ok)
    assert.equal(verdict.lines[3], 'Entry 41 is in the log of 300 entries.')
  })

  test('without a key from elsewhere, the reader is told what the yes is worth', () => {
    const verdict = verifyFile(JSON.stringify(statement))
    assert.ok(verdict.ok)
    assert.match(verdict.lines[0] as string, /Compare it with the key the bank publishes/)
  })

  const lies: [string, string, RegExp][] = [
    [
      'another entry in its place',
      changed((d) => (item(d).entry = item(d, 2).entry)),
      /Entry 41 is NOT shown/,
    ],
    ['another index', changed((d) => (item(d).index = 42)), /Entry 42 is NOT shown/],
    ['an index beyond the log', changed((d) => (item(d).index = 300)), /the log has only 300 entries/],
    ['a proof one hash short', changed((d) => item(d).proof.pop()), /Entry 41 is NOT shown/],
    ['no proof', changed((d) => (item(d).proof = [])), /Entry 41 is NOT shown/],
    [
      'another content',
      changed((d) => (item(d).opening.payload = Buffer.from('{"said":"nothing"}').toString('base64'))),
      /not what was logged/,
    ],
    ['another salt', changed((d) => (item(d).opening.salt = item(d, 2).opening.salt)), /not what was logged/],
    [
      'a salt padded with zeros',
      changed((d) => (item(d).opening.salt = Buffer.alloc(33).toString('base64'))),
      /opening is malformed/,
    ],
    ['the same entry twice', changed((d) => d.entries.push(item(d))), /listed more than once/],
    [
      'a bigger log than was signed',
      changed((d) => Object.assign(d, { checkpoint: note.replace('\n300\n', '\n301\n') })),
      /does not fit the text/,
    ],
    [
      'no witness',
      changed((d) => Object.assign(d, { checkpoint: note.split('\u2014 witness')[0] })),
      /has not cosigned/,
    ],
  ]
  for (const [what, file, says] of lies)
    test(`a lie is found: ${what}`, () => {
      const verdict = verifyFile(file, trust)
      assert.equal(verdict.ok, false)
      assert.match(verdict.lines.join('\n'), says)
    })

  test('a forger with a key of their own passes only where nobody brought the key', () => {
    const forger = newLogKey(origin)
    const forged = {
      ...statement,
      log: { origin, vkey: forger.vkey },
      checkpoint: signNote(text, origin, forger.signer),
    }
    assert.ok(verifyFile(JSON.stringify(forged)).ok, 'the harm, without --key')
    assert.ok(!verifyFile(JSON.stringify(forged), { keys: [log.vkey] }).ok)
  })

  test('a checkpoint of another log of the same owner does not pass for this one', () => {
    const other = signNote(checkpointText('bank.example/other', size, tree.root()), origin, log.signer)
    const verdict = verifyFile(JSON.stringify({ ...statement, checkpoint: other }), { keys: [log.vkey] })
    assert.equal(verdict.ok, false)
    assert.match(verdict.lines[0] as string, /is of "bank.example\/other"/)
  })

  test("the log's own key is no witness", () => {
    assert.ok(!verifyFile(JSON.stringify(statement), { keys: [log.vkey], witnesses: [log.vkey] }).ok)
  })

  test('what a file says cannot write on the terminal', () => {
    const salt = randomBytes(32)
    const payload = Buffer.from('\u001b[2J\u202egnp.exe\nVerified.')
    const entry = Buffer.from(JSON.stringify({ commit: commitment(salt, payload).toString('hex') }))
    const one = signNote(checkpointText(origin, 1, leafHash(entry)), origin, log.signer)
    const opening = { salt: salt.toString('base64'), payload: payload.toString('base64') }
    const file = {
      ...statement,
      checkpoint: one,
      entries: [{ index: 0, entry: entry.toString('base64'), proof: [], opening }],
    }
    const verdict = verifyFile(JSON.stringify(file), { keys: [log.vkey] })
    assert.ok(verdict.ok)
    for (const line of verdict.lines) assert.doesNotMatch(line, /\p{C}/u)
  })

  test('anything else is answered, never thrown on', () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value))
    const nearly = fc
      .record({
        entries: fc.jsonValue(),
        checkpoint: fc.oneof(fc.constant(note), fc.string()),
        log: fc.oneof(fc.constant({ vkey: log.vkey }), fc.jsonValue()),
      })
      .map((part) => JSON.stringify({ ...statement, ...part }))
    fc.assert(
      fc.property(fc.oneof(json, nearly, fc.string({ unit: 'binary' }), fc.uint8Array()), (file) => {
        const verdict = verifyFile(file as string, trust)
        assert.ok(!verdict.ok || verdict.entries.length === 0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a proof file, checked offline', () => {
  const entry = (made[41] as (typeof made)[number]).entry
  const file = formatTlogProof({ index: 41, proof: proofOf(41), checkpoint: note, extra: entry })

  test('holds with the entry inside, or beside it', () => {
    assert.ok(verifyFile(file, trust).ok)
    const bare = formatTlogProof({ index: 41, proof: proofOf(41), checkpoint: note })
    assert.ok(verifyFile(bare, { ...trust, entry }).ok)
    assert.match(verifyFile(bare, trust).lines.join(), /pass it with --entry/)
    assert.match(verifyFile(file).lines.join(), /pass the key the bank publishes/)
  })

  test('altered anywhere, it does not hold', () => {
    const bytes = Buffer.from(file)
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] as number) ^ 1
      assert.ok(!verifyFile(altered, trust).ok, `byte ${at}`)
    }
  })
})

describe('the verifier as an auditor gets it', () => {
  test('it imports nothing but node:crypto', () => {
    const source = readFileSync(join(root, 'src/tlog/verify.ts'), 'utf8')
    assert.deepEqual(
      [...source.matchAll(/(?:from|import\(|require\()\s*'([^']+)'/g)].map((match) => match[1]),
      ['node:crypto'],
    )
  })

  const folder = mkdtempSync(join(tmpdir(), 'guichet-verify-'))
  after(() => rmSync(folder, { recursive: true }))
  const script = `
    import { Command } from 'commander'
    import { registerLog } from ${JSON.stringify(join(root, 'src/cli/log.ts'))}
    import { registerVerify } from ${JSON.stringify(join(root, 'src/cli/verify.ts'))}
    const program = new Command('guichet')
    registerLog(program, () => { throw new Error('no database here') })
    registerVerify(program)
    await program.parseAsync(['node', 'guichet', ...process.argv.slice(1)])`
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, ...args],
      { cwd: root, encoding: 'utf8' },
    )
    return { status, stdout, stderr }
  }

  test('guichet verify answers yes with 0 and no with 1, also in JSON', () => {
    const good = join(folder, 'good.json')
    const bad = join(folder, 'bad.json')
    const keyFile = join(folder, 'log.vkey')
    writeFileSync(good, JSON.stringify(statement))
    writeFileSync(bad, JSON.stringify({ ...statement, entries: [{ ...statement.entries[0], index: 7 }] }))
    writeFileSync(keyFile, `# the bank's key\n${log.vkey}\n`)
    const yes = run('verify', good, '--key', keyFile, '--witness', witnessKey)
    assert.equal(yes.status, 0, yes.stderr)
    assert.match(yes.stdout, /Entry 41 is in the log of 300 entries\.[^]*\nVerified\.\n$/)
    const no = run('verify', bad, '--key', keyFile, '--json')
    assert.equal(no.status, 1)
    assert.equal(JSON.parse(no.stdout).entries[0].ok, false)
    const missing = run('verify', join(folder, 'none.json'))
    assert.equal(missing.status, 1)
    assert.match(missing.stdout, /There is no file .*none\.json/)
  })

  test('guichet log vectors counts what it ran, and needs no database', () => {
    const merkle = join(folder, 'vectors', 'merkle')
    const write = (path: string, value: unknown) => {
      execFileSync('mkdir', ['-p', join(path, '..')])
      writeFileSync(path, JSON.stringify(value))
    }
    const leaf = leafHash(Buffer.from('one')).toString('base64')
    write(join(merkle, 'inclusion', '0', 'happy.json'), {
      leafIdx: 0,
      treeSize: 1,
      root: leaf,
      leafHash: leaf,
      proof: null,
      wantErr: false,
    })
    write(join(merkle, 'inclusion', '0', 'wrong.json'), {
      leafIdx: 1,
      treeSize: 1,
      root: leaf,
      leafHash: leaf,
      proof: [],
      wantErr: true,
    })
    write(join(merkle, 'riddles', 'one.json'), {})
    const fine = run('log', 'vectors', join(folder, 'vectors'))
    assert.equal(fine.status, 0, fine.stderr)
    assert.match(fine.stdout, /\n2 passed, 0 failed, 1 skipped\n$/)
    write(join(merkle, 'inclusion', '0', 'lie.json'), {
      leafIdx: 0,
      treeSize: 2,
      root: leaf,
      leafHash: leaf,
      proof: [],
      wantErr: false,
    })
    const off = run('log', 'vectors', join(folder, 'vectors'))
    assert.equal(off.status, 1)
    assert.match(off.stdout, /failed: inclusion .*lie\.json[^]*\n2 passed, 1 failed, 1 skipped\n$/)
    assert.equal(run('log', 'vectors', join(folder, 'nowhere')).status, 1)
    assert.ok(existsSync(folder))
  })
})
