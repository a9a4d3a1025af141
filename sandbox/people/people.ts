/**
 * The named people of the sandbox: fictional customers with a login at one or more sandbox banks and a place in the
 * phone page's switcher. Passwords are printed on the banks' login pages: this is a box for trying things.
 */
export type Person = {
  readonly key: string
  readonly name: string
  readonly firstName: string
  readonly locale: 'en-US' | 'es-US' | 'fr-CA' | 'en-GB'
  readonly timeZone: string
  /** Page-scoped id at the sandbox Messenger platform. */
  readonly psid: string
  readonly logins: readonly { readonly bank: BankKey; readonly username: string; readonly password: string }[]
}

export const bankKeys = ['harbor', 'granite', 'erable', 'thistle'] as const
export type BankKey = (typeof bankKeys)[number]

export const people: readonly Person[] = [
  {
    key: 'ana',
    name: 'Ana Moreno',
    firstName: 'Ana',
    locale: 'en-US',
    timeZone: 'America/New_York',
    psid: '7300000000000001',
    logins: [{ bank: 'harbor', username: 'ana', password: 'sandbox' }],
  },
  {
    key: 'ben',
    name: 'Ben Okafor',
    firstName: 'Ben',
    locale: 'en-US',
    timeZone: 'America/Chicago',
    psid: '7300000000000002',
    logins: [
      { bank: 'granite', username: 'ben', password: 'sandbox' },
      { bank: 'harbor', username: 'ben', password: 'sandbox' },
    ],
  },
  {
    key: 'chloe',
    name: 'Chloé Tremblay',
    firstName: 'Chloé',
    locale: 'fr-CA',
    timeZone: 'America/Toronto',
    psid: '7300000000000003',
    logins: [{ bank: 'erable', username: 'chloe', password: 'sandbox' }],
  },
  {
    key: 'davina',
    name: 'Davina Shah',
    firstName: 'Davina',
    locale: 'en-GB',
    timeZone: 'Europe/London',
    psid: '7300000000000004',
    logins: [{ bank: 'thistle', username: 'davina', password: 'sandbox' }],
  },
  {
    key: 'elena',
    name: 'Elena Ruiz',
    firstName: 'Elena',
    locale: 'es-US',
    timeZone: 'America/Los_Angeles',
    psid: '7300000000000005',
    logins: [
      { bank: 'harbor', username: 'elena', password: 'sandbox' },
      { bank: 'granite', username: 'elena', password: 'sandbox' },
    ],
  },
]
