/**
 * What can be told of a customer's money, as a closed list: every field belongs to one cluster. Clusters group what a
 * customer would think of as one thing; text that comes from outside (merchants, memos, payees) has clusters of its
 * own, with ceilings of its own, because whoever wrote it is not the bank.
 *
 * Beside each cluster: the FDX data cluster it is read under (FDX API v6, DataCluster).
 */
export const clusters = {
  accounts: { fdx: 'ACCOUNT_BASIC' },
  balances: { fdx: 'BALANCES' },
  transactions: { fdx: 'TRANSACTIONS' },
  merchants: { fdx: 'TRANSACTIONS' },
  memos: { fdx: 'TRANSACTIONS' },
  counterparties: { fdx: 'TRANSACTIONS' },
  spending: { fdx: 'TRANSACTIONS' },
  cards: { fdx: 'ACCOUNT_BASIC' },
  numbers: { fdx: 'PAYMENT_SUPPORT' },
  identity: { fdx: 'CUSTOMER_CONTACT' },
} as const
export type Cluster = keyof typeof clusters

/** Every field, its cluster, and whether its text was written outside the bank. */
export const fields = {
  'account.nickname': { cluster: 'accounts', outsideText: false },
  'account.type': { cluster: 'accounts', outsideText: false },
  'account.last-four': { cluster: 'accounts', outsideText: false },
  'balance.available': { cluster: 'balances', outsideText: false },
  'balance.current': { cluster: 'balances', outsideText: false },
  'balance.credit-available': { cluster: 'balances', outsideText: false },
  'balance.as-of': { cluster: 'balances', outsideText: false },
  'transaction.amount': { cluster: 'transactions', outsideText: false },
  'transaction.date': { cluster: 'transactions', outsideText: false },
  'transaction.status': { cluster: 'transactions', outsideText: false },
  'transaction.category': { cluster: 'transactions', outsideText: false },
  'transaction.merchant': { cluster: 'merchants', outsideText: true },
  'transaction.memo': { cluster: 'memos', outsideText: true },
  'transaction.counterparty': { cluster: 'counterparties', outsideText: true },
  'spending.total': { cluster: 'spending', outsideText: false },
  'spending.count': { cluster: 'spending', outsideText: false },
  'spending.period': { cluster: 'spending', outsideText: false },
  'income.total': { cluster: 'spending', outsideText: false },
  'card.last-four': { cluster: 'cards', outsideText: false },
  'card.status': { cluster: 'cards', outsideText: false },
  'number.account': { cluster: 'numbers', outsideText: false },
  'number.routing': { cluster: 'numbers', outsideText: false },
  'identity.name': { cluster: 'identity', outsideText: true },
  'identity.contact': { cluster: 'identity', outsideText: true },
} as const satisfies Record<string, { cluster: Cluster; outsideText: boolean }>
export type Field = keyof typeof fields

export const fieldNames = Object.keys(fields) as Field[]
export const clusterNames = Object.keys(clusters) as Cluster[]
export const clusterOf = (field: Field): Cluster => fields[field].cluster
