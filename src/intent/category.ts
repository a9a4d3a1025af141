import type { Transaction } from '../bank/bank.ts'
import type { WordKey } from '../core/words.ts'
import type { Category } from '../nlu/reading.ts'
import { plain } from './alike.ts'

/** What a payment was for. `other`: its code is none of our categories; null: the bank gave nothing to tell it by. */
export type Kind = Category | 'other' | null

/** How a category is called in a sentence ("you spent … on groceries"). */
export const categoryWords: Readonly<Record<Category | 'other', WordKey>> = {
  groceries: 'category.groceries',
  restaurants: 'category.restaurants',
  coffee: 'category.coffee',
  transport: 'category.transport',
  fuel: 'category.fuel',
  travel: 'category.travel',
  shopping: 'category.shopping',
  entertainment: 'category.entertainment',
  health: 'category.health',
  home: 'category.home',
  utilities: 'category.utilities',
  subscriptions: 'category.subscriptions',
  education: 'category.education',
  cash: 'category.cash',
  fees: 'category.fees',
  other: 'category.other',
}

/** Ranges of ISO 18245 merchant category codes, first match wins. */
const ranges: readonly (readonly [from: number, to: number, category: Category])[] = [
  [1520, 1799, 'home'],
  [3000, 3999, 'travel'],
  [4011, 4011, 'travel'],
  [4111, 4131, 'transport'],
  [4411, 4411, 'travel'],
  [4457, 4468, 'travel'],
  [4511, 4582, 'travel'],
  [4722, 4723, 'travel'],
  [4784, 4789, 'transport'],
  [4812, 4821, 'utilities'],
  [4899, 4899, 'subscriptions'],
  [4900, 4900, 'utilities'],
  [5094, 5094, 'shopping'],
  [5122, 5122, 'health'],
  [5172, 5172, 'fuel'],
  [5200, 5261, 'home'],
  [5262, 5399, 'shopping'],
  [5411, 5499, 'groceries'],
  [5511, 5533, 'transport'],
  [5541, 5542, 'fuel'],
  [5551, 5551, 'shopping'],
  [5552, 5552, 'fuel'],
  [5561, 5599, 'transport'],
  [5611, 5699, 'shopping'],
  [5712, 5722, 'home'],
  [5732, 5734, 'shopping'],
  [5735, 5735, 'entertainment'],
  [5811, 5814, 'restaurants'],
  [5815, 5818, 'subscriptions'],
  [5912, 5912, 'health'],
  [5968, 5968, 'subscriptions'],
  [5975, 5976, 'health'],
  [5983, 5983, 'fuel'],
  [5921, 5921, 'groceries'],
  [5931, 5999, 'shopping'],
  [6010, 6011, 'cash'],
  [6513, 6513, 'home'],
  [7011, 7012, 'travel'],
  [7032, 7033, 'travel'],
  [7210, 7217, 'home'],
  [7512, 7519, 'travel'],
  [7523, 7549, 'transport'],
  [7829, 7841, 'entertainment'],
  [7911, 7996, 'entertainment'],
  [7997, 7997, 'health'],
  [7998, 7999, 'entertainment'],
  [8011, 8099, 'health'],
  [8211, 8299, 'education'],
  [9211, 9402, 'fees'],
]

const coffee =
  /\b(coffees?|coffeehouse|cafes?|caffe|cafeterias?|cafecitos?|espresso|expresso|latte|cappuccino|barista|roasters?|roastery|roasting|bruleries?|torrefact\w+|tostador(?:es|a)?|tostaduria|starbucks|tim hortons|dunkin|dutch bros|peet s|caribou|blue bottle|costa|second cup|van houtte|nero)\b/
/** A bank writes its own charges without a merchant and without a code (English, French, Spanish). */
const fees =
  /\b(monthly fee|service (fee|charge)|account fee|overdraft|atm fee|foreign transaction fee|late fee|annual fee|nsf|frais|interest charge|interets? debit(eurs?)?|comision(es)?|cargo por|cuota (anual|mensual))\b/
const cash = /\b(atm|cash withdrawal|withdrawal|retrait|guichet|retiro|cajero)\b/

/**
 * What a payment was for, by its merchant category code. ISO 18245 has no code of its own for a coffee shop, so of
 * what was eaten out the name tells. Without a code only the bank's own charges and cash are told by their line; the
 * rest is not guessed at.
 */
export function kindOf({ mcc, merchant, description }: Transaction): Kind {
  const name = plain(`${merchant ?? ''} ${description}`)
  if (mcc === null || !/^\d{4}$/.test(mcc))
    return merchant !== null ? null : fees.test(name) ? 'fees' : cash.test(name) ? 'cash' : null
  const code = Number(mcc)
  const found = ranges.find(([from, to]) => code >= from && code <= to)?.[2] ?? 'other'
  // 5812 to 5814 eating places, 5462 bakeries, 5499 other food shops.
  const sellsCoffee = found === 'restaurants' || code === 5462 || code === 5499
  return sellsCoffee && coffee.test(name) ? 'coffee' : found
}
