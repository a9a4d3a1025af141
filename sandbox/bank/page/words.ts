import type { Cluster, Permission } from '../consent.ts'

export type Language = 'en' | 'fr'

/** All sentences of the pages that customers see, in each language. `{…}` are filled in. */
const english = {
  other: 'Français',
  signInTitle: 'Sign in to {bank}',
  step: 'Step {n} of {total}: {what}',
  stepSignIn: 'sign in',
  stepAccounts: 'choose accounts',
  stepConfirm: 'check and allow',
  asksLink: '{app} asks to see some of your {bank} accounts. You choose which ones next.',
  asksWho: '{app} asks {bank} who you are. It will not see your accounts or your money.',
  chatCode: 'Your chat shows this code. If it shows another one, or none at all, stop here.',
  username: 'Username',
  password: 'Password',
  signIn: 'Sign in',
  cancel: 'Cancel',
  wrong: 'That username and password don’t match. Check both and try again.',
  empty: 'Enter your username and your password.',
  locked: 'That was the fifth wrong try, so this sign-in is closed. Go back to your chat and start again.',
  people: 'Sandbox people',
  peopleHelp: 'This bank is fictional. Tap a person to fill in the form.',
  accountsTitle: 'Which accounts may {app} see?',
  accountsHelp: 'Hello {name}. Only the accounts you tick are shared. {app} never sees the others.',
  accountsLegend: 'Your accounts',
  accountsNone: 'Tick at least one account, or cancel.',
  next: 'Continue',
  confirmTitle: 'Let {app} see this?',
  mayTitle: '{app} may see',
  accountsTitleShort: 'In these accounts',
  until: 'Until {date}',
  back: 'Payments up to {days} days back',
  cannot: 'It cannot move money or change anything.',
  takeBack: 'You can take this back at any time, in your chat or with us.',
  untilOpen: 'Until you take it back',
  allow: 'Allow',
  change: 'Change accounts',
  expiredTitle: 'This page has expired',
  expired: 'For your safety it is open for 30 minutes only. Go back to your chat and start again.',
  errorTitle: 'This didn’t work',
  error: 'We could not go on with this request. Go back to where you came from and start again.',
  errorCode: 'What to tell support: {code}',
  footer: '{legal}. A sandbox bank: nothing here is real money.',
  signOutTitle: 'Sign out of {bank}?',
  signOut: 'Sign out',
  stay: 'Stay signed in',
  signedOut: 'You are signed out',
  signedOutHelp: 'You can close this page.',
}
type Words = Record<keyof typeof english, string>

const french: Words = {
  other: 'English',
  signInTitle: 'Ouvrez une session à la {bank}',
  step: 'Étape {n} sur {total} : {what}',
  stepSignIn: 'ouvrir une session',
  stepAccounts: 'choisir les comptes',
  stepConfirm: 'vérifier et autoriser',
  asksLink:
    '{app} demande à voir certains de vos comptes à la {bank}. Vous choisirez lesquels à l’étape suivante.',
  asksWho: '{app} demande à la {bank} qui vous êtes. Vos comptes et votre argent ne seront pas visibles.',
  chatCode: 'Votre clavardage affiche ce code. S’il en affiche un autre, ou aucun, arrêtez-vous ici.',
  username: 'Nom d’utilisateur',
  password: 'Mot de passe',
  signIn: 'Ouvrir la session',
  cancel: 'Annuler',
  wrong: 'Ce nom d’utilisateur et ce mot de passe ne vont pas ensemble. Vérifiez-les et réessayez.',
  empty: 'Entrez votre nom d’utilisateur et votre mot de passe.',
  locked:
    'C’était le cinquième essai infructueux : cette session est fermée. Retournez à votre clavardage et recommencez.',
  people: 'Personnes du bac à sable',
  peopleHelp: 'Cette banque est fictive. Touchez une personne pour remplir le formulaire.',
  accountsTitle: 'Quels comptes {app} peut-il voir ?',
  accountsHelp: 'Bonjour {name}. Seuls les comptes cochés sont partagés. {app} ne voit jamais les autres.',
  accountsLegend: 'Vos comptes',
  accountsNone: 'Cochez au moins un compte, ou annulez.',
  next: 'Continuer',
  confirmTitle: 'Laisser {app} voir ceci ?',
  mayTitle: '{app} pourra voir',
  accountsTitleShort: 'Dans ces comptes',
  until: 'Jusqu’au {date}',
  back: 'Les paiements des {days} derniers jours au plus',
  cannot: 'Aucun paiement ni changement n’est possible.',
  takeBack: 'Vous pouvez retirer cet accord en tout temps, dans votre clavardage ou auprès de nous.',
  untilOpen: 'Jusqu’à ce que vous retiriez votre accord',
  allow: 'Autoriser',
  change: 'Changer de comptes',
  expiredTitle: 'Cette page a expiré',
  expired:
    'Pour votre sécurité, elle n’est ouverte que 30 minutes. Retournez à votre clavardage et recommencez.',
  errorTitle: 'Cela n’a pas fonctionné',
  error: 'Nous n’avons pas pu donner suite à cette demande. Retournez d’où vous venez et recommencez.',
  errorCode: 'À dire au soutien : {code}',
  footer: '{legal}. Une banque d’essai : rien ici n’est de l’argent réel.',
  signOutTitle: 'Fermer la session à la {bank} ?',
  signOut: 'Fermer la session',
  stay: 'Garder la session ouverte',
  signedOut: 'Votre session est fermée',
  signedOutHelp: 'Vous pouvez fermer cette page.',
}

const all: Record<Language, Words> = { en: english, fr: french }

/** One sentence, with its blanks filled in. The result is plain text: it is escaped where it is put into a page. */
export function say(
  language: Language,
  key: keyof Words,
  blanks: Readonly<Record<string, string | number>> = {},
): string {
  return all[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(blanks[name] ?? whole))
}

const clusterWords: Record<Cluster, Record<Language, string>> = {
  ACCOUNT_BASIC: {
    en: 'Your accounts: name, kind and last four digits',
    fr: 'Vos comptes : nom, type et quatre derniers chiffres',
  },
  ACCOUNT_DETAILED: {
    en: 'Account details, with balances and credit limits',
    fr: 'Les détails des comptes, avec soldes et limites de crédit',
  },
  BALANCES: { en: 'Balances', fr: 'Les soldes' },
  BILLS: { en: 'What is due on your cards, and when', fr: 'Ce qui est dû sur vos cartes, et quand' },
  TRANSACTIONS: {
    en: 'Payments: amount, date, who, and any note',
    fr: 'Les paiements : montant, date, qui, et toute note',
  },
  STATEMENTS: { en: 'Monthly statements', fr: 'Les relevés mensuels' },
  PAYMENT_SUPPORT: {
    en: 'A stand-in account number for paying in and out',
    fr: 'Un numéro de compte de substitution pour les paiements',
  },
  CUSTOMER_CONTACT: {
    en: 'Your name, address, e-mail and phone',
    fr: 'Votre nom, adresse, courriel et téléphone',
  },
  CUSTOMER_PERSONAL: { en: 'Your date of birth', fr: 'Votre date de naissance' },
}
export const clusterWord = (cluster: Cluster, language: Language): string => clusterWords[cluster][language]

const permissionGroups: readonly (readonly [words: string, names: readonly Permission[]])[] = [
  ['Your accounts: name, kind and last four digits', ['ReadAccountsBasic']],
  ['Your accounts, with sort code and account number', ['ReadAccountsDetail']],
  ['Balances', ['ReadBalances']],
  ['Payments: amount and date', ['ReadTransactionsBasic']],
  ['Payments: amount, date, who, and any note', ['ReadTransactionsDetail']],
  ['Your name and contact details', ['ReadParty', 'ReadPartyPSU']],
  [
    'Regular payments and payees',
    [
      'ReadStandingOrdersBasic',
      'ReadStandingOrdersDetail',
      'ReadDirectDebits',
      'ReadBeneficiariesBasic',
      'ReadBeneficiariesDetail',
      'ReadScheduledPaymentsBasic',
      'ReadScheduledPaymentsDetail',
    ],
  ],
  ['Statements', ['ReadStatementsBasic', 'ReadStatementsDetail']],
  ['Your products and offers', ['ReadProducts', 'ReadOffers']],
]

/** UK permissions as sentences; where both are asked the fuller one stands for the lesser. */
export function permissionWords(asked: readonly Permission[]): readonly string[] {
  const shadowed = new Set<Permission>()
  for (const name of asked)
    if (name.endsWith('Detail')) shadowed.add(name.replace(/Detail$/, 'Basic') as Permission)
  return permissionGroups
    .filter(([, names]) => names.some((name) => asked.includes(name) && !shadowed.has(name)))
    .map(([words]) => words)
}

/** The language of a page: what was picked, else what the client or the browser prefers, else English. */
export function languageOf(
  offered: readonly Language[],
  picked: string | null,
  uiLocales: unknown,
  accepted: string | undefined,
): Language {
  const wishes = [
    picked ?? '',
    ...(typeof uiLocales === 'string' ? uiLocales.split(' ') : []),
    ...(accepted ?? '').split(','),
  ]
  for (const wish of wishes) {
    const language = wish.trim().slice(0, 2).toLowerCase()
    const found = offered.find((one) => one === language)
    if (found) return found
  }
  return 'en'
}
