import type { Category } from '../reading.ts'
import { phraseAt, phrases, type Token } from './token.ts'

/** Words people use for what they spend on, folded; the narrowest phrase wins ("gas bill" is a utility, "gas" is fuel). */
const words: Readonly<Record<Category, string>> = {
  groceries:
    'groceries,grocery,grocerys,groserys,groserie,groceris,supermarket,supermarkets,food shopping,grocery store,grocery stores,grocery bill,super,supermercado,supermercados,mandado,despensa,abarrotes,grocerias,comestibles,marqueta,epicerie,epiceries,supermarche,marche,commande d epicerie,depanneur',
  restaurants:
    'restaurants,restaurant,restaurante,restaurantes,resto,restos,eating out,dining out,dining,eat out,ate out,takeout,takeaway,fast food,food delivery,delivery,lunch,lunches,dinner,dinners,bar,bars,pub,pubs,drinks,drinking,comida,comidas,comida rapida,comer fuera,comer afuera,comiendo afuera,almuerzo,cena,cenas,food,manger au resto,livraison,souper,diner,sorties au resto,bouffe,nourriture,malbouffe,restauration',
  coffee: 'coffee,coffees,coffee shop,coffee shops,cafe,cafes,cafecito,cafeteria,cafeterias,latte,lattes',
  transport:
    'transport,transportation,transit,public transit,bus,buses,train,trains,subway,taxi,taxis,cab,cabs,rideshare,ride share,rides,parking,toll,tolls,bus fare,transporte,camion,tren,metro pass,estacionamiento,peaje,peajes,parqueo,transport en commun,autobus,stationnement,peages,rental bikes,underground',
  fuel: 'gas,gasoline,petrol,fuel,gas station,gas stations,diesel,gasolina,gasolinera,gasolineras,combustible,essence,station service,station d essence,carburant,gaz',
  travel:
    'travel,traveling,travelling,flights,flight,hotel,hotels,airline,airlines,vacation,vacations,holiday,trip,trips,airfare,airbnb,viaje,viajes,vuelo,vuelos,vacaciones,hoteles,aerolinea,voyage,voyages,vol,vols,vacances,billets d avion',
  shopping:
    'shopping,clothes,clothing,shoes,ropa,zapatos,compras de ropa,de shopping,linge,vetements,chaussures,magasinage,souliers,electronics,electronica,electronique,gifts,regalos,cadeaux',
  entertainment:
    'entertainment,movies,movie,cinema,concert,concerts,games,gaming,video games,videogames,fun,entretenimiento,cine,pelis,peliculas,conciertos,videojuegos,diversion,divertissement,divertissements,films,jeux,jeux video,spectacles,spectacle,sorties,loisirs',
  health:
    'health,medical,doctor,doctors,pharmacy,pharmacies,medicine,meds,prescriptions,dentist,dental,hospital,gym,healthcare,salud,medico,medicos,doctores,farmacia,farmacias,medicina,medicinas,dentista,gimnasio,sante,medecin,medecins,pharmacie,pharmacies,medicaments,dentiste,gym membership,therapy',
  home: 'rent,mortgage payments,furniture,home improvement,household,housing,hardware store,renta,alquiler,muebles,hogar,vivienda,loyer,loyers,meubles,maison,ameublement,renovations,renovation,reparaciones de la casa',
  utilities:
    'utilities,utility,gas and electric,gas and electricity,luz y agua,luz y gas,agua y luz,electricite et gaz,utility bills,utility bill,electricity,electric,electric bill,power bill,light bill,water bill,water,gas bill,internet,internet bill,phone bill,cell bill,phone bills,cable,heating,luz,agua,servicios,recibo de la luz,electricidad,telefono,celular,cel,internet bill,cuenta de gas,electricite,chauffage,eau,facture de gaz,cellulaire,cell,telephone,cable bill,hydro bill',
  subscriptions:
    'subscriptions,subscription,streaming,streaming services,memberships,membership,suscripciones,suscripcion,subscripciones,membresias,membresia,abonnements,abonnement,abos',
  education:
    'education,tuition,school,college,university,books,daycare,childcare,courses,student loans,escuela,colegio,universidad,matricula,guarderia,educacion,libros,ecole,universite,garderie,scolarite,frais de scolarite,cours,livres',
  cash: 'withdraw,withdrew,withdrawn,take out of the atm,take out cash,took out cash,retire,retirado,saque,sacado,sacar efectivo,retirer,retire au guichet,atm,atms,atm withdrawals,cash withdrawals,cash withdrawal,cajero,cajeros,retiros de efectivo,efectivo,guichet,guichets,retraits au guichet,retraits,retiros,withdrawals,argent comptant',
  fees: 'fees,bank fees,overdraft fees,service charges,interest charges,late fees,atm fees,comisiones,cargos bancarios,recargos,intereses,frais bancaires,frais de service,frais,interets',
}

const table = phrases<{ category: Category }>(
  (Object.entries(words) as [Category, string][]).flatMap(([category, list]) =>
    list.split(',').map((phrase): [string, { category: Category }] => [phrase, { category }]),
  ),
)

/** Words that are a category only where one is asked for, because they are much else besides. */
const loose =
  /^(?:super|bar|water|books|fun|school|trip|gas|home|holiday|delivery|food|gaz|marche|maison|cours|vol|agua|luz|cable|train|frais|fees|comisiones|rent|renta|loyer|internet|phone|cell|telefono|celular|telephone|cellulaire)$/
const asking =
  /^(?:on|for|in|at|my|the|en|de|del|al|el|la|los|las|mi|mis|mon|ma|mes|le|l|les|d|du|au|a|sur|pour|par|por|and|y|et|of)$/

export type FoundCategory = { readonly category: Category; readonly from: number; readonly next: number }

/** The category whose words begin at a token, the longest of them, and where they end. */
export function categoryAt(
  tokens: readonly Token[],
  at: number,
): { readonly category: Category; readonly next: number } | null {
  const found = phraseAt(table, tokens, at)
  return found && { category: found.value.category, next: at + found.size }
}

/** Whether a word of a category stands at a token: such a word names no one. */
export const isCategoryWord = (tokens: readonly Token[], at: number): boolean =>
  phraseAt(table, tokens, at)?.size === 1

/** The first category named, and the tokens that name it; taken pieces are passed over. */
export function categoryIn(tokens: readonly Token[], busy: (at: number) => boolean): FoundCategory | null {
  let weak: FoundCategory | null = null
  for (let at = 0; at < tokens.length; at += 1) {
    if (busy(at)) continue
    const found = phraseAt(table, tokens, at)
    if (!found) continue
    const next = at + found.size
    if (saysOtherwise(tokens, at)) continue
    // Part of a proper name: "Gas Monkey", "Bar Louie", "Home Depot".
    if (properName(tokens, at, next)) continue
    const one = { category: found.value.category, from: at, next }
    const said = tokens[at]?.word ?? ''
    if (found.size > 1 || !loose.test(said)) return one
    if (at === 0 || asking.test(tokens[at - 1]?.word ?? '')) weak ??= one
    else weak ??= tokens.length <= 4 ? one : null
  }
  return weak
}

/** "le he mandado" is sent, and no groceries; "depósitos y retiros" are what goes in and out, and no cash. */
function saysOtherwise(tokens: readonly Token[], at: number): boolean {
  const said = tokens[at]?.word ?? ''
  if (said === 'mandado') return /^(?:h?e|h?as|h?a|hemos|h?an|habia)$/.test(tokens[at - 1]?.word ?? '')
  return (
    /^(?:retraits|retiros|withdrawals)$/.test(said) && tokens.some(({ word }) => /^dep(?:osit|ot)/.test(word))
  )
}

function properName(tokens: readonly Token[], from: number, next: number): boolean {
  const capital = (token: Token | undefined): boolean =>
    token?.kind === 'word' && /^\p{Lu}\p{Ll}/u.test(token.raw)
  return (
    capital(tokens[from]) && from > 0 && (capital(tokens[next]) || (from > 1 && capital(tokens[from - 1])))
  )
}
