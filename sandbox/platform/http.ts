import type { IncomingMessage, ServerResponse } from 'node:http'

/** Collects a body up to `limit` bytes; beyond it the answer is 413 and the callback is never called. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  then: (body: Buffer) => void,
): void {
  let first: Buffer | null = null
  let chunks: Buffer[] | null = null
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) return
    if (first === null) first = chunk
    else (chunks ??= [first]).push(chunk)
  })
  request.on('error', () => response.destroy())
  request.on('end', () => {
    if (size > limit) return json(response, 413, { error: 'too large' })
    then(chunks === null ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks))
  })
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
