import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  checkpointText,
  cosignatureLine,
  loadLogKey,
  newLogKey,
  parseLogKey,
  signNote,
  verifierKeyText,
  writeLogKey,
} from '../src/tlog/note.ts'
import { formatTlogProof } from '../src/tlog/proof.ts'
import {
  cosignedMessage,
  emptyRoot,
  keyId,
  openNote,
  parseCheckpoint,
  parseCheckpointBody,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  type VerifierKey,
} from '../src/tlog/verify.ts'

const origin = 'bank.example/log'
const log = newLogKey(origin)
const usable = (vkey: string): VerifierKey => {
  const key = parseVerifierKey(vkey)
  assert.ok(!('refused' in key))
  return key
}
const key = usable(log.vkey)
const root = randomBytes(32)
const text = checkpointText(origin, 300, root)
const note = signNote(text, origin, log.signer)
const stranger = newLogKey('stranger.example')
const strangersLine = signNote(text, stranger.origin, stranger.signer).split('\n').at(-2) as string
const refused = (value: object, code: string) => assert.equal((value as { refused?: string }).refused, code)

describe('signed notes', () => {
  test('what the log signs opens under its key, and under no other', () => {
    const opened = openNote(note, [key])
    assert.ok(!('refused' in opened))
    assert.equal(opened.text, text)
    refused(openNote(note, [usable(stranger.vkey)]), 'not_signed')
    refused(openNote(note, []), 'not_signed')
    refused(openNote(note, [usable(newLogKey(origin).vkey)]), 'not_signed')
  })

  test('a signature of a stranger is ignored; a known key whose signature fails spoils the note', () => {
    assert.ok(!('refused' in openNote(`${note}${strangersLine}\n`, [key])))
    const forged = note.replace(
      /(.{6})=\n$/,
      (_, tail: string) => `${tail === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA'}=\n`,
    )
    refused(openNote(forged, [key]), 'bad_signature')
    // Even when another key that we trust did sign well.
    refused(openNote(`${forged}${strangersLine}\n`, [key, usable(stranger.vkey)]), 'bad_signature')
  })

  test('the name alone or the key id alone is not the key', () => {
    const line = note.split('\n').at(-2) as string
    refused(openNote(note.replace(`\u2014 ${origin}`, '\u2014 other.example'), [key]), 'not_signed')
    const bytes = Buffer.from(line.split(' ')[2] as string, 'base64')
    bytes[0] = (bytes[0] as number) ^ 1
    refused(openNote(note.replace(line, `\u2014 ${origin} ${bytes.toString('base64')}`), [key]), 'not_signed')
  })

  test('a note altered in any one byte does not open', () => {
    const bytes = Buffer.from(note)
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] as number) ^ 1
      assert.ok('refused' in openNote(altered, [key]), `byte ${at}`)
    }
  })

  test('hostile bytes are refused, never thrown on', () => {
    for (const [why, bad] of Object.entries({
      empty: '',
      'text alone': text,
      'no signatures': `${text}\n`,
      'last newline missing': note.slice(0, -1),
      'control character': `\u0001${note}`,
      tab: note.replace('300', '300\t'),
      'carriage returns': note.replaceAll('\n', '\r\n'),
      'line after the signatures': `${note}more\n`,
      'hyphen for the dash': note.replace('\u2014', '-'),
      'two spaces': note.replace(`\u2014 ${origin} `, `\u2014 ${origin}  `),
      'no-break space in the name': note.replace(`\u2014 ${origin}`, '\u2014 bank\u00a0example'),
      'a plus in the name': note.replace(`\u2014 ${origin}`, '\u2014 bank+example'),
      'base64 that is not canonical': note.replace(/=\n$/, '\n'),
      'too short a signature': `${text}\n\u2014 ${origin} AAAAAA==\n`,
      'a hundred and one signatures': note + `${strangersLine}\n`.repeat(100),
      'lone surrogate': note.replace('bank', 'b\ud800nk'),
      'far too long': `${'x'.repeat(1_000_001)}\n${note}`,
    }))
      assert.equal((parseNote(bad) as { refused?: string }).refused, 'bad_note', why)
    refused(parseNote(Buffer.concat([Buffer.from([0xff]), Buffer.from(note)])), 'bad_note')
    assert.ok(
      !('refused' in parseNote(note + `${strangersLine}\n`.repeat(15))),
      'sixteen signatures are fine',
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        assert.ok('refused' in openNote(bytes, [key])),
      ),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) =>
        assert.ok('refused' in openNote(any, [key])),
      ),
    )
  })
})

describe('keys', () => {
  test('no part of a key, and no key altered in one letter, is a key', () => {
    for (let from = 0; from < log.vkey.length; from++)
      for (let to = from + 1; to <= log.vkey.length; to++)
        if (to - from < log.vkey.length) refused(parseVerifierKey(log.vkey.slice(from, to)), 'bad_key')
    for (let at = 0; at < log.vkey.length; at++) {
      const altered = Buffer.from(log.vkey)
      altered[at] = (altered[at] as number) + 1
      refused(parseVerifierKey(altered.toString('latin1')), 'bad_key')
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => assert.ok('refused' in parseVerifierKey(any))),
    )
  })

  test('a key file is read back, is private to its owner, is never overwritten, and not read when altered', () => {
    const folder = mkdtempSync(join(tmpdir(), 'guichet-log-key-'))
    try {
      const path = join(folder, 'log.key')
      const written = writeLogKey(path, origin)
      assert.equal(statSync(path).mode & 0o777, 0o600)
      assert.equal(loadLogKey(path).vkey, written.vkey)
      assert.throws(() => writeLogKey(path, origin), { code: 'EEXIST' })
      const kept = readFileSync(path, 'utf8').trim()
      for (let at = 0; at < kept.length; at++) {
        const altered = Buffer.from(kept)
        altered[at] = (altered[at] as number) + 1
        assert.equal(parseLogKey(altered.toString('latin1')), null)
      }
      writeFileSync(path, 'not a key')
      assert.throws(() => loadLogKey(path), { code: 'log_key_bad' })
      assert.throws(() => loadLogKey(join(folder, 'none')), { code: 'log_key_missing' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('checkpoints', () => {
  test('three exact lines, or none', () => {
    const parsed = parseCheckpoint(text)
    assert.deepEqual(parsed, { origin, size: 300, root, rest: '' })
    assert.ok(!('refused' in parseCheckpoint(`${text}an extension\n`)))
    for (const bad of [
      '',
      '\n',
      text.slice(0, -1),
      text.replace('300', '0300'),
      text.replace('300', '-1'),
      text.replace('300', '+300'),
      text.replace('300', '3e2'),
      text.replace('300', ' 300'),
      text.replace('300', '99999999999999999999'),
      text.replace('300', ''),
      text.replace(origin, ''),
      `${text}\n`,
      `${text}extension`,
      checkpointText(origin, 300, root.subarray(1)),
      `${origin}\n300\n${root.toString('base64url')}\n`,
      checkpointText(origin, 0, root),
    ])
      refused(parseCheckpoint(bad), 'bad_checkpoint')
    assert.ok(!('refused' in parseCheckpoint(checkpointText(origin, 0, emptyRoot))))
    assert.ok(
      !('refused' in parseCheckpointBody('Log\n123\nYmFuYW5hcw==\n')),
      'the body alone may use any hash',
    )
  })

  test("a witness's cosignature says when, and covers every byte of the checkpoint", () => {
    const witness = generateKeyPairSync('ed25519').privateKey
    const vkey = verifierKeyText('witness.example', witness, 4)
    const line = cosignatureLine(text, 'witness.example', witness, 1_767_139_200)
    const opened = openNote(note + line, [key, usable(vkey)])
    assert.ok(!('refused' in opened))
    assert.deepEqual(
      opened.signedBy.map(({ key: by, time }) => [by.name, time]),
      [
        [origin, undefined],
        ['witness.example', 1_767_139_200],
      ],
    )
    const other = signNote(checkpointText(origin, 301, root), origin, log.signer)
    refused(openNote(other + line, [key, usable(vkey)]), 'bad_signature')
  })

  test('a cosignature in ML-DSA-44 is understood too', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-44' as 'ed25519')
    const typed = Buffer.concat([
      Buffer.from([0x06]),
      publicKey.export({ format: 'der', type: 'spki' }).subarray(-1312),
    ])
    const name = 'witness.example'
    const vkey = usable(`${name}+${keyId(name, typed).toString('hex')}+${typed.toString('base64')}`)
    const stamp = Buffer.alloc(8)
    stamp.writeBigUInt64BE(1_767_139_200n)
    const made = sign(null, cosignedMessage(vkey, 1_767_139_200n, text) as Buffer, privateKey)
    const line = `\u2014 ${name} ${Buffer.concat([vkey.id, stamp, made]).toString('base64')}\n`
    const opened = openNote(note + line, [vkey])
    assert.ok(!('refused' in opened))
    assert.equal(opened.signedBy[0]?.time, 1_767_139_200)
    refused(
      openNote(signNote(checkpointText(origin, 301, root), origin, log.signer) + line, [vkey]),
      'bad_signature',
    )
  })
})

describe('proof files', () => {
  test('one is read back as it was written, and not when a line is off', () => {
    const proof = [randomBytes(32), randomBytes(32)]
    const extra = Buffer.from('the entry')
    const file = formatTlogProof({ index: 41, proof, checkpoint: note, extra })
    assert.deepEqual(parseTlogProof(file), { index: 41, proof, checkpoint: note, extra })
    assert.deepEqual(parseTlogProof(formatTlogProof({ index: 0, proof: [], checkpoint: note })), {
      index: 0,
      proof: [],
      checkpoint: note,
      extra: null,
    })
    for (const bad of [
      '',
      file.replace('@v1', '@v2'),
      file.replace('index 41', 'index 041'),
      file.replace('index 41\n', ''),
      file.replace('index 41', 'index -1'),
      file.replace('extra ', 'extra !'),
      file.replace('\n\n', '\n'),
      file.replace('index 41\n', 'index 41\nAAAA\n'),
      formatTlogProof({ index: 1, proof: Array.from({ length: 64 }, () => root), checkpoint: note }),
    ])
      refused(parseTlogProof(bad), 'bad_proof_file')
  })
})
