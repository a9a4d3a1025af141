/** Kinds of spending as shown on the card, as a closed list. Each has an icon and a word `category.<name>`. */
export const categories = [
  'groceries',
  'dining',
  'transport',
  'travel',
  'shopping',
  'home',
  'bills',
  'health',
  'entertainment',
  'cash',
  'income',
  'transfer',
  'fees',
  'other',
] as const
export type Category = (typeof categories)[number]

/** Ranges of ISO 18245 merchant category codes, first match wins. */
const ranges: readonly (readonly [from: number, to: number, category: Category])[] = [
  [3000, 3999, 'travel'],
  [4011, 4011, 'travel'],
  [4111, 4131, 'transport'],
  [4411, 4511, 'travel'],
  [4722, 4722, 'travel'],
  [4784, 4789, 'transport'],
  [4829, 4829, 'transfer'],
  [4812, 4900, 'bills'],
  [5200, 5271, 'home'],
  [5411, 5499, 'groceries'],
  [5511, 5599, 'transport'],
  [5712, 5722, 'home'],
  [5811, 5814, 'dining'],
  [5815, 5818, 'entertainment'],
  [5912, 5912, 'health'],
  [5941, 5947, 'entertainment'],
  [5300, 5999, 'shopping'],
  [6010, 6011, 'cash'],
  [6012, 6051, 'transfer'],
  [6300, 6399, 'bills'],
  [6513, 6513, 'home'],
  [6536, 6540, 'transfer'],
  [7011, 7012, 'travel'],
  [7512, 7549, 'transport'],
  [7800, 7999, 'entertainment'],
  [8011, 8099, 'health'],
  [9311, 9399, 'fees'],
]

/** The kind of spending that a merchant category code (four digits) stands for; `other` when it says nothing. */
export function categoryOfMcc(mcc: string | null): Category {
  if (mcc === null || !/^\d{4}$/.test(mcc)) return 'other'
  const code = Number(mcc)
  return ranges.find(([from, to]) => code >= from && code <= to)?.[2] ?? 'other'
}
