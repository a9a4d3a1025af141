import type { BankKey } from '../../people/people.ts'
import type { Town } from './shop.ts'
import { towns } from './shop.ts'

export type AccountKind = 'checking' | 'savings' | 'card'

export type AccountPlan = {
  readonly kind: AccountKind
  readonly nickname: string
  readonly product: string
  readonly lastFour: string
  /** Checking: what can be spent at the first start. Savings: what it began with. Card: the limit. Minor units. */
  readonly figure: number
}

/** What one person's money does at one bank; everything in minor units of the bank's currency. */
export type Life = {
  readonly town: Town
  readonly employer: string
  /** Each pay; `twice` = the 15th and the last day, `monthly` = the 28th. */
  readonly pay: number
  readonly schedule: 'twice' | 'monthly'
  readonly rent: number
  readonly accounts: readonly AccountPlan[]
  /** How eager a spender: 1 is usual. */
  readonly pace: number
}

const account = (
  kind: AccountKind,
  nickname: string,
  product: string,
  lastFour: string,
  figure: number,
): AccountPlan => ({ kind, nickname, product, lastFour, figure })

const lives: Readonly<Record<string, Life>> = {
  'harbor|ana': {
    town: towns.east,
    employer: 'Meridian Design Studio',
    pay: 123_412,
    schedule: 'twice',
    rent: 115_000,
    pace: 1,
    accounts: [
      account('checking', 'Everyday checking', 'Harbor Everyday Checking', '4821', 234_018),
      account('savings', 'Rainy day', 'Harbor Lighthouse Savings', '7730', 420_000),
      account('card', 'Harbor card', 'Harbor Tide Card', '9034', 600_000),
    ],
  },
  'harbor|ben': {
    town: towns.central,
    employer: 'Ironbridge Logistics',
    pay: 34_550,
    schedule: 'twice',
    rent: 0,
    pace: 0.5,
    accounts: [
      account('checking', 'Side account', 'Harbor Everyday Checking', '1187', 118_240),
      account('savings', 'Bike fund', 'Harbor Lighthouse Savings', '6402', 95_000),
    ],
  },
  'harbor|elena': {
    town: towns.west,
    employer: 'Clínica Esperanza',
    pay: 141_230,
    schedule: 'twice',
    rent: 129_500,
    pace: 1.1,
    accounts: [
      account('checking', 'Gastos diarios', 'Harbor Everyday Checking', '2295', 261_377),
      account('savings', 'Ahorros', 'Harbor Lighthouse Savings', '3318', 640_000),
      account('card', 'Harbor card', 'Harbor Tide Card', '5570', 800_000),
    ],
  },
  'granite|ben': {
    town: towns.central,
    employer: 'Ironbridge Logistics',
    pay: 164_320,
    schedule: 'twice',
    rent: 138_000,
    pace: 1.2,
    accounts: [
      account('checking', 'Main checking', 'Granite Bedrock Checking', '3046', 318_906),
      account('savings', 'House deposit', 'Granite Summit Savings', '8815', 1_250_000),
      account('card', 'Granite card', 'Granite Ridge Card', '7721', 1_000_000),
    ],
  },
  'granite|elena': {
    town: towns.west,
    employer: 'Clínica Esperanza',
    pay: 54_800,
    schedule: 'twice',
    rent: 0,
    pace: 0.45,
    accounts: [
      account('checking', 'Joint bills', 'Granite Bedrock Checking', '9902', 127_415),
      account('card', 'Granite card', 'Granite Ridge Card', '4410', 350_000),
    ],
  },
  'erable|chloe': {
    town: towns.montreal,
    employer: 'Studio Boréalis inc.',
    pay: 137_045,
    schedule: 'twice',
    rent: 121_000,
    pace: 1,
    accounts: [
      account('checking', 'Compte chèques', 'Compte Quotidien', '6154', 251_263),
      account('savings', 'Voyage', 'Épargne Sirop', '2087', 510_000),
      account('card', 'Carte Érable', 'Carte Feuille d’or', '8846', 700_000),
    ],
  },
  'thistle|davina': {
    town: towns.leeds,
    employer: 'Aire Valley NHS Trust',
    pay: 189_940,
    schedule: 'monthly',
    rent: 86_500,
    pace: 0.9,
    accounts: [
      account('checking', 'Current account', 'Thistle Current Account', '5093', 301_744),
      account('savings', 'Holiday pot', 'Thistle Easy Saver', '6628', 380_000),
      account('card', 'Thistle card', 'Thistle Credit Card', '1175', 450_000),
    ],
  },
}

/** The life of this person at this bank; undefined when they bank elsewhere. */
export const lifeOf = (bank: BankKey, person: string): Life | undefined => lives[`${bank}|${person}`]
