/**
 * Something a person who runs Guichet must put right: a setting, a file, a port, a database that is not there. Its
 * sentences are for a terminal, say what to do, and never carry customer data. Printed without a stack.
 */
export class OperatorError extends Error {
  readonly code: string
  /** One sentence per fault, all of them, not the first. */
  readonly faults: readonly string[]
  constructor(code: string, faults: string | readonly string[], options: { cause?: unknown } = {}) {
    const list = typeof faults === 'string' ? [faults] : faults
    super(list.join('\n'), { cause: options.cause })
    this.name = 'OperatorError'
    this.code = code
    this.faults = list
  }
}
