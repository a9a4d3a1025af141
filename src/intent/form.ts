import type { Choice, Line } from '../disclosure/answer.ts'
import { contextTtlMs, has, openForm, setForm, type OpenForm } from '../conversation/thread.ts'
import { minuteMs } from '../core/clock.ts'
import { languageTags, openWords, type WordKey } from '../core/words.ts'
import type { Clause } from '../nlu/reading.ts'
import type { Ask } from './ask.ts'
import { asksWhatThen } from './asked-about.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { moneyAsk } from './money-ask.ts'
import { type AskContext } from './when.ts'
import { bare } from '../nlu/bare.ts'
import { isHide, isOneAlone, isPutBack, isTakeAll } from './showing.ts'
import { words } from './talk.ts'

/**
 * A few questions, one at a time, that end in one thing to do. A form may be interrupted: what was asked meanwhile is
 * answered and the question is put again, once; then it is let go. Whatever changes something ends in a step `sure`,
 * which takes a tap or a plain yes, and nothing that a model thinks.
 */
export type Form = {
  readonly steps: readonly Step[]
  /** What is done when every step is answered. */
  readonly end: (filled: Filled) => Ask
  /** Said when it is let go by the person. */
  readonly dropped: WordKey
}
export type Filled = Readonly<Record<string, string>>
type Step = {
  readonly field: string
  readonly line: (filled: Filled) => Line
  readonly options: readonly {
    readonly value: string
    readonly title: WordKey
    readonly words: string
    /** Says the same in a sentence. */
    readonly means?: (text: string) => boolean
  }[]
  /** Asked after a yes, where there is more than one thing to say it to. */
  readonly toYes?: WordKey
  /** Said before the question, and a way that is no answer to it. */
  readonly lead?: (filled: Filled) => { readonly line: Line; readonly way: Choice } | null
  /** Other words than an option's: what they say, or null when they are no answer. */
  readonly read?: (clause: Clause, context: AskContext) => string | null
  readonly skip?: (filled: Filled) => boolean
}

const yes =
  'yes|y|yeah|yep|yup|sure|yes please|yes do it|do it|go ahead|confirm|confirmed|ok do it|correct|thats right|si|si por favor|claro|dale|hazlo|confirmo|confirmar|correcto|adelante|oui|ouais|oui svp|oui sil vous plait|daccord|allez y|vas y|je confirme|confirmer|cest ca|exact'
/** A plain yes that names what it is to: said to "take it all back?". */
const yesToAll =
  'yes everything|yes all|yes all of it|yes take it back|yes take it all back|yes take everything back|yes remove everything|si todo|si retira todo|si retiralo|si retiralo todo|si quita todo|oui tout|oui tout retirer|oui retire tout|oui retirez tout|oui enleve tout'
export const isPlainYes = (text: string): boolean => yes.split('|').includes(bare(text))
export const isPlainNo = (text: string): boolean => {
  const said = bare(text)
  return no.split('|').some((one) => one === said || one === said.replace(secondThought, ''))
}
/** "Actually, forget it", "finalement laisse faire". */
const secondThought =
  /^(?:actually|ok|okay|oh|well|wait|no wait|no|bueno|pues|mejor|ah|espera|no espera|finalement|en fait|bon|ben|non|attends)(?: ok| non| no)? /
const no =
  'no|n|nope|nah|annule|no thanks|no thank you|cancel|never mind|nevermind|dont|forget it|leave it|keep it|not now|no gracias|cancelar|cancela|dejalo|olvidalo|mejor no|ahora no|non|non merci|annuler|annulez|laissez faire|laisse faire|pas maintenant|oubliez ca|oublie ca'

const sure = (line: WordKey, title: WordKey, more = ''): Step => ({
  field: 'sure',
  line: () => ({ key: line }),
  options: [
    { value: 'yes', title, words: `${yes}${more === '' ? '' : `|${more}`}` },
    { value: 'no', title: 'button.no-keep', words: no },
  ],
})

export const forms = {
  withdraw: {
    dropped: 'form.still-shown',
    steps: [
      {
        field: 'what',
        line: () => ({ key: 'withdraw.what' }),
        toYes: 'withdraw.which',
        // One kind of thing alone is switched off on the page, with all its accounts in view.
        lead: ({ one }) =>
          one === undefined
            ? null
            : { line: { key: 'withdraw.one' }, way: { title: 'button.permissions', link: 'permissions' } },
        options: [
          {
            value: 'figures',
            title: 'button.hide',
            means: isHide,
            words:
              'figures|the figures|numbers|amounts|the amounts|the numbers|just the numbers|just the figures|hide|hide them|hide it|cifras|las cifras|los montos|montos|los numeros|numeros|solo las cifras|ocultar|ocultalas|ocultalos|oculta|montants|les montants|les chiffres|chiffres|seulement les montants|juste les montants|masquer|masque|masque les|masquez|cacher|cache|cache les',
          },
          {
            value: 'everything',
            title: 'button.take-back',
            means: isTakeAll,
            words:
              'everything|all|all of it|it all|take it all back|the lot|todo|todo todo|quitalo todo|quita todo|borra todo|tout|tous|le tout|tout retirer',
          },
          // "Put it back": nothing was taken away yet, which is what no means.
          { value: 'no', title: 'button.no-keep', words: no, means: isPutBack },
        ],
      },
      {
        ...sure('withdraw.sure', 'button.yes-take-back', yesToAll),
        skip: ({ what }) => what === 'figures',
      },
    ],
    end: ({ what }) => (what === 'figures' ? { kind: 'hide' } : { kind: 'unlink' }),
  },
  person: {
    dropped: 'form.no-person',
    steps: [sure('person.sure', 'button.agent')],
    end: () => ({ kind: 'person' }),
  },
  find: {
    dropped: 'form.nothing-changed',
    steps: [
      {
        field: 'which',
        line: () => ({ key: 'find.which' }),
        options: [
          {
            value: 'recent',
            title: 'button.payments',
            words: 'i dont know|dunno|not sure|no se|je ne sais pas|aucune idee',
          },
        ],
        read: (clause, context) => {
          const { amounts, periods, names, category, account, rest } = clause.slots
          if (amounts.length + periods.length + names.length === 0 && !category && !account) {
            // A word or two that are nothing else may be the shop's name.
            const said = clause.text.trim()
            return rest !== '' && said.split(/\s+/).length <= 3 && (clause.guesses[0]?.p ?? 0) < 0.6
              ? JSON.stringify({ kind: 'transactions', limit: 10, merchant: said.slice(0, 80) })
              : null
          }
          return JSON.stringify({ ...moneyAsk('transactions', clause, context), limit: 10 })
        },
      },
    ],
    end: ({ which }) =>
      which === undefined || which === 'recent'
        ? { kind: 'transactions', limit: 10 }
        : (JSON.parse(which) as Ask),
  },
} as const satisfies Record<string, Form>
export type FormName = keyof typeof forms

const formOf = ({ name }: OpenForm): Form | null =>
  Object.hasOwn(forms, name) ? forms[name as FormName] : null
const formTtlMs = Math.min(15 * minuteMs, contextTtlMs)

/** The form under way, with the step that waits for an answer. */
export function formUnderWay(
  { thread }: Caller,
  now: number,
): { form: Form; state: OpenForm; step: Step } | null {
  const state = openForm(thread)
  if (!state || now - state.at > formTtlMs) return null
  const form = formOf(state)
  const step = form?.steps.find(({ field, skip }) => !(field in state.filled) && !skip?.(state.filled))
  return form && step ? { form, state, step } : null
}

/** Starts a form, with what was said already; whatever was under way is let go. */
export function begin(
  caller: Caller,
  name: FormName,
  deps: CounterDeps,
  now: number,
  filled: Filled = {},
): Say {
  setForm(caller.thread, { name, handle: deps.newHandle(), filled, at: now, asides: 0 })
  caller.touched = true
  return question(caller, now)
}

/** The question that waits, with its buttons. */
export function question(caller: Caller, now: number): Say {
  const open = formUnderWay(caller, now)
  if (!open) return words([{ key: 'again.gone' }])
  const { step, state } = open
  const choices: Choice[] = step.options.map(({ value, title }) => ({
    title,
    payload: `form:${state.handle}:${value}`,
  }))
  const lead = step.lead?.(state.filled)
  return lead
    ? // Three buttons are all there is room for: no is still understood in words.
      words([lead.line, step.line(state.filled)], [lead.way, ...choices.slice(0, 2)])
    : words([step.line(state.filled)], choices)
}

/** What an answer to the open question leads to; null when it is none. */
export type Progress = { readonly ask: Ask } | { readonly say: Say }

/** A tap on one of the open question's buttons. A button of another time does nothing. */
export function tapped(caller: Caller, handle: string, value: string, now: number): Progress | null {
  const open = formUnderWay(caller, now)
  if (!open || open.state.handle !== handle) return null
  return open.step.options.some((option) => option.value === value) ? answered(caller, value, now) : null
}

/** Words, as an answer to the open question. */
export function worded(
  caller: Caller,
  text: string,
  clause: Clause | null,
  context: AskContext,
): Progress | null {
  const { now } = context
  const open = formUnderWay(caller, now)
  if (!open) return null
  const said = bare(text)
  const { options } = open.step
  const several = open.step.field !== 'sure'
  const nth = clause?.slots.ordinal ?? null
  const option =
    options.find((one) => says(one, said, text)) ??
    // "Yes, everything": where there are several things to say it to, the yes is only a way to begin.
    (several ? options.find((one) => says(one, said.replace(yesBefore, ''), text)) : undefined) ??
    (nth !== null && nth > 0 && open.step.field !== 'sure' ? options[nth - 1] : undefined)
  if (option) return answered(caller, option.value, now)
  if (open.step.lead && isOneAlone(text)) {
    caller.touched = true
    setForm(caller.thread, { ...open.state, filled: { ...open.state.filled, one: 'yes' }, at: now })
    return { say: question(caller, now) }
  }
  // "No" in any other words lets it go; "yes" in other words than plain ones is asked again.
  const [best] = clause?.guesses ?? []
  if (best?.name === 'no' && best.p >= 0.5 && !asksWhatThen(text)) return answered(caller, 'no', now)
  // "OK", "yes I guess": not plainly a yes, so it is asked for plainly, and nothing is done.
  if (almostYes.test(said) || (several && isPlainYes(text)) || (best?.name === 'yes' && best.p >= 0.4))
    return { say: plainly(caller, now) }
  const read = clause ? open.step.read?.(clause, context) : null
  return read ? answered(caller, read, now) : null
}

const yesBefore = /^(?:yes|yeah|yep|si|oui|ouais|ok|okay) (?:please |por favor |svp )?/
const says = ({ words: list, title, means }: Step['options'][number], said: string, text: string): boolean =>
  list.split('|').includes(said) || isTitle(said, title) || means?.(text) === true

const isTitle = (said: string, title: WordKey): boolean =>
  languageTags.some((tag) => bare(openWords(tag).t(title)) === said)
const almostYes = /^(?:ok|okay|k|kk|ok ok|fine|sure i guess|yes .*|si .*|oui .*|vale|bueno|bon|correct)$/

/** The open question again, and that it takes a plain answer. */
export function plainly(caller: Caller, now: number): Say {
  const open = formUnderWay(caller, now)
  const again = question(caller, now)
  if (!open) return again
  const { field, toYes } = open.step
  if (field !== 'sure')
    return toYes ? { ...again, answer: { ...again.answer, lines: [{ key: toYes }] } } : again
  return { ...again, answer: { ...again.answer, lines: [{ key: 'form.plainly' }, ...again.answer.lines] } }
}

function answered(caller: Caller, value: string, now: number): Progress {
  const open = formUnderWay(caller, now)
  if (!open) return { say: words([{ key: 'again.gone' }]) }
  const { form, state, step } = open
  caller.touched = true
  if (value === 'no') {
    setForm(caller.thread, null)
    return { say: words([{ key: form.dropped }]) }
  }
  const filled = { ...state.filled, [step.field]: value }
  setForm(caller.thread, { ...state, filled, at: now })
  if (formUnderWay(caller, now)) return { say: question(caller, now) }
  setForm(caller.thread, null)
  return { ask: form.end(filled) }
}

/** After something else was answered: the question again, once; then the form is let go. */
export function putAgain(caller: Caller, now: number): Say | null {
  const open = formUnderWay(caller, now)
  if (!open) return null
  caller.touched = true
  if (open.state.asides >= 1 || has(caller.thread, 'stopped')) {
    setForm(caller.thread, null)
    return null
  }
  setForm(caller.thread, { ...open.state, asides: open.state.asides + 1 })
  return question(caller, now)
}
