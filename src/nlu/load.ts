import { readFileSync } from 'node:fs'
import { OperatorError } from '../core/operator-error.ts'
import { unpackModel, type Manifest } from './artifact.ts'
import { asWritten, openClassifier, type Classifier, type Preparation } from './classifier.ts'
import { openEncoder, type Encoder } from './encoder.ts'
import { ownPreparation } from './prepare.ts'

export type Loaded = {
  readonly classifier: Classifier
  readonly manifest: Manifest
  /** Why there is no encoder, where there is none: the caller says so once. Then words and letters alone are read. */
  readonly withoutEncoder: string | null
  /** The glossary has changed since the training: it reads, and would read better if trained again. */
  readonly outdated: boolean
  [Symbol.asyncDispose](): Promise<void>
}

/** The model that comes with the product. */
export const ownModelFile = new URL('../../nlu/model/own.nlu', import.meta.url)

/**
 * Opens a model file and the encoder it was trained with. Throws OperatorError: `model_missing`, `model_damaged`,
 * `model_version`, `model_encoder`, `model_preparation`, or `encoder_changed` where the encoder's file was altered.
 */
export async function loadClassifier(file: string | URL = ownModelFile): Promise<Loaded> {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new OperatorError(
      'model_missing',
      `There is no readable model at ${String(file)}. Train it: guichet nlu train.`,
      { cause },
    )
  }
  const preparation = preparationOf(bytes)
  const { encoder, why } = await encoderOrNot(preparation)
  try {
    const { model, manifest } = unpackModel(bytes, {
      encoder: encoder?.hash ?? null,
      preparation: preparation.id,
    })
    return {
      classifier: openClassifier(model, encoder, preparation),
      manifest,
      withoutEncoder: why,
      outdated: manifest.revision !== preparation.revision,
      async [Symbol.asyncDispose]() {
        await encoder?.[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await encoder?.[Symbol.asyncDispose]()
    throw error
  }
}

/** The preparation that a file was trained with: a fresh model of any labelled file reads sentences as written. */
function preparationOf(bytes: Buffer): Preparation {
  return bytes.includes(`"preparation":"${asWritten.id}"`) ? asWritten : ownPreparation()
}

/** An encoder that is not installed is lived without; one that was altered stops the start. */
export async function encoderOrNot({
  encoder,
}: Preparation): Promise<{ encoder: Encoder | null; why: string | null }> {
  try {
    return { encoder: await openEncoder(encoder()), why: null }
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'encoder_missing') throw error
    return { encoder: null, why: error.message }
  }
}
