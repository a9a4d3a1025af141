import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pagingIn } from './paging.ts'

test('“more”, in three languages, with as many as are asked for', () => {
  for (const text of [
    'more|More please|show me more|next|next page|older ones|the rest|can i see more?|the ones before|anything older?|more payments|keep going',
    'más|ver más|y más?|muéstrame más|siguientes|los siguientes|las anteriores|los de antes|otros|más por favor',
    'plus|voir plus|suivantes|les suivants|la suite|page suivante|encore|les précédents|ceux d’avant|montre-m’en plus',
  ].flatMap((list) => list.split('|')))
    assert.equal(pagingIn(text)?.go, 'on', text)
  for (const text of [
    'the next five',
    '5 more',
    'next 5 payments',
    'los siguientes cinco',
    '5 más',
    'les 5 suivants',
    'les cinq prochains',
  ])
    assert.deepEqual(pagingIn(text), { go: 'on', count: 5, single: false }, text)
})

test('“the one before that”, in three languages', () => {
  for (const text of [
    'the one before|and the one before that?|the previous one|before that|the payment before|the time before',
    'la anterior|y la anterior?|la anterior a esa|el pago anterior|y antes?',
    'celle d’avant|et celle d’avant?|celui d’avant|la précédente|le paiement précédent|et avant ça?',
  ].flatMap((list) => list.split('|')))
    assert.deepEqual(pagingIn(text), { go: 'before' }, text)
})

test('a question of its own is neither', () => {
  for (const text of [
    'more than last month|next payday|no more|the second one|the other one|next week|more info|the one before last month|one',
    'más que antes|no más|la segunda|más información',
    'plus de 50 $|avant-hier|la deuxième|plus d’information',
    'x'.repeat(500),
  ].flatMap((list) => list.split('|')))
    assert.equal(pagingIn(text), null, text)
})
