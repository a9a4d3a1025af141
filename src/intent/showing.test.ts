import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fixedWords } from './rights.ts'
import { isPutBack, showingAsk, takeBackAsk } from './showing.ts'

const kind = (text: string): string | null => {
  const ask = fixedWords(text)?.ask ?? showingAsk(text) ?? takeBackAsk(text)
  return ask === null ? null : ask.kind === 'told' ? `told ${ask.about}` : ask.kind
}
const all = (texts: readonly string[], expected: string | null) => {
  for (const text of texts) assert.equal(kind(text), expected, text)
}

describe('taking back, in plain words', () => {
  test('the words of our own button do what the button does, asked once more', () => {
    for (const text of [
      'take everything back',
      'take it all back please',
      'revoke all my permissions',
      'retira todo',
      'retírame todo',
      'quítame todos los permisos',
      'Retirar todo',
      'retire tout',
      'je veux tout retirer',
      'Tout retirer',
      'enlève-moi toutes mes autorisations',
    ])
      assert.deepEqual(
        fixedWords(text)?.ask ?? showingAsk(text),
        { kind: 'withdraw', everything: true },
        text,
      )
  })
  test('and in the language they were said in, also as the first word', () => {
    assert.equal(fixedWords('retira todo')?.language, 'es')
    assert.equal(fixedWords('retire tout')?.language, 'fr')
    assert.equal(fixedWords('take everything back')?.language, 'en')
  })
  test('one permission opens the choice, with what was named', () => {
    for (const text of [
      'take away the permission to see my payments',
      'quítenme el permiso de ver mis pagos',
      'arrête de montrer mes paiements mais garde mon solde',
      'take back payments only',
      'retira solo los pagos',
      'retire seulement les paiements',
    ])
      assert.deepEqual(takeBackAsk(text), { kind: 'withdraw', one: true }, text)
  })
  test('what is not to be shown here any more is hidden at once, and nothing asked', () => {
    for (const text of [
      'stop showing my balance here',
      'stop showing my balance in messenger',
      'deja de mostrar mis saldos aquí',
      'arrête de montrer mon solde dans messenger',
    ])
      assert.deepEqual(takeBackAsk(text), { kind: 'hide', one: true }, text)
    for (const text of ['how do i stop showing my balance here', 'no me muestres los pagos de Netflix'])
      assert.notEqual(takeBackAsk(text)?.kind, 'hide', text)
  })
  test('other sentences with such words are left to be read', () =>
    all(
      [
        'take it back to the store',
        'retira todo el dinero de mi cuenta',
        'retire tout mon argent',
        'quita ese cargo',
      ],
      null,
    ))
})

describe('figures in the chat', () => {
  test('to hide them is done at once', () =>
    all(
      [
        'hide the amounts',
        'please hide the numbers',
        'oculta los montos',
        'quítale los números a todo',
        'no me muestres los números',
        'cache les montants',
        'montre pu rien icitte',
        'ya no quiero que salgan mis saldos aquí en messenger',
        'no quiero que se vean mis montos aquí',
        'I don’t want my balance to show up here anymore',
        'je veux pas que mes soldes apparaissent ici',
        'je ne veux plus voir mes montants ici',
      ],
      'hide',
    ))
  test('not to want them hidden, or a company to know, is another wish', () => {
    for (const text of [
      'I don’t want my balance hidden here',
      'no quiero que ocultes mis montos aquí',
      'je veux pas cacher mes montants ici',
      'I don’t want facebook to see my balance here',
      'no quiero pagar aquí',
      'I don’t want to pay here',
    ])
      assert.notEqual(kind(text), 'hide', text)
  })
  test('to have them back is said as people say it; with what it is, it is explained at any time', () => {
    for (const text of [
      'put it back',
      'ok show them again',
      'actually turn it back on',
      'bueno ya ponlo otra vez',
      'muéstralos de nuevo',
      'vuelve a ponerlos',
      'ok c’est beau remets les',
      'ok cest beau remets les',
      'remettez-les svp',
      'remets mes montants comme avant',
    ])
      assert.ok(isPutBack(text), text)
    for (const text of [
      'put it on my card',
      'otra vez',
      'remets 20 à Julie',
      'ponlo en mi cuenta',
      'show me',
    ])
      assert.ok(!isPutBack(text), text)
    all(['show the figures again', 'remets les montants', 'vuelve a mostrar los montos'], 'told showing')
  })
  test('why they are not there, or that they always should be: the customer’s own choice, explained', () =>
    all(
      [
        'why can’t I see the numbers',
        'why are the amounts hidden',
        'why is my balance hidden',
        'always show it here',
        'por qué no veo los números',
        'siempre muéstramelo aquí',
        'pourquoi tu me montres jamais les chiffres',
        'affiche les montants ici à partir de maintenant',
      ],
      'told showing',
    ))
  test('whether they could be hidden is asked about first, and what one would have to type hides nothing', () => {
    all(['can you hide the amounts?', 'ça se peut-tu cacher les montants'], 'withdraw')
    assert.notEqual(kind('what do i get if i type "hide the figures"'), 'hide')
  })
  test('not to hide them is no wish to hide them', () =>
    all(['don’t hide the amounts', 'no ocultes los montos', 'ne cache pas les montants'], 'told showing'))
  test('“here”, said of the answer before, shows it this once', () =>
    all(
      [
        'show it here then',
        'yes here is fine',
        'los dos aquí por favor',
        'montre ici',
        'les deux ici svp',
        'oui ici c’est correct',
        'enséñamelo aki nomás esta vez',
        'show me just this once',
        'montre-le juste une fois',
      ],
      'once',
    ))
  test('“here” in a sentence about something else shows nothing', () =>
    all(
      [
        'I am here',
        'not here',
        'is there an ATM here',
        'here',
        'qui est ici',
        'no aquí no',
        'una vez',
        'esta vez no',
      ],
      null,
    ))
})
