import { z } from 'zod'

/**
 * The Messenger Platform's own types of what we send and what it answers (§6–8, §13), as zod schemas. Members we do not
 * use are let through: the platform adds some every month. What comes in by webhook is read in `event.ts`.
 */

const text = (max: number) => z.string().min(1).max(max)

const button = z.union([
  z.looseObject({ type: z.literal('web_url'), url: text(2_048), title: text(20).optional() }),
  z.looseObject({ type: z.literal('postback'), title: text(20), payload: text(1_000) }),
  z.looseObject({ type: z.literal('phone_number'), title: text(20), payload: text(30) }),
  z.looseObject({ type: z.literal('account_link'), url: text(2_048) }),
  z.looseObject({ type: z.literal('account_unlink') }),
  // audio_call, game_play, element_share of old: they exist, we never send them.
  z.looseObject({
    type: z
      .string()
      .refine(
        (type) => !['web_url', 'postback', 'phone_number', 'account_link', 'account_unlink'].includes(type),
      ),
  }),
])

const quickReply = z.looseObject({
  content_type: z.enum(['text', 'location', 'user_phone_number', 'user_email']),
  title: text(20).optional(),
  payload: z.string().max(1_000).optional(),
  image_url: z.string().optional(),
})

const amount = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)])
const knownTemplates = ['generic', 'button', 'receipt', 'media', 'coupon', 'customer_feedback', 'image_grid']

const templatePayload = z.union([
  z.looseObject({
    template_type: z.literal('generic'),
    elements: z
      .array(
        z.looseObject({
          title: text(80),
          subtitle: z.string().max(80).optional(),
          buttons: z.array(button).max(3).optional(),
        }),
      )
      .min(1)
      .max(10),
  }),
  z.looseObject({
    template_type: z.literal('button'),
    text: text(640),
    buttons: z.array(button).min(1).max(3),
  }),
  z.looseObject({
    template_type: z.literal('receipt'),
    recipient_name: text(1_000),
    order_number: text(1_000),
    currency: z.string().length(3),
    payment_method: text(1_000),
    timestamp: z.union([z.string(), z.number()]).optional(),
    elements: z
      .array(z.looseObject({ title: text(1_000), price: amount, quantity: z.number().optional() }))
      .max(100)
      .optional(),
    summary: z.looseObject({
      subtotal: amount.optional(),
      shipping_cost: amount.optional(),
      total_tax: amount.optional(),
      total_cost: amount,
    }),
    adjustments: z
      .array(z.looseObject({ name: z.string().optional(), amount: amount.optional() }))
      .optional(),
  }),
  z.looseObject({
    template_type: z.literal('media'),
    elements: z.array(z.looseObject({ media_type: z.enum(['image', 'video']) })).length(1),
  }),
  z.looseObject({ template_type: z.literal('coupon'), title: text(80) }),
  z.looseObject({
    template_type: z.literal('customer_feedback'),
    title: text(65),
    feedback_screens: z.array(z.looseObject({ questions: z.array(z.looseObject({ id: text(80) })) })).min(1),
    business_privacy: z.looseObject({ url: z.string() }),
    expires_in_days: z.number().int().min(1).max(7).optional(),
  }),
  z.looseObject({
    template_type: z.literal('image_grid'),
    elements: z.array(z.unknown()).min(1).max(6),
  }),
  // Airline, list, product and what may come: known to exist, never sent by us.
  z.looseObject({
    template_type: text(60).refine((type) => !knownTemplates.includes(type)),
  }),
])

const attachment = z.union([
  z.looseObject({ type: z.literal('template'), payload: templatePayload }),
  z.looseObject({
    type: z.enum(['image', 'audio', 'video', 'file']),
    payload: z.looseObject({ url: z.string().optional(), attachment_id: z.string().optional() }),
  }),
  z.looseObject({ type: text(60).refine((type) => type !== 'template') }),
])

const utilityTemplate = z.looseObject({
  name: text(512),
  language: z.looseObject({ code: text(20) }),
  components: z
    .array(
      z.looseObject({ type: text(60), parameters: z.array(z.looseObject({ type: text(60) })).optional() }),
    )
    .optional(),
})

const message = z
  .looseObject({
    text: z.string().min(1).max(2_000).optional(),
    attachment: attachment.optional(),
    attachments: z.array(attachment).min(1).max(30).optional(),
    template: utilityTemplate.optional(),
    sticker_id: z.union([z.string(), z.number()]).optional(),
    quick_replies: z.array(quickReply).min(1).max(13).optional(),
    metadata: z.string().max(1_000).optional(),
  })
  .refine(
    (part) =>
      [part.text, part.attachment, part.attachments, part.template, part.sticker_id].filter(
        (one) => one !== undefined,
      ).length === 1,
    'exactly one of text, attachment, attachments, template, sticker_id',
  )

const recipientKeys = [
  'id',
  'user_ref',
  'phone_number',
  'comment_id',
  'post_id',
  'notification_messages_token',
]
const recipient = z
  .looseObject({})
  .refine(
    (part) =>
      Object.entries(part).filter(([key, value]) => recipientKeys.includes(key) && typeof value === 'string')
        .length === 1,
    'exactly one way to name the recipient',
  )

/** The body of `POST /{PAGE_ID}/messages`. */
export const sendRequest = z
  .looseObject({
    recipient,
    messaging_type: z.enum(['RESPONSE', 'UPDATE', 'MESSAGE_TAG', 'UTILITY']).optional(),
    tag: z.string().max(60).optional(),
    message: message.optional(),
    sender_action: z.enum(['typing_on', 'typing_off', 'mark_seen', 'react', 'unreact']).optional(),
    persona_id: z.string().optional(),
    notification_type: z.enum(['REGULAR', 'SILENT_PUSH', 'NO_PUSH']).optional(),
  })
  // §13: 100/2018014 for both together.
  .refine(
    (body) => (body.message === undefined) !== (body.sender_action === undefined),
    'a message or a sender action',
  )
export type SendRequest = z.infer<typeof sendRequest>

/** What answers a send; a sender action and an upload are answered in part. No `recipient_id` for `user_ref` (§6). */
export const sendResponse = z.union([
  z.looseObject({ message_id: text(1_000), recipient_id: z.string().optional() }),
  z.looseObject({ attachment_id: text(200) }),
  z.looseObject({ recipient_id: text(200) }),
])

const graphNumber = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
])

/** The error form of the whole Graph API. Only the codes decide: messages are localised (§13). */
export const graphError = z.looseObject({
  error: z.looseObject({
    code: graphNumber,
    error_subcode: graphNumber.optional(),
    is_transient: z.boolean().optional(),
    type: z.string().optional(),
    fbtrace_id: z.string().optional(),
  }),
})
export type GraphError = z.infer<typeof graphError>['error']

const menuItem = z.looseObject({
  type: z.enum(['web_url', 'postback', 'nested']),
  title: text(30),
  url: z.string().optional(),
  payload: z.string().max(1_000).optional(),
})
const question = z.looseObject({ question: text(200), payload: text(1_000) })

/** The body of `POST /me/messenger_profile` (§8). */
export const profileRequest = z
  .looseObject({
    get_started: z.looseObject({ payload: text(1_000) }).optional(),
    greeting: z.array(z.looseObject({ locale: text(20), text: text(160) })).optional(),
    ice_breakers: z
      .array(
        z.union([
          question,
          z.looseObject({ locale: text(20).optional(), call_to_actions: z.array(question).max(4) }),
        ]),
      )
      .max(50)
      .optional(),
    persistent_menu: z
      .array(
        z.looseObject({
          locale: text(20),
          composer_input_disabled: z.boolean().optional(),
          call_to_actions: z.array(menuItem).max(20).optional(),
        }),
      )
      .optional(),
    whitelisted_domains: z.array(z.string()).max(50).optional(),
    account_linking_url: z.string().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'at least one member')
export type Profile = z.infer<typeof profileRequest>

export const profileResponse = z.union([
  z.looseObject({ result: z.literal('success') }),
  z.looseObject({ data: z.array(z.looseObject({})) }),
])

/** The body of `POST /{PAGE_ID}/message_attachments`. We upload nothing; the form is kept for the wire tests. */
export const attachmentUpload = z.looseObject({
  message: z.looseObject({
    attachment: z.looseObject({
      type: z.enum(['image', 'audio', 'video', 'file']),
      payload: z.looseObject({ url: z.string().optional() }),
    }),
  }),
})

export const succeeded = z.looseObject({ success: z.boolean() })
