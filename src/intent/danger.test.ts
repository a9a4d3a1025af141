import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asksWhatNow, dangerIn, saysOtherCode } from './danger.ts'

describe('somebody is after the customer’s code', () => {
  for (const text of [
    'me llamaron del banco pidiéndome un código',
    'j’ai reçu un texto qui me demande mon nip, c’est vous?',
    'someone from the bank called asking for my pin',
    'they texted me and want my password',
    'i gave them my code',
    'le di mi clave a alguien por teléfono',
    'j’ai donné mon nip',
    'j’ai cliqué sur le lien',
    'quelqu’un m’a appelé en disant qu’il est de la banque, il voulait mon nip',
    'le di clic al enlace',
    'i clicked the link in the text',
    'is this text really from you',
    'creo que me estafaron',
    'je me suis fait frauder',
  ])
    test(`“${text}”`, () => assert.equal(dangerIn(text), 'phishing'))

  for (const text of [
    'i need a new pin',
    'the atm asks me for my pin',
    'l’appli me demande mon nip',
    'olvidé mi contraseña',
    'what is the code for',
    'the link does not work, i clicked the link and nothing loads',
    'cambiar mi nip',
    'i’m calling to ask for my pin',
    'did you send me the code',
  ])
    test(`“${text}” is an ordinary question`, () => assert.equal(dangerIn(text), null))
})

test('a payment that is not known is fraud, whatever else “no” and “it” may mean', () => {
  for (const text of [
    'c’est de la fraude je vous dis',
    'je le reconnais pas',
    'no lo reconozco',
    'i don’t recognize it',
    'es un fraude',
  ])
    assert.equal(dangerIn(text), 'fraud-not-mine', text)
  for (const text of ['is there a fraud department', 'je reconnais', 'do you recognize me'])
    assert.equal(dangerIn(text), null, text)
})

test('what do I do, and nothing else', () => {
  for (const text of [
    'qué hago',
    'que faire',
    'y ahora qué',
    'ok je fais quoi',
    'what now?',
    'ok so what do i do now',
  ])
    assert.equal(asksWhatNow(text), true, text)
  for (const text of ['what do i do to pay my bill', 'qué hago con mi saldo', 'what can you do'])
    assert.equal(asksWhatNow(text), false, text)
})

test('a code that is not the same', () => {
  for (const text of [
    'le code est pas pareil',
    'the code doesn’t match',
    'it shows another code',
    'el código no es el mismo',
  ])
    assert.equal(saysOtherCode(text), true, text)
  assert.equal(saysOtherCode('the code is the same'), false)
})
