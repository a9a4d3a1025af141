import { z } from 'zod'
import type { Graph } from './graph.ts'
import { succeeded } from './wire.ts'

/** Personas (§8): a name and a face beside a message, so that a representative is not taken for the bot. */
export type Persona = { readonly id: string; readonly name: string }

const persona = z.looseObject({ id: z.string(), name: z.string() })

/** The account's personas (at most 100). Throws OutsideError, as all here. */
export async function listPersonas(graph: Graph): Promise<Persona[]> {
  const answer = await graph.call(
    { method: 'GET', path: 'me/personas', query: { fields: 'id,name', limit: '100' } },
    z.looseObject({ data: z.array(persona) }),
  )
  return answer.data.map(({ id, name }) => ({ id, name }))
}

/** The persona of this name, made if it is not there yet. `pictureUrl` is fetched by the platform: a public picture. */
export async function ensurePersona(graph: Graph, name: string, pictureUrl: string): Promise<Persona> {
  const known = (await listPersonas(graph)).find((one) => one.name === name)
  if (known !== undefined) return known
  const { id } = await graph.call(
    {
      method: 'POST',
      path: 'me/personas',
      body: JSON.stringify({ name, profile_picture_url: pictureUrl }),
    },
    z.looseObject({ id: z.string() }),
  )
  return { id, name }
}

export async function deletePersona(graph: Graph, id: string): Promise<void> {
  await graph.call({ method: 'DELETE', path: encodeURIComponent(id) }, succeeded)
}
