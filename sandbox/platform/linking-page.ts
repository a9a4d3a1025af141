import { escapeHtml } from './http.ts'
import type { LinkingEnd } from './linking.ts'

const words: Readonly<Record<LinkingEnd['end'], { title: string; text: string; good: boolean }>> = {
  linked: {
    title: 'You’re connected',
    text: 'Your account is now connected to this chat. You can go back to it.',
    good: true,
  },
  not_linked: {
    title: 'Nothing was connected',
    text: 'The sign-in ended without connecting your account. You can try again from the chat.',
    good: false,
  },
  expired: {
    title: 'This sign-in has ended',
    text: 'It was used already, or took too long. Press Log in in the chat to start again.',
    good: false,
  },
  unknown: {
    title: 'This address is not complete',
    text: 'Press Log in in the chat to start again.',
    good: false,
  },
}

/** What the browser shows after account linking; its script closes the window, the link works without it. */
export function linkingEndPage(end: LinkingEnd): string {
  const { title, text, good } = words[end.end]
  const back =
    end.pageId === undefined
      ? '/'
      : `/#${encodeURIComponent(end.pageId)}/${encodeURIComponent(end.psid ?? '')}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="stylesheet" href="/phone/phone.css"><script type="module" src="/phone/linking-end.ts"></script></head>
<body class="ending"><main><div class="mark ${good ? 'good' : 'bad'}" aria-hidden="true">${good ? '✓' : '!'}</div>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>
<a class="big-button" id="back" href="${escapeHtml(back)}">Back to your chat</a></main></body></html>`
}
