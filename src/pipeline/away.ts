import { OutsideError } from '../core/refusal.ts'

/** SQLSTATE classes and codes of a server that is going, gone or coming back; and what the system says of a connection. */
const awayCode =
  /^(08...|57P0[1-5]|53300|25006|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/
/** The driver's own words for a connection that broke; it gives them no code. */
const awayWords =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying)/

/**
 * Did the database not answer, so that the same may succeed in a moment? What a bank or a platform fails with is an
 * OutsideError, and never this.
 */
export function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof OutsideError) return false
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? awayCode.test(code) : awayWords.test(error.message)
}
