import type { IncomingMessage } from 'node:http'

const maxForm = 16 * 1024

/** The body of a request as text; null beyond `limit` bytes (the rest is not read). */
export async function readText(request: IncomingMessage, limit: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A posted form (`application/x-www-form-urlencoded`); empty when it is too long. */
export const readForm = async (request: IncomingMessage): Promise<URLSearchParams> =>
  new URLSearchParams((await readText(request, maxForm)) ?? '')
