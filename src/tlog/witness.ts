import { secondMs } from '../core/clock.ts'
import { type Refusal, refuse } from '../core/refusal.ts'
import { openNote, parseCount, parseNote, type VerifierKey } from './verify.ts'

/** An outside party that watches the log grow: where it is asked (C2SP tlog-witness, submission prefix), and its key. */
export type Witness = { readonly url: string; readonly vkey: string }

export type CosignRequest = {
  /** The checkpoint as the log signed it. */
  readonly note: string
  readonly size: number
  /** The size this witness last cosigned, as far as we know; 0 = never. */
  readonly oldSize: number
  /** The consistency proof from a size to `size`. */
  readonly prove: (oldSize: number) => Promise<readonly Buffer[]>
}
/**
 * `witness_ahead`: it has cosigned a larger log than ours, so ours was rolled back, or another process is quicker.
 * `witness_refused`: it does not accept that our log only grew, or does not know it; `detail` is the HTTP status.
 */
export type CosignRefusal = Refusal<
  'witness_unreachable' | 'witness_refused' | 'witness_ahead' | 'witness_answer_bad'
>
export type Cosigned = { readonly line: string /** Epoch seconds. */; readonly time: number }

const answerBytes = 16_384
const timeoutMs = 5 * secondMs

/**
 * Asks a witness to cosign a checkpoint (C2SP tlog-witness, add-checkpoint). When it remembers another size than we do,
 * it says which, and is asked once more from there. Only a signature that verifies under `key` is taken.
 */
export async function cosign(
  url: string,
  key: VerifierKey,
  request: CosignRequest,
  options: { readonly fetch?: typeof globalThis.fetch; readonly signal?: AbortSignal } = {},
): Promise<Cosigned | CosignRefusal> {
  let oldSize = request.oldSize
  for (const lastTry of [false, true]) {
    const proof = await request.prove(oldSize)
    const lines = [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', request.note]
    let response: Response
    let body: string
    try {
      const timeout = AbortSignal.timeout(timeoutMs)
      response = await (options.fetch ?? globalThis.fetch)(`${url.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: lines.join('\n'),
        redirect: 'error',
        signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      })
      body = await boundedText(response)
    } catch {
      return refuse('witness_unreachable')
    }
    if (response.status === 200) return acceptAnswer(request.note, body, key)
    const known = response.headers.get('content-type')?.startsWith('text/x.tlog.size')
      ? parseCount(body.trim())
      : null
    if (response.status !== 409 || known === null || lastTry)
      return refuse('witness_refused', String(response.status))
    if (known > request.size) return refuse('witness_ahead')
    oldSize = known
  }
  return refuse('witness_refused')
}

function acceptAnswer(note: string, body: string, key: VerifierKey): Cosigned | CosignRefusal {
  const ours = parseNote(note)
  if ('refused' in ours) return refuse('witness_answer_bad')
  for (const line of body.split('\n')) {
    // Lines of other keys, and lines that are none, are not ours to judge.
    const opened = openNote(`${ours.text}\n${line}\n`, [key])
    const time = 'refused' in opened ? undefined : opened.signedBy[0]?.time
    if (time !== undefined) return { line: `${line}\n`, time }
  }
  return refuse('witness_answer_bad')
}

/** An answer's text, cut off when a witness sends more than any answer needs. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > answerBytes) throw new Error('answer too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
