import type { Client, Connection, Submittable } from 'pg'

/** What `pg` offers for copies and does not declare. */
type Copying = Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }

/**
 * `copy … from stdin (format binary)` (PostgreSQL manual, COPY, binary format): the quickest way in for millions of
 * rows. Fields are bytes as the column type's binary form wants them; null = SQL null.
 */
export class CopyIn {
  readonly #columns: number
  readonly #flushAt: number
  readonly #connection: Copying
  readonly #done: Promise<void>
  #buffer = Buffer.allocUnsafe(1 << 20)
  #at = 0

  private constructor(columns: number, connection: Connection, done: Promise<void>) {
    this.#columns = columns
    this.#flushAt = this.#buffer.length - 65_536
    this.#connection = connection as Copying
    this.#done = done
    this.#put(Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'))
    this.#put(Buffer.alloc(8))
  }

  static open(client: Client, table: string, columns: readonly string[]): Promise<CopyIn> {
    return new Promise((resolve, reject) => {
      const finished = Promise.withResolvers<void>()
      finished.promise.catch(() => {})
      const names = columns.map((name) => `"${name}"`).join(', ')
      const query = {
        submit: (connection: Connection) =>
          connection.query(`copy ${table} (${names}) from stdin (format binary)`),
        handleCopyInResponse: (connection: Connection) =>
          resolve(new CopyIn(columns.length, connection, finished.promise)),
        handleCommandComplete: () => {},
        handleReadyForQuery: () => finished.resolve(),
        handleError: (error: Error) => {
          reject(error)
          finished.reject(error)
        },
      }
      client.query(query as unknown as Submittable)
    })
  }

  #put(bytes: Buffer): void {
    bytes.copy(this.#buffer, this.#at)
    this.#at += bytes.length
  }

  /** One row; its fields may not be larger than 64 kB in all. */
  row(fields: readonly (Buffer | null)[]): void {
    if (fields.length !== this.#columns) throw new Error('a row has a field for each column')
    this.#at = this.#buffer.writeInt16BE(fields.length, this.#at)
    for (const field of fields) {
      this.#at = this.#buffer.writeInt32BE(field === null ? -1 : field.length, this.#at)
      if (field !== null) this.#put(field)
    }
    if (this.#at > this.#flushAt) this.#flush()
  }

  #flush(): void {
    this.#connection.sendCopyFromChunk(Buffer.from(this.#buffer.subarray(0, this.#at)))
    this.#at = 0
  }

  async end(): Promise<void> {
    this.#at = this.#buffer.writeInt16BE(-1, this.#at)
    this.#flush()
    this.#connection.endCopyFrom()
    await this.#done
  }
}

/** Binary forms of the column types used here. */
export const field = {
  smallint(value: number): Buffer {
    const bytes = Buffer.allocUnsafe(2)
    bytes.writeInt16BE(value)
    return bytes
  },
  integer(value: number): Buffer {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeInt32BE(value)
    return bytes
  },
  bigint(value: number): Buffer {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(BigInt(value))
    return bytes
  },
  uuid: (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex'),
  text: (text: string): Buffer => Buffer.from(text),
  /** Microseconds since 2000-01-01. */
  timestamptz: (epochMs: number): Buffer => field.bigint((epochMs - 946_684_800_000) * 1_000),
}
