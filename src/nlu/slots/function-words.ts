import { payVerbs } from './amount-words.ts'

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/**
 * Words that carry no matter of their own: articles, pronouns, prepositions, auxiliaries, courtesies. Folded. One set for
 * three languages: what is a function word in one is seldom a name in another, and people mix them.
 */
export const functionWords =
  set(`a an the this that these those it its i im id ive ill me my mine we our us you your u ur he she
his her hers him they them their of to in on at by for from with without about into onto over under than then as and or but if so
is are was were be been being am do does did done doing has have had having will would can could should shall may might must
not no nor dont doesnt didnt isnt wasnt cant wont what whats which who whom whose when where why how there here just only also too very
really please pls plz thanks thank hey hi hello ok okay yo oh um uh well now still yet any some each every per up out off down
actually rather instead again ever got get gets getting lol omg like wanna gonna gotta lemme im let lets hbu nvm adn teh tal buenas buenos buen make makes between above below around about roughly approximately
el la los las lo un una unos unas de del al y e o u ni que q k en con sin por para pa sobre desde hasta entre se me te le les nos mi
mis tu tus su sus yo el ella ellos ellas nosotros usted ustedes es son era fue ser estar estoy esta este esto estos estas ese esa
eso esos esas aquel ya no si tambien solo pero como cuando donde cual cuales quien quienes cuanto cuanta cuantos cuantas porque
arriba abajo vez fue fui fuimos antes despues mucho mucha muchos muchas pasado pasada antepasado antepasada he ha han hay habia muy mas favor porfa porfavor gracias hola oye pues ahora aun todavia cada va van voy puedo puede puedes quiero
quisiera
le la les l un une des du de d au aux a et ou ni que qu qui quoi dont en dans sur sous par pour avec sans chez vers entre ce c cet
cette ces ca cela mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je j tu il elle on nous vous ils elles me m te t se
s y ne n pas plus est es suis sont etait ete etre ai as a avons avez ont eu avoir si non oui aussi mais comme quand ou quel quelle
quels quelles combien pourquoi comment donc alors svp stp merci bonjour salut allo peux peut peux-tu veux veut voudrais aimerais
encore deja la ici tres bien pis faque icitte citte lendemain complet complets date plait avant apres celle celui celles ceux voila tsu est-ce moi toi lui eux chu jai cest fait juste seulement
p s m t re ve ll w x`)

/** Words of asking, and of the trade, that are no one's name, though they carry matter. */
export const requestWords: ReadonlySet<string> = new Set([
  ...payVerbs,
  ...set(`show list give tell see find check pull look search view want need know help make set cancel stop freeze unfreeze block
unblock lock unlock order buy refund dispute report lost stolen change update turn open close start link unlink split compare
recognise recognize recognized schedule scheduled said tell told remember seem seems show sending paid
balance balances money cash account accounts acct card cards checking savings credit debit loan mortgage bank transaction
transactions payment payments purchase purchases charge charges charged charging deposit deposits withdrawal withdrawals transfer
transfers spend spends spending spent expense expenses cost costs total average amount amounts much many times time often bill bills
statement statements receipt receipts history activity pending posted cleared recurring recent latest last first biggest largest
highest smallest most least more less all everything anything something nothing thing things income salary paycheck paycheque payroll
refund refunds fee fees limit limits alert alerts notification notifications subscription subscriptions merchant merchants store
stores shop shops place places category categories month months week weeks day days year years mean meant wrong right yes yeah nope
yep sure fine good went go going gone come came land landed hit drop dropped put take took use used using buy bought pay paid earn
earned made receive received due owe number ending end left available have got call person human agent someone money bucks dollars
chico chica menos tener pase pasar gane ganar di dar dio dimos ensenamelos ensename ensenalos muestramelos pasamelos mandamelos rembourse remboursee rembourses rembourser
deux trois quatre dos tres cuatro
spnd spnt visit visits visite visites visita visitas never mind nevermind wait across
anyone anybody somebody everyone everybody nobody else counting including forget
usually normally recently lately far altogether combined together same similar other another one ones two three
saldo saldos dinero plata lana feria cuenta cuentas tarjeta tarjetas corriente ahorros credito debito prestamo banco transaccion
transacciones movimiento movimientos pago pagos pague pagado compra compras compre comprado cargo cargos cobro cobros cobraron cobro
deposito depositos depositaron retiro retiros transferencia transferencias envio envios gasto gastos gaste gastado gastar gastamos
costo total promedio cantidad veces recibo recibos factura facturas bil biles historial pendiente pendientes ultimo ultima ultimos
ultimas primero primera mayor menor todo toda todos todas algo nada ingreso ingresos nomina sueldo salario cheque reembolso comision
comisiones limite alerta alertas suscripcion suscripciones tienda tiendas mes semana dia ano ver dame dime muestra muestrame
ensename enseña busca buscar necesito quiere hacer haz hice hizo cancela cancelar bloquea bloquear congela congelar cuanto llego llegado
llevo llevamos cayo entro salio pagaron pagaste mandaron enviaron cobre cayeron quitando excluyendo exceptuando descontando restando queda quedan quedo tengo
alguien nadie contar contando incluir incluyendo olvida olvidalo anterior anteriores previo previa normalmente ultimamente recientemente usualmente generalmente actualmente onda rollo yendo llendo mandado enviado transferido regalado prestado subio bajo aumento subido bajado
mejor digo quise decir mismo misma otra otro segundo segunda tercero tercera
solde soldes argent compte comptes carte cartes cheques epargne credit debit pret banque transaction transactions mouvement mouvements
paiement paiements paye payé achat achats achete achetes frais facture factures depot depots retrait retraits virement virements
depense depenses depensé depenser cout coute couter coutent total moyenne montant montants fois recu recus historique attente dernier
derniere derniers dernieres premier premiere premiers gros grosse plus moins tout toute tous toutes rien chose revenu revenus salaire
paie paye remboursement limite alerte alertes abonnement abonnements magasin magasins mois semaine jour annee montre montrez donne
dis cherche trouve voir faire fais annule annuler bloque bloquer gele geler besoin rentre rentree rendu rendue arrive arrivee passe
passee ote otez excluant enlevant quelqu quelquun personne compter comptant oublie oubliez dernierement recemment normalement habituellement generalement actuellement precedent precedente
monte monter augmente augmenter baisse baisser diminue diminuer
voulais dire reconnais programmer rendu rendue deuxieme troisieme meme autre autres vs versus contre between`),
])
