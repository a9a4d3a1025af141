import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'

/** A request as it came, before anything is read of it. */
export type Request = {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly type: string
  readonly body: Buffer
  readonly rawHeaders: readonly string[]
}

const plainBodyLimit = 3 * 1024 * 1024
export const batchLimit = 50

export type Parsed = {
  readonly method: string
  readonly segments: readonly string[]
  readonly params: JsonObject
  readonly token: string | null
  readonly proof: string | null
  readonly problem?: string
}

const looksLikeJson = /^\s*[[{]/

/** A form's values are text; those that are JSON objects or lists are read as such, as the Graph API does. */
function formParams(text: string): JsonObject {
  const params: JsonObject = {}
  for (const [name, value] of new URLSearchParams(text)) params[name] = formValue(value)
  return params
}
function formValue(value: string): unknown {
  if (!looksLikeJson.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

export function parse(request: Request, token: string | null, proof: string | null): Parsed {
  const question = request.url.indexOf('?')
  const path = question === -1 ? request.url : request.url.slice(0, question)
  const segments = path.split('/').filter(Boolean)
  if (segments[0] !== undefined && /^v\d+\.\d+$/.test(segments[0])) segments.shift()
  let params: JsonObject = question === -1 ? {} : formParams(request.url.slice(question + 1))
  let problem: string | undefined
  if (request.body.length > 0) {
    if (request.body.length > plainBodyLimit) problem = 'The request body is too large'
    else if (
      request.type.startsWith('application/json') ||
      (request.type === '' && request.body[0] === 0x7b)
    ) {
      try {
        const value: unknown = JSON.parse(request.body.toString('utf8'))
        if (isObject(value)) params = question === -1 ? value : { ...params, ...value }
        else problem = 'The request body must be a JSON object'
      } catch {
        problem = 'The request body is not valid JSON'
      }
    } else params = { ...params, ...formParams(request.body.toString('utf8')) }
  }
  const tokens = tokensIn(request, params)
  // In a form a method may be overridden, as the Graph API allows for clients that only POST.
  const method =
    request.method === 'POST' && (params['method'] === 'delete' || params['method'] === 'get')
      ? word(params['method']).toUpperCase()
      : request.method
  return { method, segments, params, token: tokens.token ?? token, proof: tokens.proof ?? proof, problem }
}

export function tokensIn(
  request: Request,
  params: JsonObject,
): { token: string | null; proof: string | null } {
  const bearer =
    request.authorization === undefined
      ? null
      : (/^(?:Bearer|OAuth) (.+)$/.exec(request.authorization)?.[1] ?? null)
  return {
    token: bearer ?? (typeof params['access_token'] === 'string' ? params['access_token'] : null),
    proof: typeof params['appsecret_proof'] === 'string' ? params['appsecret_proof'] : null,
  }
}

export async function readMultipart(request: Request): Promise<JsonObject> {
  const form = await new Response(new Uint8Array(request.body), {
    headers: { 'content-type': request.type },
  }).formData()
  const params: JsonObject = question(request.url)
  for (const [name, value] of form) {
    if (typeof value === 'string') params[name] = formValue(value)
    else params[`${name}_bytes`] = value.size
  }
  return params
}
const question = (url: string): JsonObject =>
  url.includes('?') ? formParams(url.slice(url.indexOf('?') + 1)) : {}

// ------------------------------------------------------------------ batch (reference §12)

export type BatchPart = {
  readonly method: string
  readonly relativeUrl: string
  readonly body: string
  readonly name: string | null
  readonly dependsOn: string | null
  readonly omit: boolean
}

export function readBatch(given: unknown): BatchPart[] | null {
  if (!Array.isArray(given) || given.length === 0 || given.length > batchLimit) return null
  const parts: BatchPart[] = []
  for (const one of given as unknown[]) {
    if (!isObject(one) || typeof one['method'] !== 'string' || typeof one['relative_url'] !== 'string')
      return null
    const { body = '', name, depends_on: dependsOn } = one
    if (typeof body !== 'string') return null
    parts.push({
      method: one['method'].toUpperCase(),
      relativeUrl: one['relative_url'],
      body,
      name: typeof name === 'string' ? name : null,
      dependsOn: typeof dependsOn === 'string' ? dependsOn : null,
      omit: one['omit_response_on_success'] !== false,
    })
  }
  return parts
}

/** `{result=first:$.message_id}` in a later part stands for a value of an earlier part's answer. */
export const fillReferences = (text: string, done: ReadonlyMap<string, unknown>): string =>
  !text.includes('{result=')
    ? text
    : text.replaceAll(
        /\{result=([A-Za-z0-9_-]+):\$\.([A-Za-z0-9_.]+)\}/g,
        (_, name: string, path: string) => {
          let value: unknown = done.get(name)
          for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined
          return value === undefined ? '' : word(value)
        },
      )
