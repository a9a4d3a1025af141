import { createHash } from 'node:crypto'
import type { InstitutionId } from '../bank/bank.ts'
import { dayMs, minuteMs } from '../core/clock.ts'
import { newSecret } from '../core/id.ts'
import { many, one, type Db } from '../core/sql.ts'

/**
 * A signed-in browser: who signed in (as a reference, never by name), how, and until when. The browser holds a random
 * secret; the database only its hash, so that a copy of the database opens nothing.
 */
export type Session = {
  readonly institution: InstitutionId
  readonly subjectRef: Buffer
  readonly method: 'bank' | 'passkey'
  readonly createdAt: Date
}

/** Idle and absolute lifetimes. */
export const sessionIdleMs = 10 * minuteMs
export const sessionLifeMs = 60 * minuteMs

const hashed = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Opens a session and gives the secret for the cookie. */
export async function openSession(
  db: Db,
  who: { institution: InstitutionId; subjectRef: Buffer; method: 'bank' | 'passkey' },
  now: number,
): Promise<string> {
  const secret = newSecret()
  await db.query(
    `insert into customer_session (session_hash, institution, subject_ref, method, created_at, seen_at, expires_at)
     values ($1, $2, $3, $4, to_timestamp($5 / 1000.0), to_timestamp($5 / 1000.0), to_timestamp($6 / 1000.0))`,
    [hashed(secret), who.institution, who.subjectRef, who.method, now, now + sessionLifeMs],
  )
  return secret
}

/** The session behind a cookie, if it lives; noted as seen. */
export async function readSession(db: Db, secret: string | undefined, now: number): Promise<Session | null> {
  if (!secret || secret.length > 100) return null
  return one<Session>(
    db,
    `update customer_session set seen_at = to_timestamp($2 / 1000.0)
      where session_hash = $1 and expires_at > to_timestamp($2 / 1000.0) and seen_at > to_timestamp($3 / 1000.0)
      returning institution, subject_ref as "subjectRef", method, created_at as "createdAt"`,
    [hashed(secret), now, now - sessionIdleMs],
  )
}

export async function closeSession(db: Db, secret: string): Promise<void> {
  await db.query('delete from customer_session where session_hash = $1', [hashed(secret)])
}

/** Closes every browser of a person: after erasure, or when they ask for it. */
export async function closeSessionsOf(db: Db, subjectRef: Buffer): Promise<number> {
  const result = await db.query('delete from customer_session where subject_ref = $1', [subjectRef])
  return result.rowCount ?? 0
}

// ---------------------------------------------------------------- passkeys (WebAuthn Level 3)

export type Passkey = {
  readonly credentialId: Buffer
  readonly institution: InstitutionId
  readonly subjectRef: Buffer
  readonly publicKey: Buffer
  readonly counter: number
  readonly transports: string
  readonly createdAt: Date
  readonly usedAt: Date | null
}

const passkeyColumns = `credential_id as "credentialId", institution, subject_ref as "subjectRef", public_key as "publicKey",
  counter::int as counter, transports, created_at as "createdAt", used_at as "usedAt"`

export const passkeysOf = (db: Db, subjectRef: Buffer): Promise<Passkey[]> =>
  many<Passkey>(
    db,
    `select ${passkeyColumns} from customer_passkey where subject_ref = $1 order by created_at`,
    [subjectRef],
  )

export const passkeyById = (db: Db, credentialId: Buffer): Promise<Passkey | null> =>
  one<Passkey>(db, `select ${passkeyColumns} from customer_passkey where credential_id = $1`, [credentialId])

export async function addPasskey(db: Db, passkey: Omit<Passkey, 'createdAt' | 'usedAt'>): Promise<void> {
  await db.query(
    `insert into customer_passkey (credential_id, institution, subject_ref, public_key, counter, transports) values ($1, $2, $3, $4, $5, $6)`,
    [
      passkey.credentialId,
      passkey.institution,
      passkey.subjectRef,
      passkey.publicKey,
      passkey.counter,
      passkey.transports,
    ],
  )
}

export async function usedPasskey(db: Db, credentialId: Buffer, counter: number): Promise<void> {
  await db.query('update customer_passkey set counter = $2, used_at = now() where credential_id = $1', [
    credentialId,
    counter,
  ])
}

export async function removePasskey(db: Db, subjectRef: Buffer, credentialId: Buffer): Promise<boolean> {
  const result = await db.query(
    'delete from customer_passkey where subject_ref = $1 and credential_id = $2',
    [subjectRef, credentialId],
  )
  return (result.rowCount ?? 0) > 0
}

// ---------------------------------------------------------------- one-time values of the web doors

/** Keeps something for one later request of the same browser, under a random handle. */
export async function putChallenge(db: Db, kind: string, body: unknown, expiresAt: number): Promise<string> {
  const handle = newSecret()
  await db.query(
    `insert into customer_challenge (handle_hash, kind, body, expires_at) values ($1, $2, $3, to_timestamp($4 / 1000.0))`,
    [hashed(handle), kind, JSON.stringify(body), expiresAt],
  )
  return handle
}

/** Takes it out again: it works once. */
export async function takeChallenge(
  db: Db,
  kind: string,
  handle: string | undefined,
  now: number,
): Promise<unknown> {
  if (!handle || handle.length > 100) return null
  const row = await one<{ body: unknown }>(
    db,
    'delete from customer_challenge where handle_hash = $1 and kind = $2 and expires_at > to_timestamp($3 / 1000.0) returning body',
    [hashed(handle), kind, now],
  )
  return row?.body ?? null
}

/** Deletes what has expired: sessions, linkings, one-time values. Run by a job. */
export async function sweepExpired(db: Db, now: number): Promise<void> {
  await db.query('delete from customer_session where expires_at < to_timestamp($1 / 1000.0)', [now])
  await db.query('delete from customer_challenge where expires_at < to_timestamp($1 / 1000.0)', [now])
  await db.query('delete from customer_linking where expires_at < to_timestamp($1 / 1000.0)', [now - dayMs])
}
