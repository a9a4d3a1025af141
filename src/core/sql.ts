import type { Pool, PoolClient, QueryResultRow } from 'pg'

/** Anything a statement can be sent to: the pool, or a client inside a transaction. */
export type Db = Pick<Pool | PoolClient, 'query'>

declare const inTransaction: unique symbol
/** A client inside an open transaction. Functions that need one say so by asking for this type. */
export type Trx = PoolClient & { readonly [inTransaction]: true }

/** Runs `work` in a transaction: commits when it returns, rolls back when it throws. */
export async function transaction<Result>(pool: Pool, work: (trx: Trx) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client as Trx)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error('rollback failed')
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** The first row, or null. */
export async function one<Row extends QueryResultRow>(
  db: Db,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row | null> {
  const result = await db.query<Row>(text, values as unknown[])
  return result.rows[0] ?? null
}

export async function many<Row extends QueryResultRow>(
  db: Db,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await db.query<Row>(text, values as unknown[])
  return result.rows
}
