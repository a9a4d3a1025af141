/** Without accents: `\b` and lists of words then mean the same in every language. */
export const folded = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[’`]/g, "'")

/** Speaks of messages, and not of something else that should end. */
export const speaksOfMessages = (text: string): boolean => stopWords.test(folded(text))
const stopWords =
  /\b(stop|quit|cease|unsub\w*|opt|no more|enough|leave me alone|messag\w*|text\w*|contact\w*|spam\w*|mensaj\w*|escrib\w*|molest\w*|no me|basta|messages?|[eé]cri\w*|d[eé]rang\w*|arr[eê]t\w*|cess\w*|tranquil\w*)\b/iu

/** "stop showing my balance here": about what is shown, whatever else the sentence sounds like. */
export const isStopShowing = (text: string): boolean =>
  /\b(?:(?:hide|cache[rz]?|masque[rz]?|oculta\w*|esconde\w*) (?:(?:my|the|mi|mis|los?|las?|les?|mon|mes|all|todo) )*(?:it|balance|figures?|numbers?|amounts?|saldos?|cifras?|montos?|n[uú]meros?|montants?|chiffres?|soldes?)|(?:stop|quit|don'?t|do not|no more) (?:show|display|tell|shar|post)\w*|(?:deja|dejen|dejar) de (?:mostrar|ense[nñ]ar|compartir|decir)\w*|no (?:muestr|ense[nñ]|compart)\w+|(?:arr[eê]t|cess)\w+ de (?:montrer|partager|afficher|dire)|(?:ne )?(?:montr|partag|affich)\w+ (?:plus|pus|pas))\b/iu.test(
    folded(text),
  )

/** "Not counting transfers": what moves between the customer's own accounts is never counted, and that is to be said. */
export const leavesOwnMoves = (text: string): boolean =>
  /\b(?:not (?:counting|including)|without(?: counting| including)?|excluding|except(?: for)?|minus|ignoring|leaving out|leave out|(?:don'?t|do not) (?:count|include)|apart from|other than|sin(?: contar| incluir)?|no (?:cuentes|cuenten|incluyas)|excepto|menos|salvo|quitando|sans(?: compter| inclure)?|pas compter|sauf|hormis|excluant|a part) (?:(?:the|my|any|all|own|internal|las|los|mis|les|mes|des) )*(?:transfers?|transferencias?|traspasos?|virements?|transferts?)\b(?! (?:from|to|de|a|par|by|d')\b)/iu.test(
    folded(text),
  )

/** "When does rent go out": what is paid by itself, and when it last was. */
export const goesOut = (text: string): boolean =>
  /\b(?:when (?:does|do|did|is|are|will) .{2,30}\b(?:go(?:es|ing)? out|com(?:e|es|ing) out|leave|get (?:taken|charged|debited)|(?:taken|debited)(?: out)?)|(?:cuando|que dia) (?:se |me )*(?:cobran|sale|salen|descuentan|debitan|quitan) .{2,30}|(?:quand|quel jour) (?:est-ce que )?.{2,30} (?:sort|sortent|passe|passent|est preleve|se preleve))\b/i.test(
    folded(text),
  )

/** Asks for a list of what there is. */
export const listWords =
  /\b(what|which|show|list|anything|qu[eé]|cu[aá]les|muestra\w*|quels?|quelles?|montre\w*)\b/i
/** Speaks of money that came. */
export const incomeWords =
  /\b((came|come|coming) in|did i (get|receive|make|earn)|(me )?entr[oó]\b|ha entrado|me (cay[oó]|pagaron|depositaron)|(est|sont) entr[eé]\w*|re[çc]u de l'argent)/iu
/** "Did I get paid?", whether and not how much. */
export const paidWords =
  /^\W*(?:(?:hey|hi|so|and|y|et|ok|hola|ya|when|cuando|quand|est-ce que|bon)\W+)*(?:(?:did|have) i (?:get|got|been|gotten) paid|(?:was|am) i (?:getting |being )?paid|(?:did|have) they (?:pay|paid) me|(?:ya )?me (?:pagaron|han pagado)|(?:j'ai(?:-tu| tu)?|ai-je|j'ai-tu) (?:ete )paye|(?:je suis|chu|suis-je|je suis-tu)(?:[- ]tu)? paye|on m'a(?:[- ]tu)? paye|m'ont(?:-ils)? paye)e?\b/i
export const spendWords =
  /\b(spen[dt]\w*|blow|blew|gast(?:o|a|é|e|ar|aste|amos|aron|ado)|gasté|d[eé]pens[eé]\w*)\b/iu
/** What a sentence without a sure meaning is about, by its own words. */
export const moneyWords = [
  [spendWords, 'spending'],
  [
    /\b(payments?|transactions?|purchases?|charg\w+|pagos?|compras?|cargos?|cobr\w+|transacci\w+|movimientos?|paiements?|achats?|op[eé]rations?)\b/iu,
    'transactions',
  ],
] as const
/** "Where is all my money going": for what, and not how much of it. */
export const goesWhere =
  /\b(?:where (?:is|does|did|has|is all) (?:all |most )?(?:of )?(?:my|the|our) (?:\w+ )?(?:money|cash|pay|paycheck|paycheque|dough)(?: all)? (?:go|going|went|gone|being spent)|where'?s (?:all )?(?:my|the) (?:\w+ )?(?:money|cash|pay) (?:go|going|gone)|what (?:am i|do i|did i|have i been|i'?m) (?:spend|spending)(?: all)?(?: my (?:money|cash|pay))? on|(?:en|a|para) (?:que|q|k|donde|adonde|onde) (?:es que )?(?:se )?(?:me |nos )?(?:va|vaya|fue|ha ido|esta (?:yendo|llendo)|estoy (?:gastando|tirando))|a ?donde se (?:me )?(?:va|fue)|(?:ou|dans quoi|sur quoi)(?: est-ce que?)? (?:s'en va|va|passe|part|est (?:passe|parti|alle)|s'en est alle)(?:[- ]t-?il)? (?:tout )?(?:mon|l') ?(?:argent|cash|paye)|(?:mon|l') ?argent (?:(?:s'en )?va|passe|part|est (?:passe|parti|alle)) (?:ou|dans quoi)|dans quoi (?:je|j'ai|est-ce que je) (?:depense|mets mon argent))\b/i
