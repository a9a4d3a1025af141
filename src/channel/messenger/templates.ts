import { z } from 'zod'
import { type Refusal, refuse } from '../../core/refusal.ts'
import type { Graph } from './graph.ts'

/** The utility templates of an account: the only thing that may speak outside the window (§7). */

export type TemplateButton =
  | { readonly kind: 'url'; readonly title: string; readonly url: string; readonly suffixExample?: string }
  | { readonly kind: 'choice'; readonly title: string }

export type TemplateDraft = {
  readonly name: string
  readonly language: string
  readonly header?: string
  /** With placeholders `{{1}}`, `{{2}}` … in order, neither first nor last. */
  readonly body: string
  /** One example for each placeholder. */
  readonly examples: readonly string[]
  readonly buttons?: readonly TemplateButton[]
}

export type TemplateInfo = {
  readonly id: string
  readonly name: string
  readonly language: string
  /** `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` … as the platform says. */
  readonly status: string
  readonly category: string | null
  readonly reason: string | null
}

export type ParameterFault = 'empty' | 'too_long' | 'forbidden_character'

const longestParameter = 1_000

/** Why a text may not stand in a template's placeholder, or null. The platform warns of `#`, `$`, `%`: write "USD 12.30". */
export function parameterFault(text: string): ParameterFault | null {
  if (text.trim() === '') return 'empty'
  if (text.length > longestParameter) return 'too_long'
  return /[#$%\n\r\t]| {4}/.test(text) ? 'forbidden_character' : null
}

/** Why the platform would turn a draft down, as far as can be known before asking (§7); null when nothing is wrong. */
export function draftFault(draft: TemplateDraft): string | null {
  if (!/^[a-z0-9_]{1,512}$/.test(draft.name)) return 'the name is of a-z, 0-9 and _'
  if (draft.body.length === 0 || draft.body.length > 1_024) return 'the body has 1 to 1024 characters'
  if (draft.header !== undefined && draft.header.length > 60) return 'the header has at most 60 characters'
  const numbers = [...draft.body.matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]))
  if (numbers.some((number, i) => number !== i + 1)) return 'placeholders are numbered in order'
  if (/^\s*\{\{/.test(draft.body) || /\}\}[\s.!?]*$/.test(draft.body)) {
    return 'a placeholder is neither first nor last'
  }
  if (draft.examples.length !== numbers.length) return 'one example for each placeholder'
  if (draft.examples.some((example) => parameterFault(example) !== null)) {
    return 'examples carry no # $ % or line break'
  }
  const words = draft.body.replaceAll(/\{\{\d+\}\}/g, '').match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  if (words < numbers.length * 3) return 'too few words for so many placeholders'
  if ((draft.buttons?.length ?? 0) > 3) return 'at most 3 buttons'
  if (draft.buttons?.some(({ title }) => title.length === 0 || title.length > 20)) {
    return 'a button has 1 to 20 characters'
  }
  return null
}

const info = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  language: z.string().optional(),
  status: z.string(),
  category: z.string().optional(),
  rejected_reason: z.string().optional(),
})

const toInfo = (raw: z.infer<typeof info>, name = '', language = ''): TemplateInfo => ({
  id: raw.id,
  name: raw.name ?? name,
  language: raw.language ?? language,
  status: raw.status,
  category: raw.category ?? null,
  reason: raw.rejected_reason ?? null,
})

/** Submits a template; review takes seconds. Its category is the platform's to change: look at what comes back. */
export async function createTemplate(
  graph: Graph,
  draft: TemplateDraft,
): Promise<TemplateInfo | Refusal<'bad_draft'>> {
  const fault = draftFault(draft)
  if (fault !== null) return refuse('bad_draft', fault)
  const components: unknown[] = []
  if (draft.header !== undefined) components.push({ type: 'HEADER', format: 'TEXT', text: draft.header })
  components.push({
    type: 'BODY',
    text: draft.body,
    ...(draft.examples.length === 0 ? {} : { example: { body_text: [draft.examples] } }),
  })
  if (draft.buttons !== undefined && draft.buttons.length > 0) {
    components.push({
      type: 'BUTTONS',
      buttons: draft.buttons.map((button) =>
        button.kind === 'choice'
          ? { type: 'POSTBACK', text: button.title }
          : {
              type: 'URL',
              text: button.title,
              url: button.url,
              ...(button.suffixExample === undefined ? {} : { example: [button.suffixExample] }),
            },
      ),
    })
  }
  const answer = await graph.call(
    {
      method: 'POST',
      path: 'me/message_templates',
      body: JSON.stringify({
        name: draft.name,
        language: draft.language,
        category: 'UTILITY',
        components,
      }),
    },
    info,
  )
  return toInfo(answer, draft.name, draft.language)
}

const mostPages = 20

/** Every template of the account, page by page (at most 2,000). */
export async function listTemplates(graph: Graph): Promise<TemplateInfo[]> {
  const page = z.looseObject({
    data: z.array(info),
    paging: z
      .looseObject({
        cursors: z.looseObject({ after: z.string().optional() }).optional(),
        next: z.string().optional(),
      })
      .optional(),
  })
  const templates: TemplateInfo[] = []
  let after: string | undefined
  for (let n = 0; n < mostPages; n++) {
    const answer = await graph.call(
      {
        method: 'GET',
        path: 'me/message_templates',
        query: {
          fields: 'id,name,language,status,category,rejected_reason',
          limit: '100',
          ...(after === undefined ? {} : { after }),
        },
      },
      page,
    )
    templates.push(...answer.data.map((raw) => toInfo(raw)))
    after = answer.paging?.next === undefined ? undefined : answer.paging.cursors?.after
    if (after === undefined) break
  }
  return templates
}

/** The status of one template in one language, or null when the account has none of that name. */
export async function templateStatus(
  graph: Graph,
  name: string,
  language: string,
): Promise<TemplateInfo | null> {
  const all = await listTemplates(graph)
  return all.find((template) => template.name === name && template.language === language) ?? null
}
