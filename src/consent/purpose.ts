import type { Cluster } from './field.ts'

/**
 * The purposes for which a fact may leave, as a closed list in code. Each has its term in the Data Privacy Vocabulary
 * (https://w3id.org/dpv), the key of its plain sentence in the message catalogue, and the clusters it can touch at most.
 *
 * Advertising, profiling for others, selling data and training models are not here, and nothing (no setting, no
 * policy file, no grant) can add them: a purpose is this type or it does not exist.
 */
export const purposes = {
  balance: {
    dpv: 'dpv:AccountManagement',
    sentence: 'purpose.balance',
    clusters: ['accounts', 'balances', 'cards'],
  },
  transactions: {
    dpv: 'dpv:RequestedServiceProvision',
    sentence: 'purpose.transactions',
    clusters: ['accounts', 'transactions', 'merchants', 'memos', 'counterparties', 'cards'],
  },
  insights: {
    dpv: 'dpv:RequestedServiceProvision',
    sentence: 'purpose.insights',
    clusters: ['accounts', 'spending', 'transactions', 'merchants'],
  },
  receipts: {
    dpv: 'dpv:CustomerOrderManagement',
    sentence: 'purpose.receipts',
    clusters: ['transactions', 'merchants', 'cards'],
  },
  shipping: { dpv: 'dpv:DeliveryOfGoods', sentence: 'purpose.shipping', clusters: ['merchants'] },
  'fraud-alerts': {
    dpv: 'dpv:FraudPreventionAndDetection',
    sentence: 'purpose.fraud-alerts',
    clusters: ['accounts', 'transactions', 'merchants', 'cards'],
  },
  'account-alerts': {
    dpv: 'dpv:AccountManagement',
    sentence: 'purpose.account-alerts',
    clusters: ['accounts', 'balances', 'transactions', 'merchants', 'cards'],
  },
  support: {
    dpv: 'dpv:CommunicationForCustomerCare',
    sentence: 'purpose.support',
    clusters: ['accounts', 'balances', 'transactions', 'merchants', 'cards'],
  },
  payments: {
    dpv: 'dpv:PaymentManagement',
    sentence: 'purpose.payments',
    clusters: ['accounts', 'balances', 'counterparties', 'transactions'],
  },
  orders: {
    dpv: 'dpv:CustomerOrderManagement',
    sentence: 'purpose.orders',
    clusters: ['cards', 'transactions', 'merchants'],
  },
} as const satisfies Record<string, { dpv: string; sentence: string; clusters: readonly Cluster[] }>
export type Purpose = keyof typeof purposes

export const purposeNames = Object.keys(purposes) as Purpose[]

/** True when this purpose may touch this cluster at all. */
export const purposeTouches = (purpose: Purpose, cluster: Cluster): boolean =>
  (purposes[purpose].clusters as readonly Cluster[]).includes(cluster)
