import { pino } from 'pino'

/**
 * A log line cannot carry a fact: its fields accept only values made by the four functions below, and none of them
 * takes free text. A plain string or number does not compile.
 */
declare const safe: unique symbol
export type LogSafe = (string | number | boolean) & { readonly [safe]: true }
export type LogFields = { readonly [name: string]: LogSafe | undefined }

const codePattern = /^[A-Za-z0-9_.:/@-]{1,80}$/

/** A word from a closed list: an error code, a route name, a state. Anything that does not look like one is replaced. */
export const code = (value: string): LogSafe => (codePattern.test(value) ? value : 'unprintable') as LogSafe
/** How many. Never an amount of money. */
export const count = (value: number): LogSafe => value as unknown as LogSafe
/** A duration in milliseconds, rounded to a tenth. */
export const ms = (value: number): LogSafe => (Math.round(value * 10) / 10) as unknown as LogSafe
/** One of our own ids (`prefix_…`): random, so it says nothing of the person. */
export const opaque = (id: string): LogSafe =>
  (/^[a-z]{2,5}_[A-Za-z0-9_-]{8,64}$/.test(id) ? id : 'unprintable') as LogSafe
export const flag = (value: boolean): LogSafe => value as unknown as LogSafe

export type Logger = {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** JSON lines on stderr (stdout belongs to commands' answers). */
export function openLogger(
  level: LogLevel,
  destination: { write(line: string): void } = process.stderr,
): Logger {
  const out = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  return {
    debug: (event, fields) => out.debug(fields ?? {}, event),
    info: (event, fields) => out.info(fields ?? {}, event),
    warn: (event, fields) => out.warn(fields ?? {}, event),
    error: (event, fields) => out.error(fields ?? {}, event),
  }
}

/** The loggable face of anything thrown: its class and, where it has one, its stable code. Never its message. */
export function errorCode(error: unknown): LogSafe {
  if (typeof error === 'object' && error !== null) {
    const { code: errorCodeValue, name } = error as { code?: unknown; name?: unknown }
    if (typeof errorCodeValue === 'string') return code(errorCodeValue)
    if (typeof name === 'string') return code(name)
  }
  return code('unknown')
}
