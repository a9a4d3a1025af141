import { strict as assert } from 'node:assert'
import { institutions } from '../sandbox/bank/institution.ts'
import { people, type BankKey, type Person } from '../sandbox/people/people.ts'
import type { ChatMessage, JsonObject } from '../sandbox/platform/phone/wire.ts'
import { buttonsOf, quickRepliesOf } from '../sandbox/platform/person.ts'
import type { ConsentChoice } from '../src/http/pages/consent.ts'
import { openWords, type WordKey } from '../src/core/words.ts'
import catalogue from '../words/en-US.json' with { type: 'json' }
import { grantsOf, type Grant } from '../src/consent/grant.ts'
import type { Contact } from '../src/pipeline/contacts.ts'
import { pageId, type TestHouse } from './house.ts'
import { type Filled, type Page, Visitor } from './visitor.ts'

/** What the Page said, as the person reads it. */
export type Reply = {
  /** Words of the bubble, whatever template carried them. */
  readonly text: string
  /** Titles of its buttons and quick replies. */
  readonly buttons: readonly string[]
  /** The message object exactly as the platform received it. */
  readonly content: JsonObject
  readonly mid: string
  readonly metadata: string | undefined
  readonly at: number
  readonly utility: boolean
}

export type LinkChoices = {
  readonly bank: BankKey
  /** By purpose; what is not named stays at its least. */
  readonly choices?: Partial<Record<'balance' | 'transactions' | 'insights', ConsentChoice>>
  readonly days?: 365 | 90 | 30
  /** Which accounts at the bank (kinds or last four); default all. */
  readonly accounts?: readonly string[]
  /** A browser other than the person's usual one. */
  readonly visitor?: Visitor
  /** Changes what the consent form sends. */
  readonly filled?: Filled
  /** Who signs in at the bank; the person's own login usually. */
  readonly login?: BankPerson
}

export type PersonHandle = {
  readonly psid: string
  readonly who: Person | null
  /** The person's browser: cookies are kept from page to page. */
  browser: Visitor
  /** Writes, and waits until everything is answered and delivered; gives back what was said since. */
  say(text: string): Promise<Reply[]>
  /** Presses the newest button or quick reply with this title, and waits likewise. */
  tap(title: string): Promise<Reply[]>
  getStarted(): Promise<Reply[]>
  /** Everything the Page ever said to this person, oldest first. */
  replies(): Reply[]
  waitForReply(matching: RegExp | ((reply: Reply) => boolean), deadlineMs?: number): Promise<Reply>
  /** The address behind the newest button with this title. */
  linkOf(title: string): string
  /** Opens our pages (`/me`, `/card/…`, or a whole address) in the person's browser. */
  visit(path: string): Promise<Page>
  /** Signs in with the bank's own login, if the page asks; gives back the page that was wanted. */
  signInAt(page: Page, options?: { as?: BankPerson; bank?: BankKey }): Promise<Page>
  /** Asks for the Log-in button, opens it, picks the bank: the page with the code to compare. */
  untilCode(choices: Pick<LinkChoices, 'bank' | 'visitor'>): Promise<{ page: Page; code: string }>
  /** What the house knows of this chat; null before the first word and after erasure. */
  contact(): Promise<Contact | null>
  /** What is agreed in this chat, as the database has it. */
  grants(): Promise<readonly Grant[]>
  /** From the chat's Log-in button to the consent page. */
  untilConsent(choices: LinkChoices): Promise<Page>
  /** The whole linking; gives back what was said in the chat about it. */
  link(choices: LinkChoices): Promise<Reply[]>
}

export type BankPerson = { readonly username: string; readonly password: string }

const t = openWords('en-US').t

export function openPerson(house: TestHouse, psid: string): PersonHandle {
  const who = people.find((one) => one.psid === psid) ?? null
  const transcript = (): ChatMessage[] => house.platform.transcript(psid)
  const repliesSince = (since: number): Reply[] =>
    transcript()
      .filter((one) => one.from === 'page' && one.via === 'send_api' && one.seq > since)
      .map(replyOf)
  const act = async (what: () => ChatMessage): Promise<Reply[]> => {
    const { seq } = what()
    await house.settle()
    return repliesSince(seq)
  }
  const loginAt = (bank: BankKey): BankPerson =>
    who?.logins.find((login) => login.bank === bank) ?? assert.fail(`${psid} has no login at ${bank}`)

  const self: PersonHandle = {
    psid,
    who,
    browser: new Visitor(),
    say: (text) => act(() => house.platform.sendText(psid, text)),
    tap: (title) =>
      act(() => {
        const newest = transcript().findLast(
          (one) =>
            one.from === 'page' &&
            [...buttonsOf(one), ...quickRepliesOf(one)].some((button) => button['title'] === title),
        )
        assert.ok(newest, `no button ${title} in this chat`)
        return quickRepliesOf(newest).some((one) => one['title'] === title)
          ? house.platform.quickReply(psid, title)
          : house.platform.tap(psid, title)
      }),
    getStarted: () => act(() => house.platform.getStarted(psid)),
    replies: () => repliesSince(0),
    async waitForReply(matching, deadlineMs = 8_000) {
      const fits = (message: ChatMessage): boolean => {
        const reply = replyOf(message)
        return typeof matching === 'function' ? matching(reply) : matching.test(reply.text)
      }
      return replyOf(await house.platform.waitForReply(psid, fits, deadlineMs))
    },
    linkOf: (title) => house.platform.linkOf(psid, title),
    visit: (path) => self.browser.open(new URL(path, house.url).href),

    async signInAt(page, options = {}) {
      if (page.status !== 401) return page
      // Where the page offers several banks: the one that is meant, else the person's first.
      const asksWhich = page.forms.some((form) => form.buttons.some((button) => button.name === 'bank'))
      const wanted = options.bank ?? who?.logins[0]?.bank ?? 'harbor'
      const bankPage = await page.press(asksWhich ? `bank=${wanted}` : /^Sign in at /)
      const bank = (Object.keys(house.bankUrls) as BankKey[]).find(
        (key) => house.bankUrls[key] === bankPage.url.origin,
      )
      assert.ok(bank, `a sign-in leads to a bank, not to ${bankPage.url.origin}`)
      return bankPage.press(signInWords(bank), { ...(options.as ?? loginAt(bank)) })
    },

    async untilCode(choices) {
      const said = await self.say('link my account')
      const code = said
        .map((reply) => /\b\d{4}-[A-Z]{2}\b/.exec(reply.text)?.[0])
        .find((found) => found !== undefined)
      assert.ok(code, 'the chat is told a code to compare')
      const page = await (choices.visitor ?? self.browser).open(house.platform.login(psid))
      const asksWhich = page.forms.some((form) => form.buttons.some((button) => button.name === 'bank'))
      return { page: asksWhich ? await page.press(`bank=${choices.bank}`) : page, code }
    },

    async untilConsent(choices) {
      const { page, code } = await self.untilCode(choices)
      assert.ok(
        page.words.includes(code),
        `the page shows the code that the chat was told: ${page.status} ${page.heading}`,
      )
      return atBank(await page.press('do=match'), {
        ...choices,
        login: choices.login ?? loginAt(choices.bank),
      })
    },

    async contact() {
      const ref = house.engine.contacts.refOf({ channel: 'messenger', account: pageId, user: psid })
      return (await house.engine.contacts.open([ref])).get(ref.contactId) ?? null
    },
    async grants() {
      const contact = await self.contact()
      return contact ? grantsOf(house.db, contact.ref, contact.keys.box) : []
    },

    async link(choices) {
      const consent = await self.untilConsent(choices)
      const since = transcript().at(-1)?.seq ?? 0
      const end = await consent.press('do=agree', {
        ...Object.fromEntries(
          Object.entries(choices.choices ?? {}).map(([purpose, choice]) => [`choice.${purpose}`, choice]),
        ),
        ...(choices.days === undefined ? {} : { days: String(choices.days) }),
        ...choices.filled,
      })
      assert.equal(
        end.url.origin,
        house.platformUrl,
        `linking ends at the platform, not at ${end.url.pathname}: ${end.heading}`,
      )
      await house.settle()
      return repliesSince(since)
    },
  }
  return self
}

const signInWords = (bank: BankKey): RegExp =>
  institutions[bank].languages[0] === 'fr' ? /^(Sign in|Ouvrir|Se connecter)/ : /^Sign in/

/** The bank's own pages, from its login to the way back to us: signs in, ticks accounts, allows. */
export async function atBank(
  page: Page,
  choices: { login: BankPerson; accounts?: readonly string[] },
): Promise<Page> {
  assert.match(
    page.url.pathname,
    /^\/interaction\//,
    `this is not a bank's login: ${page.status} ${page.heading}`,
  )
  const { username, password } = choices.login
  const action = page.url.pathname
  const accounts = await page.submit(`${action}/sign-in`, { username, password })
  const form = accounts.forms.find((one) => one.offered.some(({ name }) => name === 'account'))
  assert.ok(form, `the bank asks which accounts: ${accounts.status} ${accounts.heading}`)
  const all = form.offered.filter(({ name }) => name === 'account').map(({ value }) => value)
  const wanted =
    choices.accounts === undefined
      ? all
      : all.filter((id) => choices.accounts?.some((part) => id.includes(part)))
  const confirm = await accounts.submit(`${action}/accounts`, { account: wanted })
  return confirm.submit(`${action}/confirm`)
}

export function replyOf(message: ChatMessage): Reply {
  const content = message.content ?? {}
  const attachment = content['attachment'] as { payload?: { text?: string } } | undefined
  return {
    text: String(content['text'] ?? attachment?.payload?.text ?? message.filled?.body ?? ''),
    buttons: [...buttonsOf(message), ...quickRepliesOf(message)].map((button) =>
      String(button['title'] ?? (button['type'] === 'account_link' ? t('button.link') : '')),
    ),
    content,
    mid: message.mid,
    metadata: message.metadata,
    at: message.at,
    utility: message.filled !== undefined,
  }
}

/** Matches what the catalogue says under a key, whatever its blanks were filled with. */
export function saying(key: WordKey): RegExp {
  let depth = 0
  let pattern = ''
  for (const character of catalogue[key]) {
    if (character === '{' && depth++ === 0) pattern += '.*'
    else if (character === '}') depth--
    else if (depth === 0 && character !== '{') pattern += character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  }
  return new RegExp(pattern, 's')
}
