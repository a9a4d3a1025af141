import type { Language } from '../reading.ts'
import type { Holiday, Unit } from './calendar.ts'
import { type Phrases, phrases } from './token.ts'

/** What a word may do in an expression of time. One word may play several parts ("past", "de", "second"). */
export type TimeWord = {
  readonly unit?: Unit
  readonly month?: number
  /** 1 Monday to 7 Sunday (ISO 8601). */
  readonly weekday?: number
  /** `past` before a unit rolls ("the past month"), `last` is the calendar's own ("last month"). */
  readonly rel?: 'last' | 'past' | 'this' | 'next'
  /** One more back than last: "el mes antepasado". */
  readonly twice?: true
  /** Days from today. */
  readonly day?: number
  readonly link?: number
  readonly edge?: 'start' | 'mid' | 'end'
  readonly holiday?: Holiday
  /** 1 spring, 2 summer, 3 autumn, 4 winter. */
  readonly season?: number
  readonly few?: number
  readonly ordinal?: number
  readonly ago?: true
  readonly ahead?: true
  readonly payday?: true
  /** "so far this year", "year to date" */
  readonly toDate?: 'week' | 'month' | 'quarter' | 'year' | 'named'
  /** A part of the day: belongs to the day beside it. */
  readonly dayPart?: true
  readonly article?: true
  /** Means time only with a preposition or a number beside it ("may", "sun", "fall"). */
  readonly weak?: true
  /** Taken, so that its number is no amount, but no stretch of days ("every Friday", "3 hours"). */
  readonly recurring?: true
}

/** Parts a linking word plays; a word may have several. */
export const link = {
  from: 1,
  to: 2,
  between: 4,
  and: 8,
  since: 16,
  until: 32,
  before: 64,
  after: 128,
  by: 256,
  at: 512,
  of: 1024,
  each: 2048,
  onward: 4096,
  within: 8192,
} as const

const monthNames: Record<Language, string> = {
  en: 'january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sept sep,october oct,november nov,december dec',
  es: 'enero ene,febrero,marzo mzo,abril abr,mayo,junio,julio,agosto,septiembre setiembre septiembe,octubre,noviembre,diciembre dic',
  fr: 'janvier janv,fevrier fevr fev,mars,avril avr,mai,juin,juillet juil,aout,septembre sept,octobre oct,novembre nov,decembre dec',
}
const weekdayNames: Record<Language, string> = {
  en: 'monday mon,tuesday tues tue,wednesday wed weds,thursday thurs thur thu,friday fri,saturday sat,sunday sun',
  es: 'lunes,martes,miercoles,jueves,viernes,sabado,domingo',
  fr: 'lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche',
}
const weakWords = new Set([
  'may',
  'mar',
  'sun',
  'sat',
  'mon',
  'wed',
  'dec',
  'jun',
  'march',
  'mars',
  'marzo',
  'ene',
  'abr',
  'dic',
  'avr',
  'juil',
  'fev',
  'jan',
  'august',
])

/** `key: phrases, comma between`, one meaning a line. */
type Table = readonly (readonly [string, TimeWord])[]

const en: Table = [
  ['today,todays,tonight,this morning,this afternoon,this evening,earlier today', { day: 0 }],
  [
    'yesterday,yesterdays,yday,yest,last night,lastnight,yesterday morning,yesterday afternoon,yesterday evening,yesterday night',
    { day: -1 },
  ],
  ['day before yesterday,the day before yesterday,night before last', { day: -2 }],
  [
    'tomorrow,tmrw,tmr,tomorow,tommorow,tomorrow morning,tomorrow night,tomorrow evening,tomorrow afternoon',
    { day: 1 },
  ],
  ['day after tomorrow,the day after tomorrow', { day: 2 }],
  ['day,days,business days,working days', { unit: 'day' }],
  ['week,weeks,wk,wks', { unit: 'week' }],
  ['fortnight,fortnights', { unit: 'fortnight' }],
  ['month,months,mth', { unit: 'month' }],
  ['quarter,quarters', { unit: 'quarter' }],
  ['year,years,yr,yrs', { unit: 'year' }],
  ['weekend,weekends,wknd', { unit: 'weekend' }],
  ['hour,hours,hrs,minute,minutes,mins,night,nights', { unit: 'hour' }],
  ['last,previous,prior,preceding,this past,this last', { rel: 'last' }],
  ['past', { rel: 'past' }],
  ['this,current,the current,this current', { rel: 'this' }],
  ['next,following,coming,upcoming,this coming', { rel: 'next' }],
  ['few,a few,several', { few: 3 }],
  ['couple,couple of,a couple,a couple of', { few: 2 }],
  ['ago,back,earlier', { ago: true }],
  ['from now,hence,later,from today', { ahead: true }],
  ['from,starting,starting from,beginning,effective', { link: link.from }],
  ['to,through,thru', { link: link.to }],
  ['until,till,til,up to,up until,no later than', { link: link.until | link.to }],
  ['between', { link: link.between }],
  ['and', { link: link.and }],
  ['since,ever since', { link: link.since }],
  ['before,prior to,earlier than', { link: link.before }],
  ['after', { link: link.after }],
  ['by', { link: link.by }],
  ['in', { link: link.at | link.within }],
  ['within', { link: link.within }],
  ['on,during,for,over,throughout', { link: link.at }],
  ['of', { link: link.of }],
  ['every,each,per', { link: link.each }],
  ['onward,onwards,and on,on', { link: link.onward | link.at }],
  ['the', { article: true }],
  ['beginning,beginning of,start,start of,early,top of', { edge: 'start' }],
  ['middle,middle of,mid', { edge: 'mid' }],
  ['end,end of,late', { edge: 'end' }],
  ['so far', { toDate: 'named' }],
  ['year to date,ytd', { toDate: 'year' }],
  ['month to date,mtd', { toDate: 'month' }],
  ['week to date', { toDate: 'week' }],
  ['quarter to date,qtd', { toDate: 'quarter' }],
  [
    'payday,pay day,i got paid,i was paid,i last got paid,my last payday,last payday,my last paycheck,last paycheck,my last paycheque,my payday,my paycheck,my paycheque,my last check',
    { payday: true },
  ],
  ['spring', { season: 1, weak: true }],
  ['summer', { season: 2 }],
  ['autumn', { season: 3 }],
  ['fall', { season: 3, weak: true }],
  ['winter', { season: 4 }],
  [
    'morning,afternoon,evening,night,at night,in the morning,in the afternoon,in the evening,noon',
    { dayPart: true },
  ],
  ['christmas,xmas,christmas day,the holidays', { holiday: 'christmas' }],
  ['christmas eve,xmas eve', { holiday: 'christmas-eve' }],
  ['new year,new years,new years day,new year day', { holiday: 'new-year' }],
  ['new years eve,new year eve,nye', { holiday: 'new-years-eve' }],
  ['thanksgiving,thanksgiving day,turkey day', { holiday: 'thanksgiving' }],
  ['black friday', { holiday: 'black-friday' }],
  ['cyber monday', { holiday: 'cyber-monday' }],
  ['easter,easter sunday', { holiday: 'easter' }],
  ['good friday', { holiday: 'good-friday' }],
  ['easter monday', { holiday: 'easter-monday' }],
  ['labor day,labour day', { holiday: 'labor-day' }],
  ['memorial day', { holiday: 'memorial-day' }],
  ['independence day,fourth of july,the fourth of july', { holiday: 'independence-day' }],
  ['canada day', { holiday: 'canada-day' }],
  ['victoria day', { holiday: 'victoria-day' }],
  ['halloween', { holiday: 'halloween' }],
  ['valentines,valentines day,valentine day', { holiday: 'valentines' }],
  ['mothers day', { holiday: 'mothers-day' }],
  ['fathers day', { holiday: 'fathers-day' }],
  ['mlk day,martin luther king day', { holiday: 'mlk-day' }],
  ['presidents day', { holiday: 'presidents-day' }],
  ['columbus day,indigenous peoples day', { holiday: 'columbus-day' }],
  ['veterans day,remembrance day', { holiday: 'veterans-day' }],
  ['juneteenth', { holiday: 'juneteenth' }],
  ['boxing day', { holiday: 'boxing-day' }],
  ['st patricks,st patricks day,saint patricks day', { holiday: 'st-patricks' }],
  ['tax day', { holiday: 'tax-day' }],
]

const es: Table = [
  ['hoy,hoy mismo,hoy dia,esta manana,esta tarde,esta noche,oy', { day: 0 }],
  ['ayer,anoche,ayer en la noche,ayer por la noche,ayer en la manana,ayer en la tarde', { day: -1 }],
  ['antier,anteayer,antes de ayer,antenoche', { day: -2 }],
  ['manana', { day: 1 }],
  ['pasado manana', { day: 2 }],
  [
    'en la manana,por la manana,de la manana,a la manana,en la tarde,por la tarde,de la tarde,en la noche,por la noche,de la noche,a la noche',
    { dayPart: true },
  ],
  ['dia,dias', { unit: 'day' }],
  ['semana,semanas', { unit: 'week' }],
  ['quincena,quincenas', { unit: 'semimonth' }],
  ['mes,meses', { unit: 'month' }],
  ['trimestre,trimestres', { unit: 'quarter' }],
  ['semestre,semestres', { unit: 'semester' }],
  ['ano,anos', { unit: 'year' }],
  ['fin de semana,fines de semana,finde,fin', { unit: 'weekend', weak: true }],
  ['hora,horas,minuto,minutos', { unit: 'hour' }],
  ['pasado,pasada,pasados,pasadas,anterior,anteriores', { rel: 'last' }],
  ['antepasado,antepasada,antepasados,antepasadas,trasanterior', { rel: 'last', twice: true }],
  ['ultimo,ultima,ultimos,ultimas,previos', { rel: 'past' }],
  ['este,esta,estos,estas,actual,en curso,corriente', { rel: 'this' }],
  ['proximo,proxima,proximos,proximas,que viene,que vienen,siguiente,siguientes,entrante', { rel: 'next' }],
  ['unos,unas,unos cuantos,unas cuantas,algunos,algunas,pocos,pocas', { few: 3 }],
  ['un par de', { few: 2 }],
  ['atras', { ago: true }],
  ['despues,a partir de hoy,a partir de ahora', { ahead: true }],
  ['hace', { ago: true }],
  ['desde', { link: link.since | link.from }],
  ['desde hace', { link: link.since, ago: true }],
  ['a partir de,a partir del,empezando,comenzando', { link: link.since }],
  ['de,del', { link: link.from | link.of }],
  ['a,al', { link: link.to }],
  ['hasta,hasta el', { link: link.until | link.to }],
  ['entre', { link: link.between }],
  ['y,e', { link: link.and }],
  ['antes de,antes del', { link: link.before }],
  ['despues de,despues del,luego de,luego del', { link: link.after }],
  ['a mas tardar', { link: link.by }],
  ['en', { link: link.at | link.within }],
  ['dentro de', { link: link.within }],
  ['durante,por,para', { link: link.at }],
  ['cada,todos los,todas las', { link: link.each }],
  ['en adelante', { link: link.onward }],
  ['el,la,los,las', { article: true }],
  [
    'principios,a principios,principio,inicios,comienzos,inicio,comienzo,principios de,inicio de,inicio del,principio de,principio del',
    { edge: 'start' },
  ],
  ['mediados,a mediados,mitad,mediados de', { edge: 'mid' }],
  [
    'finales,a finales,fines,a fines,fin de,fin del,final,final de,final del,finales de,fines de',
    { edge: 'end' },
  ],
  [
    'hasta ahora,hasta la fecha,hasta el momento,lo que va del,lo que va de,en lo que va del,en lo que va de,lo que llevamos de,lo que llevo de,en lo que llevamos de,en lo que llevamos del',
    { toDate: 'named' },
  ],
  [
    'dia de pago,el dia de pago,mi dia de pago,que me pagaron,q me pagaron,k me pagaron,que me depositaron,q me depositaron,que cobre,q cobre,que me llego el cheque,que me cayo la quincena,la quincena,mi ultimo cheque,el ultimo cheque,mi ultimo pago,la ultima quincena,mi quincena',
    { payday: true },
  ],
  ['primavera', { season: 1 }],
  ['verano', { season: 2 }],
  ['otono', { season: 3 }],
  ['invierno', { season: 4 }],
  ['navidad,navidades', { holiday: 'christmas' }],
  ['nochebuena', { holiday: 'christmas-eve' }],
  ['ano nuevo', { holiday: 'new-year' }],
  ['nochevieja,fin de ano', { holiday: 'new-years-eve' }],
  ['dia de reyes,reyes', { holiday: 'epiphany', weak: true }],
  ['accion de gracias,dia de accion de gracias,san givin,thanksgiving', { holiday: 'thanksgiving' }],
  ['viernes negro', { holiday: 'black-friday' }],
  ['pascua,pascuas,domingo de pascua', { holiday: 'easter' }],
  ['viernes santo', { holiday: 'good-friday' }],
  ['semana santa', { holiday: 'holy-week' }],
  ['dia del trabajo', { holiday: 'labor-day' }],
  ['dia de la independencia', { holiday: 'independence-day' }],
  ['dia de los muertos,dia de muertos', { holiday: 'day-of-the-dead' }],
  ['san valentin,dia de los enamorados,dia del amor', { holiday: 'valentines' }],
  ['dia de las madres,dia de la madre', { holiday: 'mothers-day' }],
  ['dia del padre,dia de los padres', { holiday: 'fathers-day' }],
]

const fr: Table = [
  [
    'aujourdhui,auj,ajd,ce matin,cet apres midi,cet aprem,ce soir,cette nuit,a matin,a soir,tantot',
    { day: 0 },
  ],
  ['hier,hier soir,hier matin,hier apres midi,hier au soir', { day: -1 }],
  ['avant hier', { day: -2 }],
  ['demain,demain matin,demain soir,dmain', { day: 1 }],
  ['apres demain', { day: 2 }],
  ['jour,jours,journee,journees', { unit: 'day' }],
  ['semaine,semaines', { unit: 'week' }],
  ['quinzaine', { unit: 'fortnight' }],
  ['mois', { unit: 'month' }],
  ['trimestre,trimestres', { unit: 'quarter' }],
  ['semestre,semestres', { unit: 'semester' }],
  ['an,ans,annee,annees', { unit: 'year' }],
  ['fin de semaine,fins de semaine,fds,week end,weekend', { unit: 'weekend' }],
  ['heure,heures,minute,minutes', { unit: 'hour' }],
  ['passe,passee,passes,passees,precedent,precedente,d avant', { rel: 'last' }],
  ['dernier,derniere,derniers,dernieres', { rel: 'past' }],
  ['ce,cet,cette,ces,courant,en cours,ci,present,citte,cte', { rel: 'this' }],
  ['prochain,prochaine,prochains,prochaines,suivant,suivante,qui vient,qui sen vient', { rel: 'next' }],
  ['quelques', { few: 3 }],
  ['une couple de,une couple d,couple de,une paire de,deux trois', { few: 2 }],
  ['il y a,ya,y a,ca fait', { ago: true }],
  ['plus tard,a partir daujourdhui', { ahead: true }],
  ['depuis,depuis le,depuis la', { link: link.since }],
  ['a partir de,a partir du,a compter du,a compter de', { link: link.since }],
  ['de,du,des,d', { link: link.from | link.of }],
  ['a,au', { link: link.to }],
  ['jusqu a,jusqu au,jusqua,jusquau,jusqu en', { link: link.until | link.to }],
  ['entre', { link: link.between }],
  ['et', { link: link.and }],
  ['avant,avant le,avant la', { link: link.before }],
  ['apres,apres le', { link: link.after }],
  ['d ici,d ici le,d ici la,dici', { link: link.by }],
  ['en,au mois de,au mois d,du mois de,du mois d,le mois de,le mois d', { link: link.at }],
  ['dans', { link: link.within | link.at }],
  ['pour,pendant,durant,au cours de,au cours du,au cours des,lors de', { link: link.at }],
  ['chaque,tous les,toutes les,par', { link: link.each }],
  ['le,la,les,l', { article: true }],
  ['debut,au debut,debut du,debut de', { edge: 'start' }],
  ['mi,milieu,milieu du,milieu de', { edge: 'mid' }],
  ['fin,fin du,fin de', { edge: 'end' }],
  ['jusqu a maintenant,jusqu a present,jusqu ici,a date,a ce jour', { toDate: 'named' }],
  [
    'jour de paie,jour de paye,le jour de paie,ma paie,ma paye,la paie,la paye,ma derniere paie,ma derniere paye,la derniere paie,la derniere paye,mon dernier cheque,que j ai ete paye,que j ai ete payee,que j ai eu ma paye,que j ai eu ma paie,que jai ete paye,que jai eu ma paye,que ma paye est rentree,que ma paie est rentree',
    { payday: true },
  ],
  ['matin,soir,apres midi,soiree,nuit,au matin,au soir', { dayPart: true }],
  ['printemps', { season: 1 }],
  ['ete', { season: 2, weak: true }],
  ['automne', { season: 3 }],
  ['hiver', { season: 4 }],
  ['noel,les fetes,temps des fetes,le temps des fetes', { holiday: 'christmas' }],
  ['reveillon,veille de noel,la veille de noel', { holiday: 'christmas-eve' }],
  ['jour de l an,nouvel an', { holiday: 'new-year' }],
  ['veille du jour de l an', { holiday: 'new-years-eve' }],
  ['action de grace,action de graces', { holiday: 'thanksgiving' }],
  ['vendredi fou', { holiday: 'black-friday' }],
  ['cyberlundi', { holiday: 'cyber-monday' }],
  ['paques', { holiday: 'easter' }],
  ['vendredi saint', { holiday: 'good-friday' }],
  ['lundi de paques', { holiday: 'easter-monday' }],
  ['fete du travail', { holiday: 'labor-day' }],
  ['fete du canada', { holiday: 'canada-day' }],
  ['fete des patriotes', { holiday: 'victoria-day' }],
  ['saint jean,st jean,saint jean baptiste,fete nationale', { holiday: 'saint-jean' }],
  ['saint valentin,st valentin', { holiday: 'valentines' }],
  ['fete des meres', { holiday: 'mothers-day' }],
  ['fete des peres', { holiday: 'fathers-day' }],
  ['lendemain de noel', { holiday: 'boxing-day' }],
]

/** Short words mean something else next door ("mon", "on", "a"); these do too, although they are long enough. */
const notLent = new Set([
  'a date',
  'd avant',
  'mayo',
  'mars',
  'march',
  'second',
  'past',
  'fall',
  'late',
  'later',
  'back',
  'early',
  'after',
  'over',
  'spring',
  'start',
  'through',
  'current',
  'present',
  'passe',
  'passes',
  'despues',
  'reyes',
  'entrante',
  'courant',
  'tantot',
  'suivant',
  'night',
  'minutes',
  'minute',
  'final',
  'inicio',
  'principio',
  'mitad',
  'couple',
  'pascua',
  'para',
  'pour',
  'dans',
])
const lentThoughShort = new Set([
  'hoy',
  'hace',
  'this',
  'last',
  'next',
  'mes',
  'dia',
  'dias',
  'ano',
  'hier',
  'week',
  'mois',
  'ytd',
  'el',
  'la',
  'este',
  'esta',
  'auj',
])

function* own(language: Language): Generator<readonly [string, TimeWord]> {
  for (const [list, word] of { en, es, fr }[language])
    for (const phrase of list.split(',')) yield [phrase, word]
  for (const [index, names] of monthNames[language].split(',').entries())
    for (const name of names.split(' '))
      yield [name, { month: index + 1, ...(weakWords.has(name) && { weak: true }) }]
  for (const [index, names] of weekdayNames[language].split(',').entries())
    for (const name of names.split(' '))
      yield [name, { weekday: index + 1, ...(weakWords.has(name) && { weak: true }) }]
}

function* lent(to: Language): Generator<readonly [string, TimeWord]> {
  const mine = new Set([...own(to)].map(([phrase]) => phrase))
  for (const language of ['en', 'es', 'fr'] as const)
    if (language !== to)
      for (const [phrase, word] of own(language))
        if (
          !mine.has(phrase) &&
          !(to === 'fr' && phrase === 'mes') &&
          (lentThoughShort.has(phrase) || (phrase.length > 4 && !notLent.has(phrase)))
        )
          yield [phrase, word]
  yield* own(to)
}

/** Words of time for a speaker of each language: all of their own, and what cannot be mistaken of the others'. */
export const timeWords: Readonly<Record<Language, Phrases<TimeWord>>> = {
  en: phrases(lent('en')),
  es: phrases(lent('es')),
  fr: phrases(lent('fr')),
}
