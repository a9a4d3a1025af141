/**
 * Checks, offline, what a bank says it disclosed.
 *
 * Give it a file (a *statement*, JSON, or a C2SP *tlog-proof*, text) and it answers in plain words whether each entry
 * really is in the bank's disclosure log. It reads nothing else: no network, no database, no other file of this
 * project; its only import is node:crypto. Read it from top to bottom, it is the whole argument:
 *
 *   1. Hashing         an entry, and two hashes, become one hash            RFC 9162 §2.1.1
 *   2. Inclusion       an entry's hash and a few neighbours give the root   RFC 9162 §2.1.3.2
 *   3. Signed notes    who signed a text                                    C2SP signed-note, tlog-cosignature
 *   4. Checkpoints     "my log has N entries, and this is its root"         C2SP tlog-checkpoint
 *   5. Proof files     index + neighbours + checkpoint                      C2SP tlog-proof
 *   6. Statements      many entries, one checkpoint, and what they say      §6 below
 *
 * What a yes means: the holder of the log's key signed a tree with this very entry in it, and cannot take it back
 * without being caught by whoever kept the checkpoint. A witness's cosignature adds that the log showed the same tree
 * to that witness. A key that travels inside the file proves nothing by itself: pass the one the bank publishes.
 *
 * Everything wrong in a file is an answer, never an exception.
 */
import { createHmac, createPublicKey, hash, type KeyObject, verify } from 'node:crypto'

/** Why something was not accepted: a code for machines, a sentence for people. */
export type Refused = { readonly refused: string; readonly detail: string }
const refuse = (refused: string, detail: string): Refused => ({ refused, detail })
const isRefused = (value: object): value is Refused => 'refused' in value

// ------------------------------------------------------------------------------------------------ 1. hashing

/** The root of a log without entries: SHA-256 of nothing. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')
const leafPrefix = Buffer.from([0x00])
const nodePrefix = Buffer.from([0x01])

/**
 * An entry's hash: SHA-256(0x00 ‖ entry). The different first byte keeps an entry from ever passing for a pair of
 * hashes (RFC 9162 §2.1.1).
 */
export const leafHash = (entry: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([leafPrefix, entry]), 'buffer')

/** Two neighbouring hashes become their parent: SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')

const isHash = (value: Uint8Array): boolean => value instanceof Uint8Array && value.length === 32
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

// ---------------------------------------------------------------------------------------------- 2. inclusion

/**
 * Does this proof lead from the entry's hash to the root? RFC 9162 §2.1.3.2, step by step. `index` counts from 0; `fn`
 * and `sn` are the entry's and the last entry's position on the current level. Halving is by division: a 32-bit shift
 * would go wrong past two thousand million entries. Nonsense (wrong lengths, surplus hashes) is just `false`.
 */
export function verifyInclusion(claim: {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}): boolean {
  const { index, size, leaf, proof, root } = claim
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  let fn = index
  let sn = size - 1
  let r = leaf
  for (const p of proof) {
    if (sn === 0) return false // a hash too many
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r)
      // On the ragged right edge a node without a neighbour climbs alone.
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else {
      r = nodeHash(r, p)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 && same(r, root)
}

// ------------------------------------------------------------------------------------------- 3. signed notes

/** Base64 as in RFC 4648 §4 with its padding, and only in its one canonical spelling; null otherwise. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

/** What a key may sign: 0x01 a note's text, 0x04 and 0x06 a witness's dated cosignature of a checkpoint. */
const keyTypes: Readonly<Record<number, { readonly length: number; readonly spkiHex: string }>> = {
  0x01: { length: 32, spkiHex: '302a300506032b6570032100' },
  0x04: { length: 32, spkiHex: '302a300506032b6570032100' },
  0x06: { length: 1312, spkiHex: '30820532300b06096086480165030403110382052100' },
}

/** A public key one may trust: its name, its type byte, the four bytes that stand for it on a signature line. */
export type VerifierKey = {
  readonly name: string
  readonly type: number
  readonly id: Buffer
  readonly key: KeyObject
  readonly vkey: string
}

const isKeyName = (name: string): boolean => /^[^\s+\p{White_Space}]+$/u.test(name) && name.isWellFormed()

/** SHA-256(name ‖ newline ‖ type ‖ public key), its first four bytes (C2SP signed-note, "Signatures"). */
export const keyId = (name: string, typeAndKey: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typeAndKey]), 'buffer').subarray(0, 4)

/** Reads a verifier key, `name+hex8+base64(type ‖ public key)` (C2SP signed-note, "Verifier keys"). */
export function parseVerifierKey(vkey: string): VerifierKey | Refused {
  const bad = (why: string) => refuse('bad_key', `this is not a verifier key: ${why}`)
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(vkey)
  const typeAndKey = match && fromBase64(match[3] as string)
  if (!match || !typeAndKey) return bad('it should look like name+0123abcd+base64')
  const name = match[1] as string
  if (!isKeyName(name)) return bad('its name has a space in it')
  const type = typeAndKey[0] as number
  const known = keyTypes[type]
  if (!known) return bad(`key type ${type} is unknown here`)
  if (typeAndKey.length !== 1 + known.length) return bad('the key has the wrong length')
  const id = keyId(name, typeAndKey)
  if (id.toString('hex') !== match[2]) return bad('its checksum does not fit its name and key')
  try {
    const der = Buffer.concat([Buffer.from(known.spkiHex, 'hex'), typeAndKey.subarray(1)])
    return { name, type, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }), vkey }
  } catch {
    return bad('this computer cannot use such a key')
  }
}

/** A note taken apart: its text (with the last newline) and its signature lines, none of them checked yet. */
export type Note = {
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly id: Buffer; readonly signature: Buffer }[]
}

/**
 * Takes a note apart: the text, an empty line, then one or more lines `— name base64` (C2SP signed-note, "Format").
 * Refuses what is not UTF-8, control characters, a file over a million bytes or a hundred signatures.
 */
export function parseNote(source: string | Uint8Array): Note | Refused {
  const bad = (why: string) => refuse('bad_note', `the signed note is malformed: ${why}`)
  if (source.length > 1_000_000) return bad('it is too long')
  let note: string
  try {
    note =
      typeof source === 'string'
        ? source
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source)
  } catch {
    return bad('it is not UTF-8 text')
  }
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what a note must not hold
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note))
    return bad('it holds control characters')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) return bad('there is no empty line between text and signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > 100) return bad('it has more than 100 signatures')
  const signatures: { name: string; id: Buffer; signature: Buffer }[] = []
  for (const line of lines) {
    const [dash, name = '', base64 = '', surplus] = line.split(' ')
    const bytes = fromBase64(base64)
    if (dash !== '\u2014' || surplus !== undefined || !isKeyName(name) || !bytes || bytes.length < 5)
      return bad('a signature line is not "— name base64"')
    signatures.push({ name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) })
  }
  return { text: note.slice(0, split + 1), signatures }
}

/** A signature that holds: by which key, and for a cosignature when (epoch seconds). */
export type GoodSignature = { readonly key: VerifierKey; readonly time?: number }

function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
const short = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])

/**
 * The bytes a witness of this key signs at this time: text for Ed25519, a binary record for ML-DSA-44 (C2SP
 * tlog-cosignature, "signed message"). Null when the note is no checkpoint.
 */
export function cosignedMessage(
  key: Pick<VerifierKey, 'name' | 'type'>,
  time: bigint,
  text: string,
): Buffer | null {
  if (key.type === 0x04) return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
  const checkpoint = parseCheckpoint(text)
  if (isRefused(checkpoint) || Buffer.byteLength(checkpoint.origin) > 255) return null
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    short(key.name),
    uint64(time),
    short(checkpoint.origin),
    uint64(0),
    uint64(checkpoint.size),
    checkpoint.root,
  ])
}

function checkSignature(key: VerifierKey, signature: Buffer, text: string): GoodSignature | null {
  try {
    if (key.type === 0x01) return verify(null, Buffer.from(text), key.key, signature) ? { key } : null
    if (signature.length <= 8) return null
    const time = signature.readBigUInt64BE(0)
    const message = time < 2n ** 63n ? cosignedMessage(key, time, text) : null
    return message && verify(null, message, key.key, signature.subarray(8))
      ? { key, time: Number(time) }
      : null
  } catch {
    return null
  }
}

/**
 * Opens a note: its text, and which of `keys` signed it. Signatures of strangers are ignored; a known key whose
 * signature does not hold spoils the whole note; a note that none of `keys` signed is refused.
 */
export function openNote(
  source: string | Uint8Array,
  keys: readonly VerifierKey[],
): { readonly text: string; readonly signedBy: readonly GoodSignature[] } | Refused {
  const note = parseNote(source)
  if (isRefused(note)) return note
  const signedBy: GoodSignature[] = []
  for (const { name, id, signature } of note.signatures) {
    // Name and id together say which key; either alone is nobody we know.
    const key = keys.find((known) => known.name === name && same(known.id, id))
    if (!key) continue
    const good = checkSignature(key, signature, note.text)
    if (!good) return refuse('bad_signature', `the signature of ${printable(name)} does not fit the text`)
    if (!signedBy.some((other) => other.key === key)) signedBy.push(good)
  }
  if (signedBy.length === 0) return refuse('not_signed', 'none of the keys you trust has signed this')
  return { text: note.text, signedBy }
}

// -------------------------------------------------------------------------------------------- 4. checkpoints

/** A log's promise: `origin` has `size` entries and their root is `root`. `rest` are the extension lines. */
export type Checkpoint = {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  readonly rest: string
}

/** A decimal without leading zeros, up to 2^53 − 1; null for anything else. */
export function parseCount(text: string): number | null {
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null
}

/** The three lines of a checkpoint, whatever hash it uses and whatever follows. */
export function parseCheckpointBody(text: string): Checkpoint | Refused {
  const bad = (why: string) => refuse('bad_checkpoint', `the checkpoint is malformed: ${why}`)
  const [origin, sizeText, rootText, ...rest] = text.split('\n')
  if (rest.length === 0) return bad('it has fewer than three lines')
  if (!origin) return bad('it does not name its log')
  const size = parseCount(sizeText as string)
  if (size === null) return bad('its size is not a plain number')
  const root = fromBase64(rootText as string)
  if (!root || root.length === 0) return bad('its root is not base64')
  return { origin, size, root, rest: rest.join('\n') }
}

/** A checkpoint of a SHA-256 log (C2SP tlog-checkpoint, "Note text"): strict about the root and extension lines too. */
export function parseCheckpoint(text: string): Checkpoint | Refused {
  const checkpoint = parseCheckpointBody(text)
  if (isRefused(checkpoint)) return checkpoint
  const { root, rest, size } = checkpoint
  if (root.length !== 32)
    return refuse('bad_checkpoint', 'the checkpoint is malformed: its root is not 32 bytes')
  if (rest !== '' && !/^([^\n]+\n)+$/.test(rest))
    return refuse('bad_checkpoint', 'the checkpoint is malformed: it has an empty line')
  if (size === 0 && !same(root, emptyRoot))
    return refuse('bad_checkpoint', 'the checkpoint is malformed: an empty log has another root')
  return checkpoint
}

// -------------------------------------------------------------------------------------------- 5. proof files

export type TlogProof = {
  readonly index: number
  readonly proof: readonly Buffer[]
  readonly checkpoint: string
  /** Not authenticated. Our files put the entry's own bytes here. */
  readonly extra: Buffer | null
}
export const tlogProofHeader = 'c2sp.org/tlog-proof@v1'

/** Reads a tlog-proof file (C2SP tlog-proof, "Format"). The checkpoint in it is not yet opened. */
export function parseTlogProof(text: string): TlogProof | Refused {
  const bad = (why: string) => refuse('bad_proof_file', `the proof file is malformed: ${why}`)
  const end = text.indexOf('\n\n')
  if (end < 0) return bad('there is no empty line before the checkpoint')
  const lines = text.slice(0, end).split('\n')
  if (lines.shift() !== tlogProofHeader) return bad(`it does not start with ${tlogProofHeader}`)
  let extra: Buffer | null = null
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64((lines.shift() as string).slice('extra '.length))
    if (!extra) return bad('its extra line is not base64')
  }
  const indexLine = lines.shift() ?? ''
  const index = indexLine.startsWith('index ') ? parseCount(indexLine.slice('index '.length)) : null
  if (index === null) return bad('its index line is not a plain number')
  if (lines.length > 63) return bad('it has more than 63 hashes')
  const proof = lines.map(fromBase64)
  if (!proof.every((one): one is Buffer => one?.length === 32)) return bad('a line of it is not a hash')
  return { index, proof, checkpoint: text.slice(end + 2), extra }
}

// --------------------------------------------------------------------------------------------- 6. statements

/**
 * A statement: the entries about one customer, each with its way to the same signed root. JSON:
 *
 *     { "format": "guichet-statement@v1",
 *       "log": { "origin": "log.bank.example", "vkey": "log.bank.example+0123abcd+AS…" },
 *       "checkpoint": "log.bank.example\n300\n…\n\n— log.bank.example …\n",
 *       "entries": [ { "index": 41, "entry": base64, "proof": [ base64, … ],
 *                      "opening": { "salt": base64, "payload": base64 } } ] }
 *
 * An entry itself tells nothing: it is a JSON object whose field `commit` is HMAC-SHA256(salt, payload). Who holds the
 * 32-byte salt and the payload (the customer) can show what was disclosed; who destroyed them (erasure) has closed it
 * for good. `opening` is left out when it was destroyed or is not for this reader.
 */
export const statementFormat = 'guichet-statement@v1'
export type Opening = { readonly salt: string; readonly payload: string }
export type StatementEntry = {
  readonly index: number
  readonly entry: string
  readonly proof: readonly string[]
  readonly opening?: Opening
}
export type Statement = {
  readonly format: typeof statementFormat
  readonly log: { readonly origin: string; readonly vkey: string }
  readonly checkpoint: string
  readonly entries: readonly StatementEntry[]
}

/** What an entry carries instead of its content. Salts are 32 random bytes, a new one for each entry. */
export const commitment = (salt: Uint8Array, payload: Uint8Array): Buffer =>
  createHmac('sha256', salt).update(payload).digest()

/** What was found out about one entry. `payload` is what it opens to, when it opens. */
export type EntryVerdict = {
  readonly index: number | null
  readonly ok: boolean
  readonly says: string
  readonly entry?: Uint8Array
  readonly payload?: Uint8Array
}
/** The whole answer: `ok` only when everything in the file holds; `lines` say it in words, safe for a terminal. */
export type Verdict = {
  readonly ok: boolean
  readonly lines: readonly string[]
  readonly origin: string | null
  readonly size: number | null
  readonly cosignedBy: readonly string[]
  readonly entries: readonly EntryVerdict[]
}

/**
 * Whom the reader trusts. `keys`: the log's keys as the bank publishes them. `witnesses`: each must have cosigned.
 * `entry`: the entry's bytes, for a proof file that does not carry them.
 */
export type Trust = {
  readonly keys?: readonly string[]
  readonly witnesses?: readonly string[]
  readonly entry?: Uint8Array
}

/** Verifies a statement or proof file. */
export function verifyFile(source: string | Uint8Array, trust: Trust = {}): Verdict {
  let text: string
  try {
    text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source)
  } catch {
    return failed('This is neither a statement nor a proof file: it is not text.')
  }
  return text.startsWith('c2sp.org/tlog-proof') ? verifyProofFile(text, trust) : verifyStatement(text, trust)
}

function verifyProofFile(text: string, trust: Trust): Verdict {
  const file = parseTlogProof(text)
  if (isRefused(file)) return failed(sentence(file))
  const trusted = openTrusted(file.checkpoint, null, trust)
  if ('ok' in trusted) return trusted
  const entry = trust.entry ?? file.extra
  if (!entry) return failed('The proof file does not carry the entry itself: pass it with --entry.')
  const verdict = checkEntry(file.index, entry, file.proof, trusted.checkpoint)
  return conclude(trusted, [verdict])
}

function verifyStatement(text: string, trust: Trust): Verdict {
  const statement = readStatement(text)
  if (isRefused(statement)) return failed(sentence(statement))
  const trusted = openTrusted(statement.checkpoint, statement.log.vkey, trust)
  if ('ok' in trusted) return trusted
  const seen = new Set<number>()
  const verdicts = statement.entries.map((item): EntryVerdict => {
    const entry = fromBase64(item.entry)
    const proof = item.proof.map(fromBase64)
    if (!entry || !proof.every((one): one is Buffer => one !== null))
      return {
        index: item.index,
        ok: false,
        says: `Entry ${item.index}: its bytes or its proof are not base64.`,
      }
    if (seen.has(item.index))
      return { index: item.index, ok: false, says: `Entry ${item.index} is listed more than once.` }
    seen.add(item.index)
    const verdict = checkEntry(item.index, entry, proof, trusted.checkpoint)
    return verdict.ok && item.opening ? checkOpening(verdict, entry, item.opening) : verdict
  })
  return conclude(trusted, verdicts)
}

type Trusted = {
  readonly checkpoint: Checkpoint
  readonly cosignedBy: readonly string[]
  readonly lines: readonly string[]
}

/** Opens the checkpoint with the reader's keys, or with the file's own key while saying what that is worth. */
function openTrusted(note: string, keyInFile: string | null, trust: Trust): Trusted | Verdict {
  const given = trust.keys ?? []
  if (given.length === 0 && keyInFile === null)
    return failed("A proof file does not name the log's key: pass the key the bank publishes with --key.")
  const logKeys: VerifierKey[] = []
  const witnessKeys: VerifierKey[] = []
  for (const [vkeys, into] of [
    [given.length > 0 ? given : [keyInFile as string], logKeys],
    [trust.witnesses ?? [], witnessKeys],
  ] as const) {
    for (const vkey of vkeys) {
      const key = parseVerifierKey(vkey)
      if (isRefused(key)) return failed(`The key "${printable(vkey)}" cannot be used: ${key.detail}.`)
      // A witness dates what it saw; a plain signature (the log's own, say) would witness nothing.
      if (into === witnessKeys && key.type === 0x01)
        return failed(`The key of ${key.name} is not a witness's key.`)
      into.push(key)
    }
  }
  const opened = openNote(note, [...logKeys, ...witnessKeys])
  if (isRefused(opened)) return failed(sentence(opened))
  const checkpoint = parseCheckpoint(opened.text)
  if (isRefused(checkpoint)) return failed(sentence(checkpoint))
  const byLog = opened.signedBy.find(({ key }) => logKeys.includes(key))
  if (!byLog) return failed("The checkpoint is not signed with the log's key.")
  // One key may serve one log: otherwise a checkpoint of another log of the same owner would pass for this one.
  if (byLog.key.name !== checkpoint.origin)
    return failed(
      `The checkpoint is of "${printable(checkpoint.origin)}", the key is for "${byLog.key.name}".`,
    )
  const lines = [
    given.length > 0
      ? `The checkpoint of ${printable(checkpoint.origin)} (${count(checkpoint.size)}) is signed with the key you gave.`
      : `The checkpoint of ${printable(checkpoint.origin)} (${count(checkpoint.size)}) is signed with the key named in ` +
        'this file. Compare it with the key the bank publishes, or pass that one with --key: ' +
        byLog.key.vkey,
  ]
  for (const witness of witnessKeys) {
    const cosigned = opened.signedBy.find(({ key }) => key === witness)
    if (!cosigned) return failed(`The witness ${witness.name} has not cosigned this checkpoint.`, lines)
    const when = cosigned.time ? ` on ${isoTime(cosigned.time)}` : ''
    lines.push(`The witness ${witness.name} saw the same log${when}.`)
  }
  return { checkpoint, cosignedBy: witnessKeys.map((key) => key.name), lines }
}

function checkEntry(
  index: number,
  entry: Uint8Array,
  proof: readonly Buffer[],
  checkpoint: Checkpoint,
): EntryVerdict {
  const { size, root } = checkpoint
  const ok = verifyInclusion({ index, size, leaf: leafHash(entry), proof, root })
  if (ok) return { index, ok, says: `Entry ${index} is in the log of ${count(size)}.`, entry }
  const why = index >= size ? `the log has only ${count(size)}` : 'entry, proof and log do not fit together'
  return { index, ok, says: `Entry ${index} is NOT shown to be in the log: ${why}.`, entry }
}

/** Does the opening fit the entry's `commit`? The salt must be 32 bytes: HMAC pads shorter ones with zeros. */
function checkOpening(verdict: EntryVerdict, entry: Buffer, opening: Opening): EntryVerdict {
  const wrong = (why: string): EntryVerdict => ({
    ...verdict,
    ok: false,
    says: `${verdict.says} But ${why}.`,
  })
  const salt = fromBase64(opening.salt)
  const payload = fromBase64(opening.payload)
  if (salt?.length !== 32 || !payload) return wrong('its opening is malformed')
  const commit = commitOf(entry)
  if (!commit) return wrong('it carries no commitment that could be opened')
  if (!same(commit, commitment(salt, payload)))
    return wrong('what is said to be in it is not what was logged')
  return { ...verdict, says: `${verdict.says} What was logged: ${printable(payload.toString())}`, payload }
}

/** The 32 bytes in an entry's field `commit`, written in hex or base64 (either alphabet); null when there are none. */
function commitOf(entry: Buffer): Buffer | null {
  const value = readJson(entry.toString())
  const commit = isRecord(value) ? value['commit'] : undefined
  if (typeof commit !== 'string') return null
  if (/^[0-9a-f]{64}$/.test(commit)) return Buffer.from(commit, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(commit) ? Buffer.from(commit, 'base64') : null
}

function conclude(trusted: Trusted, entries: readonly EntryVerdict[]): Verdict {
  const bad = entries.filter((entry) => !entry.ok).length
  const result =
    entries.length === 0
      ? 'The file lists no entries.'
      : bad === 0
        ? `All of it holds: ${count(entries.length)} checked.`
        : `${bad} of ${count(entries.length)} did not hold.`
  return {
    ok: bad === 0,
    lines: [...trusted.lines, ...entries.map((entry) => entry.says), result],
    origin: trusted.checkpoint.origin,
    size: trusted.checkpoint.size,
    cosignedBy: trusted.cosignedBy,
    entries,
  }
}

/** The statement's JSON, its shape checked by hand; what is not asked for is ignored. */
function readStatement(text: string): Statement | Refused {
  const bad = (why: string) => refuse('bad_statement', `the file is not a statement: ${why}`)
  const value = readJson(text)
  if (!isRecord(value)) return bad('it is not a JSON object')
  if (value['format'] !== statementFormat) return bad(`its format is not ${statementFormat}`)
  const { log, checkpoint, entries } = value
  if (!isRecord(log) || typeof log['vkey'] !== 'string') return bad("it does not name the log's key")
  if (typeof checkpoint !== 'string') return bad('it has no checkpoint')
  if (!Array.isArray(entries)) return bad('it has no list of entries')
  for (const item of entries as unknown[]) {
    const shaped =
      isRecord(item) &&
      Number.isSafeInteger(item['index']) &&
      (item['index'] as number) >= 0 &&
      typeof item['entry'] === 'string' &&
      Array.isArray(item['proof']) &&
      item['proof'].length <= 63 &&
      item['proof'].every((one) => typeof one === 'string')
    if (!shaped) return bad('an entry lacks its index, its bytes or its proof')
    const opening = item['opening']
    if (opening === undefined) continue
    if (!isRecord(opening) || typeof opening['salt'] !== 'string' || typeof opening['payload'] !== 'string')
      return bad('an opening lacks its salt or its payload')
  }
  return value as unknown as Statement
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const count = (entries: number): string => `${entries} ${entries === 1 ? 'entry' : 'entries'}`
const isoTime = (seconds: number): string =>
  seconds < 8.64e12 ? new Date(seconds * 1000).toISOString() : 'an unknown day'
const sentence = ({ detail }: Refused): string => `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`
const failed = (says: string, before: readonly string[] = []): Verdict => ({
  ok: false,
  lines: [...before, says],
  origin: null,
  size: null,
  cosignedBy: [],
  entries: [],
})

/** Text from a file as a terminal may show it: control, invisible and direction-changing characters spelt out. */
function printable(text: string): string {
  const shown = text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  )
  return shown.length > 2000 ? `${shown.slice(0, 2000)}…` : shown
}
