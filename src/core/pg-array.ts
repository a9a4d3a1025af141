/**
 * PostgreSQL array literals made by hand: for batches of a few hundred rows this costs a fraction of what a driver's
 * generic encoding does (PostgreSQL manual §8.15.2 for the syntax).
 */
export const numberArray = (values: readonly (number | null)[]): string =>
  values.length === 0 ? '{}' : `{${values.map((value) => (value === null ? 'NULL' : value)).join(',')}}`

/** For values from our own alphabets only (UUIDs, ids, words of closed lists): never text from outside. */
export const plainArray = (values: readonly (string | null)[]): string =>
  values.length === 0 ? '{}' : `{${values.map((value) => value ?? 'NULL').join(',')}}`

/** For any text: quoted and escaped; NUL, which PostgreSQL text cannot hold, is dropped. */
export const textArray = (values: readonly (string | null)[]): string =>
  values.length === 0
    ? '{}'
    : `{${values.map((value) => (value === null ? 'NULL' : `"${value.replaceAll('\0', '').replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`

export const booleanArray = (values: readonly boolean[]): string =>
  `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`
