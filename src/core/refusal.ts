/**
 * Three kinds of wrong. A *refusal* is an answer and is returned. *Outside trouble* is thrown as OutsideError and says
 * whether trying again can help. A *bug* is an assertion (`invariant`).
 */
export type Refusal<Code extends string = string> = { readonly refused: Code; readonly detail?: string }

export const refuse = <const Code extends string>(refused: Code, detail?: string): Refusal<Code> =>
  detail === undefined ? { refused } : { refused, detail }

export function isRefusal<Value>(value: Value): value is Extract<Value, Refusal> {
  return typeof value === 'object' && value !== null && 'refused' in value
}

/** Something outside (a bank, a platform, the database) failed. `code` is stable and free of content; `cause` is never logged whole. */
export class OutsideError extends Error {
  readonly code: string
  readonly retryable: boolean
  /** How long the outside asked us to wait, when it said so. */
  readonly waitMs: number | undefined
  constructor(code: string, options: { retryable: boolean; waitMs?: number; cause?: unknown }) {
    super(code, { cause: options.cause })
    this.name = 'OutsideError'
    this.code = code
    this.retryable = options.retryable
    this.waitMs = options.waitMs
  }
}

/** States what must be true here; its failure is our bug. The message must carry no customer data. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`)
}
