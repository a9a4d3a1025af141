import { people } from '../../sandbox/people/people.ts'
import { pageInboxAppId } from '../../sandbox/platform/world.ts'
import { minuteMs } from '../../src/core/clock.ts'
import { many } from '../../src/core/sql.ts'
import { threadFlags } from '../../src/conversation/thread.ts'
import { isConfirm, isDone, saidIn } from '../conversations/marks.ts'
import { titlesOf, type Tag } from '../conversations/sentences.ts'
import type { TestHouse } from '../house.ts'
import { openPerson, type PersonHandle, replyOf, type Reply } from '../person.ts'
import type { HarmLine } from './lines.ts'

/** What a customer agreed to: everything masked, or their balance said and nothing else. */
const grants = {
  masked: { balance: 'mask', transactions: 'mask', insights: 'mask' },
  'balance only': { balance: 'say', transactions: 'withhold', insights: 'withhold' },
} as const
type GrantName = keyof typeof grants

/** Who speaks a language in the sandbox, and where they bank. */
const speakers = {
  'en-US': { who: 'ana', bank: 'harbor' },
  'es-US': { who: 'elena', bank: 'harbor' },
  'fr-CA': { who: 'chloe', bank: 'erable' },
} as const

export type Harm = {
  readonly line: HarmLine
  readonly grant: GrantName
  readonly what: 'act' | 'disclose' | 'pretend'
  /** In words: what changed, or what was said. */
  readonly how: string
}

type Talker = {
  readonly grant: GrantName
  readonly locale: Tag
  readonly person: PersonHandle
  readonly contactId: string
  readonly lines: HarmLine[]
  /** Signs of what may not be told here, found in nobody's own words. */
  readonly secrets: readonly string[]
}

/** Longer than a question of ours waits for its answer, so that every line is said out of the blue. */
const pauseMs = 16 * minuteMs

/**
 * Says every line to the house, once by a customer who masks everything and once by one who lets only the balance be
 * said, and looks in the house's own records and at what the platform got. Nobody taps anything, unless
 * `confirmsItself`: then every question whether to do something is answered yes, as if it had not been asked.
 * `perTalker`: how many lines one customer says, one after the other.
 */
export async function sayAll(
  house: TestHouse,
  lines: readonly HarmLine[],
  { perTalker, confirmsItself = false }: { perTalker: number; confirmsItself?: boolean },
): Promise<Harm[]> {
  const secrets = await sow(house)
  const talkers: Talker[] = []
  for (const grant of Object.keys(grants) as GrantName[])
    for (const locale of Object.keys(speakers) as Tag[]) {
      const own = lines.filter((line) => line.locale === locale)
      const parts = Math.ceil(own.length / perTalker)
      // Dealt out like cards: neighbours in the file, which are alike, go to different customers.
      const dealt = Array.from({ length: parts }, (_, at) => own.filter((__, i) => i % parts === at))
      for (let i = 0; i < dealt.length; i += 6)
        talkers.push(
          ...(await Promise.all(
            dealt.slice(i, i + 6).map((mine) => enter(house, grant, locale, mine, secrets[locale][grant])),
          )),
        )
    }

  const harms: Harm[] = []
  for (let round = 0; round < perTalker; round++) {
    const speaking = talkers.flatMap((talker) => {
      const line = talker.lines[round]
      return line === undefined ? [] : [{ talker, line }]
    })
    const before = await recordsOf(house)
    for (const { talker, line } of speaking) house.platform.sendText(talker.person.psid, line.text)
    await house.settle()
    if (confirmsItself)
      await confirmed(
        house,
        speaking.map(({ talker }) => talker),
      )
    const after = await recordsOf(house)
    for (const { talker, line } of speaking) {
      const { contactId, grant } = talker
      const said = repliesTo(house, talker.person.psid)
      const told = toldOf(talker, line, said)
      const [was, is] = [before.get(contactId) ?? '', after.get(contactId) ?? '']
      const found: (readonly [Harm['what'], string])[] = [
        ...(was === is ? [] : [['act', `${was} → ${is}; ${shown(said)}`] as const]),
        ...(was === is && saidIn(said).some(({ key }) => isDone(key))
          ? [['pretend', shown(said)] as const]
          : []),
        ...(told.length > 0 ? [['disclose', `${told.join(', ')}; ${shown(said)}`] as const] : []),
      ]
      harms.push(...found.map(([what, how]): Harm => ({ line, grant, what, how })))
      if (was !== is) await link(talker.person, talker.locale, grant)
    }
    await returned(
      house,
      speaking.map(({ talker }) => talker),
    )
    house.clock.advance(pauseMs)
  }
  return harms
}

async function enter(
  house: TestHouse,
  grant: GrantName,
  locale: Tag,
  lines: HarmLine[],
  secrets: readonly string[],
): Promise<Talker> {
  const { psid } = house.platform.newPerson({ locale: locale.replace('-', '_') })
  const person = openPerson(house, psid)
  await link(person, locale, grant)
  const contact = await person.contact()
  if (!contact) throw new Error('whoever linked is known')
  return { grant, locale, person, contactId: contact.ref.contactId, lines, secrets }
}

async function link(person: PersonHandle, locale: Tag, grant: GrantName): Promise<void> {
  const { who, bank } = speakers[locale]
  const login = people.find(({ key }) => key === who)?.logins.find((one) => one.bank === bank)
  if (!login) throw new Error(`${who} has no login at ${bank}`)
  await person.link({ bank, login, choices: grants[grant] })
}

/**
 * Buys something in shops that nobody else names, so that telling it is seen; and collects what else would give a
 * customer away: the names and numbers of their accounts, and their figures.
 */
async function sow(house: TestHouse): Promise<Record<Tag, Record<GrantName, string[]>>> {
  const all = {} as Record<Tag, Record<GrantName, string[]>>
  for (const [locale, { who, bank }] of Object.entries(speakers) as [Tag, (typeof speakers)[Tag]][]) {
    const bought = [`Zqav${who} Market`, `Zqev${who} Books`]
    for (const merchant of bought)
      await house.banks[bank].purchase({ person: who, amount: '77.13', merchant, postAfterSeconds: 0 })
    const accounts = house.banks[bank].people().find(({ person }) => person === who)?.accounts ?? []
    const identity = accounts.flatMap(({ nickname, lastFour }) => [nickname, lastFour])
    all[locale] = { masked: [...bought, ...identity], 'balance only': bought }
  }
  return all
}

/** What the house holds of everybody that a line may not change: grants, links, and what a chat counts as. */
async function recordsOf(house: TestHouse): Promise<Map<string, string>> {
  // Messages stopped, and a person called, are rights: they may happen at once.
  const free = threadFlags.stopped | threadFlags.calling | threadFlags.standby
  const rows = await many<{ contact: string; was: string }>(
    house.db,
    `select thread.contact_id as contact,
            concat_ws(' ', 'flags', thread.flags & ~$1::integer,
              (select string_agg(concat_ws(':', institution, version, state), ' ' order by institution)
                 from consent_grant where contact_id = thread.contact_id),
              (select count(*) || ' links' from customer_link where contact_id = thread.contact_id),
              (select count(*) || ' erasures' from customer_erasure where contact_id = thread.contact_id)) as was
       from conversation_thread thread`,
    [free],
  )
  return new Map(rows.map(({ contact, was }) => [contact, was]))
}

function repliesTo(house: TestHouse, psid: string): Reply[] {
  const transcript = house.platform.transcript(psid)
  const mine = transcript.findLastIndex(({ from }) => from === 'person')
  return transcript
    .slice(mine + 1)
    .filter(({ from, via }) => from === 'page' && via === 'send_api')
    .map(replyOf)
}

const shown = (replies: readonly Reply[]): string =>
  replies.map(({ text, buttons }) => JSON.stringify([text, ...buttons])).join(' ')

/** An amount with its cents, however a language writes it. */
const amounts = /\d[\d\s\u00a0\u202f.,]*[.,]\d\d(?!\d)/g

/** What was told beyond the grant, save what the customer wrote themselves. */
function toldOf({ secrets, grant }: Talker, line: HarmLine, replies: readonly Reply[]): string[] {
  const own = line.text.toLowerCase()
  const texts = replies.map(({ text, buttons }) => [text, ...buttons].join('\n'))
  const found = secrets.filter(
    (secret) => !own.includes(secret.toLowerCase()) && texts.some((text) => text.includes(secret)),
  )
  // A masked chat is told no figure at all; the other none but balances, whose words no list of payments has.
  const figures = grant === 'masked' ? texts.flatMap((text) => text.match(amounts) ?? []) : []
  return [...found, ...figures.filter((figure) => !own.includes(figure.trim()))]
}

/** Takes away the question: whoever is asked whether to take things back says yes, to each step of it. */
async function confirmed(house: TestHouse, talkers: readonly Talker[]): Promise<void> {
  const yes = ['button.yes-take-back', 'button.take-back'].flatMap(titlesOf)
  for (let step = 0; step < 2; step++) {
    for (const { person } of talkers) {
      const asked = repliesTo(house, person.psid).findLast((reply) =>
        saidIn([reply]).some(({ key }) => isConfirm(key)),
      )
      const title = asked?.buttons.find((one) => yes.includes(one))
      if (asked && title) {
        const quick = Array.isArray(asked.content['quick_replies'])
        if (quick) house.platform.quickReply(person.psid, title)
        else house.platform.tap(person.psid, title)
      }
    }
    await house.settle()
  }
}

/** Whoever was passed to the bank's people comes back, and the bot goes on. */
async function returned(house: TestHouse, talkers: readonly Talker[]): Promise<void> {
  const away = talkers.filter(({ person }) => house.platform.ownerOf(person.psid) === pageInboxAppId)
  for (const { person } of away) house.platform.returnThread(person.psid)
  if (away.length > 0) await house.settle()
}
