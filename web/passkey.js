// Signs in with a passkey, or adds one. The only script a page cannot do without, for those who want a passkey.
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from './webauthn.js'

for (const button of document.querySelectorAll('[data-passkey]')) {
  const { passkey, options, verify, csrf, unsupported, cancelled, failed } = button.dataset
  const error = button.parentElement.querySelector('.error')
  const say = (text) => {
    error.textContent = text
    error.hidden = text === ''
  }
  const post = async (url, body) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(String(answer.status))
    return answer.json()
  }
  button.addEventListener('click', async () => {
    if (!browserSupportsWebAuthn()) return say(unsupported)
    say('')
    button.setAttribute('aria-busy', 'true')
    try {
      const optionsJSON = await post(options, {})
      const response = await (passkey === 'register' ? startRegistration : startAuthentication)({
        optionsJSON,
      })
      const { next } = await post(verify, { response })
      // Only ever onwards on this site.
      location.assign(new URL(next, location.origin).origin === location.origin ? next : '/')
    } catch (trouble) {
      say(trouble.name === 'NotAllowedError' || trouble.name === 'AbortError' ? cancelled : failed)
    } finally {
      button.removeAttribute('aria-busy')
    }
  })
}
