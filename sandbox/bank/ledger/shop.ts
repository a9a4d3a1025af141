/** A place where money is spent: its name, its ISO 18245 merchant category code, what a visit costs (minor units). */
export type Shop = {
  readonly name: string
  readonly mcc: string
  readonly low: number
  readonly high: number
}

export type Town = {
  readonly market: Shop
  readonly coffee: readonly Shop[]
  readonly transit: Shop
  readonly dining: readonly Shop[]
  readonly shopping: readonly Shop[]
  readonly subscriptions: readonly Shop[]
  readonly large: readonly Shop[]
  readonly power: Shop
  readonly phone: Shop
  readonly landlord: string
  readonly friends: readonly string[]
  readonly cash: string
  readonly words: {
    readonly salary: string
    readonly rent: string
    readonly cardPayment: string
    readonly cardThanks: string
    readonly toSavings: string
    readonly fromSavings: string
    readonly interest: string
    readonly refund: string
    readonly sent: string
    readonly received: string
  }
}

const shop = (name: string, mcc: string, low: number, high: number): Shop => ({ name, mcc, low, high })

const english = {
  salary: 'PAYROLL',
  rent: 'RENT',
  cardPayment: 'CREDIT CARD PAYMENT',
  cardThanks: 'PAYMENT THANK YOU',
  toSavings: 'TRANSFER TO SAVINGS',
  fromSavings: 'TRANSFER FROM SAVINGS',
  interest: 'INTEREST PAID',
  refund: 'REFUND',
  sent: 'SENT TO',
  received: 'FROM',
}

const east: Town = {
  market: shop('Corner Market', '5411', 3_890, 6_240),
  coffee: [shop('Blue Heron Coffee', '5814', 425, 790), shop('Pier 9 Espresso', '5814', 375, 680)],
  transit: shop('Metro Transit', '4111', 290, 290),
  dining: [
    shop('Noodle Wharf', '5812', 1_640, 4_280),
    shop('Taqueria La Luna', '5812', 1_190, 3_450),
    shop('Old Customs Grill', '5812', 3_200, 7_150),
  ],
  shopping: [
    shop('Lantern Books', '5942', 1_250, 4_600),
    shop('Bright & Thread', '5651', 2_400, 9_800),
    shop('Harbor Hardware', '5251', 890, 7_400),
    shop('Parcelway Online', '5999', 1_490, 12_900),
  ],
  subscriptions: [
    shop('Streamly', '4899', 1_599, 1_599),
    shop('Cloudbox Storage', '5818', 299, 299),
    shop('Tidewater Gym', '7997', 3_900, 3_900),
  ],
  large: [
    shop('Skyward Airlines', '4511', 28_900, 61_200),
    shop('Volt Electronics', '5732', 34_900, 89_900),
    shop('Bayside Dental', '8021', 21_000, 48_000),
  ],
  power: shop('Tri-County Power', '4900', 6_200, 11_800),
  phone: shop('Beacon Mobile', '4814', 5_500, 5_500),
  landlord: 'Quayside Apartments LLC',
  friends: ['Marcus Lee', 'Priya Nair', 'Tom Alvarez', 'Jo Whitfield'],
  cash: 'ATM WITHDRAWAL',
  words: english,
}

const central: Town = {
  ...east,
  market: shop('Prairie Grocers', '5411', 4_200, 8_900),
  coffee: [shop('Third Rail Coffee', '5814', 450, 820), shop('Loop Roasters', '5814', 395, 640)],
  transit: shop('CityLine Transit', '4111', 250, 250),
  dining: [
    shop('Deep Dish Annex', '5812', 2_100, 4_900),
    shop('Suya Corner', '5812', 1_450, 3_900),
    shop('Lakeview Diner', '5812', 1_280, 3_100),
  ],
  power: shop('Plains Electric', '4900', 7_400, 14_200),
  phone: shop('Signal Wireless', '4814', 7_000, 7_000),
  landlord: 'Wabash Property Group',
  friends: ['Chidi Okafor', 'Rae Kim', 'Sam Novak', 'Dee Washington'],
}

const west: Town = {
  ...east,
  market: shop('Mercado del Sol', '5411', 4_100, 8_300),
  coffee: [shop('Cactus Bean', '5814', 475, 850), shop('Palm & Pour', '5814', 425, 700)],
  transit: shop('Valley Metro Rail', '4111', 175, 175),
  dining: [
    shop('Pupusería Doña Mari', '5812', 1_150, 3_200),
    shop('Sunset Ramen', '5812', 1_700, 4_400),
    shop('Mariscos El Faro', '5812', 2_400, 6_300),
  ],
  power: shop('Desert Light & Power', '4900', 5_900, 17_600),
  phone: shop('Lucero Móvil', '4814', 4_500, 4_500),
  landlord: 'Jacaranda Court Rentals',
  friends: ['Lucía Ruiz', 'Óscar Peña', 'Mei Tanaka', 'Dani Flores'],
}

const montreal: Town = {
  market: shop('Marché du Coin', '5411', 4_800, 9_600),
  coffee: [shop('Café Plume', '5814', 410, 780), shop('Brûlerie Saint-Denis Nord', '5814', 385, 690)],
  transit: shop('Transit Rive-Nord', '4111', 375, 375),
  dining: [
    shop('Chez Amélie', '5812', 2_300, 5_900),
    shop('La Poutine Dorée', '5812', 1_350, 2_900),
    shop('Bistro Le Castor', '5812', 2_900, 7_200),
  ],
  shopping: [
    shop('Librairie des Érables', '5942', 1_495, 5_200),
    shop('Fil et Laine', '5651', 2_900, 10_400),
    shop('Quincaillerie Bélanger', '5251', 950, 8_600),
    shop('Colis Express en ligne', '5999', 1_690, 13_900),
  ],
  subscriptions: [
    shop('Ciné à la maison', '4899', 1_699, 1_699),
    shop('Nuage Perso', '5818', 399, 399),
    shop('Gym Mont-Royal', '7997', 4_500, 4_500),
  ],
  large: [
    shop('Air Boréal', '4511', 31_900, 72_500),
    shop('Électro Centre-ville', '5732', 39_900, 94_900),
    shop('Clinique dentaire Sourire', '8021', 19_500, 46_000),
  ],
  power: shop('Hydro du Nord', '4900', 6_100, 15_900),
  phone: shop('Téléphonie Laurier', '4814', 5_200, 5_200),
  landlord: 'Gestion immobilière Laurier',
  friends: ['Mathieu Gagnon', 'Noémie Roy', 'Olivier Côté', 'Sarah Benali'],
  cash: 'RETRAIT GUICHET',
  words: {
    salary: 'PAIE',
    rent: 'LOYER',
    cardPayment: 'PAIEMENT CARTE DE CRÉDIT',
    cardThanks: 'PAIEMENT MERCI',
    toSavings: 'VIREMENT VERS ÉPARGNE',
    fromSavings: 'VIREMENT DE L’ÉPARGNE',
    interest: 'INTÉRÊTS VERSÉS',
    refund: 'REMBOURSEMENT',
    sent: 'VIREMENT À',
    received: 'VIREMENT DE',
  },
}

const leeds: Town = {
  market: shop('Greengate Foods', '5411', 3_100, 6_400),
  coffee: [shop('The Copper Kettle', '5814', 310, 560), shop('Mill Lane Coffee', '5814', 290, 480)],
  transit: shop('Northern Tramways', '4111', 240, 240),
  dining: [
    shop('Saffron House', '5812', 1_480, 4_100),
    shop('The Weaver’s Arms', '5813', 1_150, 3_600),
    shop('Canal Street Pizza', '5812', 1_220, 2_900),
  ],
  shopping: [
    shop('Foxglove Books', '5942', 899, 3_200),
    shop('Harlow & Finch', '5651', 1_900, 8_400),
    shop('Dales DIY', '5251', 650, 6_900),
    shop('Postbox Online', '5999', 999, 9_900),
  ],
  subscriptions: [
    shop('Tellybox', '4899', 1_099, 1_099),
    shop('Skyfolder', '5818', 249, 249),
    shop('Aire Leisure Centre', '7997', 3_199, 3_199),
  ],
  large: [
    shop('Albion Airways', '4511', 18_900, 46_000),
    shop('Circuit Works', '5732', 24_900, 69_900),
    shop('Roundhay Dental', '8021', 12_500, 31_000),
  ],
  power: shop('Pennine Energy', '4900', 7_900, 13_600),
  phone: shop('Curlew Mobile', '4814', 1_800, 1_800),
  landlord: 'Headingley Lets Ltd',
  friends: ['Rohan Shah', 'Imogen Clarke', 'Callum Reid', 'Aisha Rahman'],
  cash: 'CASH WITHDRAWAL',
  words: {
    ...english,
    salary: 'SALARY',
    rent: 'STANDING ORDER',
    sent: 'FASTER PAYMENT TO',
    received: 'FASTER PAYMENT FROM',
  },
}

export const towns = { east, central, west, montreal, leeds } as const

/**
 * Words that arrive with other people's payments. Real banks pass on whatever the payer typed: links, markup,
 * right-to-left text with overrides, template syntax, line breaks. A reader must treat every one as plain data.
 */
export const memos: readonly string[] = [
  'dinner on Friday',
  'Thanks for dinner! Photos here: https://pics.example/win?u=1',
  '🎂🎉 happy birthday!! 🎉🎂',
  'شكراً على العشاء \u202e00.999$\u202c',
  '<b>URGENT</b> <img src=x onerror=alert(1)> call us',
  '{{balance}} ${amount} %s — your share',
  'Rent share\r\nBALANCE: 0.00\r\nReply STOP',
  'half of the tickets 🎟️',
  '=HYPERLINK("https://evil.example","click")',
  'ok\u200b\u200b\u200bthanks\u0301\u0302\u0303\u0304 zalgo',
]
