import type { Access } from './access.ts'
import type { Failure } from './failure.ts'

/** One request to a bank's API, after the query was split off. */
export type Ask = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Parsed JSON body of a write; undefined when there is none, null when it was not JSON. */
  readonly body: unknown
  readonly access: Access | null
  /** A fault asks for an incomplete answer (206). */
  readonly partial: boolean
  /** Origin of this bank, for links. */
  readonly origin: string
}

export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly pdf: Buffer }
  | { readonly status: 204 }
  | { readonly failure: Failure; readonly debug?: string }

export const ok = (json: unknown, partial = false): Answer => ({ status: partial ? 206 : 200, json })
export const fail = (failure: Failure, debug?: string): Answer =>
  debug === undefined ? { failure } : { failure, debug }
