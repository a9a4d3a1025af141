import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { isCrisis } from './crisis.ts'
import { wishOf } from './wish.ts'

describe('a life may be in danger: the number to call, and never “did you mean”', () => {
  for (const text of [
    'i just want it to end',
    'i dont want to be here anymore',
    'i feel like giving up',
    'cant go on like this',
    'kill myself',
    'my husband died and i can’t go on',
    'i lost my job and i feel like giving up',
    'my mom died, i dont want to be here anymore',
    'i got scammed and i want to kill myself',
    'i can’t take it anymore',
    'solo quiero que se acabe',
    'quiero que todo termine',
    'ya no quiero estar aquí',
    'siento que me doy por vencida',
    'ya no puedo seguir así',
    'ya no puedo más',
    'tengo ganas de rendirme',
    'matarme',
    'perdí mi trabajo y ya no quiero vivir',
    'je veux juste que ça finisse',
    'je ne veux plus être là',
    'j’ai envie de tout abandonner',
    'je peux pu continuer comme ça',
    'j’en peux plus',
    'chu pu capable',
    'me tuer',
    'ma mère est morte, je veux plus être ici',
    'j’ai perdu ma job pis j’ai envie d’abandonner',
  ])
    test(`“${text}”`, () =>
      assert.deepEqual(wishOf(clauseOf(text, ['hardship', 0.9]), null, { now: 0, timeZone: 'UTC' }), {
        band: 'act',
        ask: { kind: 'told', about: 'distress' },
      }))
})

test('other things end and are given up every day', () => {
  for (const text of [
    'i want to give up my card',
    'i want my subscription to end',
    'i want to end it, the gym subscription',
    'stop messaging me, i cant take it anymore',
    'i can’t go on the app',
    'i give up, you understand nothing',
    'i don’t want to be charged anymore',
    'when does it end',
    'quiero que se acabe el contrato',
    'no puedo seguir pagando la renta',
    'no puedo más con las comisiones',
    'je suis plus capable de payer mon loyer',
    'je veux que mon abonnement finisse',
    'j’ai envie d’abandonner ma carte',
    'je veux en finir avec les frais',
    'je ne peux plus payer',
    'je peux plus me connecter',
  ])
    assert.equal(isCrisis(text), false, text)
})
