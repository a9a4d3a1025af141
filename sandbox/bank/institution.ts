import type { BankKey } from '../people/people.ts'

/** Colours of one theme. Text on `accent` is `onAccent`; both pairs keep a contrast of 4.5:1 or better (tested). */
export type Palette = {
  readonly page: string
  readonly surface: string
  readonly line: string
  readonly text: string
  readonly quiet: string
  readonly accent: string
  readonly onAccent: string
  readonly wash: string
  readonly danger: string
}

/** How one bank's interface differs from the book, as real ones do (see README.md). */
export type Habits = {
  /** Amounts carry a sign (minus = money out) and `debitCreditMemo` is left out. */
  readonly signedAmounts: boolean
  /** `offset`/`page.nextOffset` of FDX before 6, or `pageKey`/`page.nextPageKey`. */
  readonly paging: 'pageKey' | 'offset'
  /** FDX 5 error codes were strings, published examples of FDX 6 have integers. */
  readonly errorCodes: 'number' | 'string'
  /** FDX before 6 wrapped each account: `{"depositAccount":{…}}`. */
  readonly wrappedAccounts: boolean
  /** What a transaction list without a hit answers: 404 with code 1107, or 200 with an empty list. */
  readonly nothingFound: '1107' | 'empty'
  /** The resource server insists on a server-given nonce in DPoP proofs (RFC 9449 section 9). */
  readonly resourceNonce: boolean
}

export type Institution = {
  readonly key: BankKey
  readonly name: string
  readonly legalName: string
  readonly standard: 'fdx' | 'ukob'
  readonly country: 'US' | 'CA' | 'GB'
  readonly currency: 'USD' | 'CAD' | 'GBP'
  readonly languages: readonly ('en' | 'fr')[]
  /** Routing number (US), institution and transit (Canada), sort code (UK). All fictional. */
  readonly bankId: string
  readonly habits: Habits
  readonly light: Palette
  readonly dark: Palette
}

const plain: Habits = {
  signedAmounts: false,
  paging: 'pageKey',
  errorCodes: 'number',
  wrappedAccounts: false,
  nothingFound: '1107',
  resourceNonce: false,
}

export const institutions: Readonly<Record<BankKey, Institution>> = {
  harbor: {
    key: 'harbor',
    name: 'Harbor Bank',
    legalName: 'Harbor Bank, N.A. (fictional)',
    standard: 'fdx',
    country: 'US',
    currency: 'USD',
    languages: ['en'],
    bankId: '021000004',
    habits: plain,
    light: {
      page: '#eef5f5',
      surface: '#ffffff',
      line: '#c9dcdd',
      text: '#0f2528',
      quiet: '#47605f',
      accent: '#0b5d66',
      onAccent: '#ffffff',
      wash: '#dcedee',
      danger: '#a3161f',
    },
    dark: {
      page: '#081517',
      surface: '#102326',
      line: '#28464a',
      text: '#e6f2f2',
      quiet: '#a3bfc0',
      accent: '#6fd0d8',
      onAccent: '#04262a',
      wash: '#17353a',
      danger: '#ff9a9a',
    },
  },
  granite: {
    key: 'granite',
    name: 'Granite Bank',
    legalName: 'Granite Bank and Trust (fictional)',
    standard: 'fdx',
    country: 'US',
    currency: 'USD',
    languages: ['en'],
    bankId: '071000005',
    habits: { ...plain, signedAmounts: true, paging: 'offset', nothingFound: 'empty' },
    light: {
      page: '#f1f3f6',
      surface: '#ffffff',
      line: '#cdd4de',
      text: '#1b2430',
      quiet: '#515d6d',
      accent: '#a8420a',
      onAccent: '#ffffff',
      wash: '#e4e9f0',
      danger: '#a3161f',
    },
    dark: {
      page: '#11161d',
      surface: '#1b222c',
      line: '#3a4656',
      text: '#e9edf3',
      quiet: '#aab6c6',
      accent: '#ffa465',
      onAccent: '#2f1503',
      wash: '#2a3442',
      danger: '#ff9a9a',
    },
  },
  erable: {
    key: 'erable',
    name: 'Banque Érable',
    legalName: 'Banque Érable du Canada (fictive / fictional)',
    standard: 'fdx',
    country: 'CA',
    currency: 'CAD',
    languages: ['en', 'fr'],
    bankId: '089904321',
    habits: { ...plain, errorCodes: 'string', wrappedAccounts: true, resourceNonce: true },
    light: {
      page: '#faf3f0',
      surface: '#ffffff',
      line: '#e6cfc9',
      text: '#2a1512',
      quiet: '#6a504b',
      accent: '#a9141f',
      onAccent: '#ffffff',
      wash: '#f7e2dc',
      danger: '#8a2a00',
    },
    dark: {
      page: '#1a0f0e',
      surface: '#281716',
      line: '#54322f',
      text: '#f8e9e5',
      quiet: '#cfaea7',
      accent: '#ff948c',
      onAccent: '#3a0407',
      wash: '#3d211f',
      danger: '#ffb27d',
    },
  },
  thistle: {
    key: 'thistle',
    name: 'Thistle Bank',
    legalName: 'Thistle Bank plc (fictional)',
    standard: 'ukob',
    country: 'GB',
    currency: 'GBP',
    languages: ['en'],
    bankId: '204099',
    habits: plain,
    light: {
      page: '#f6f2fa',
      surface: '#ffffff',
      line: '#d9cbe6',
      text: '#22132f',
      quiet: '#5f4f6d',
      accent: '#5d2a8a',
      onAccent: '#ffffff',
      wash: '#ece1f5',
      danger: '#a3161f',
    },
    dark: {
      page: '#140c1b',
      surface: '#21152b',
      line: '#46335a',
      text: '#f2eaf8',
      quiet: '#bfadcf',
      accent: '#cfa9f5',
      onAccent: '#2a0a45',
      wash: '#35224a',
      danger: '#ff9a9a',
    },
  },
}
