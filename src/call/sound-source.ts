import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createPhoneSound } from '../audio/phone-sound.ts'
import { sampleRateHz } from '../audio/mulaw.ts'
import { beginsLikeWav, readWavFormat, type WavFormat } from '../audio/wav-format.ts'
import { BridgeError } from '../errors.ts'

/**
 * A sound to be played: a file, or what is in one. A WAV file (mu-law or 16-bit PCM, any rate, any number of channels), or
 * bare 8,000 Hz mu-law: in a file of one of the names below, or as bytes that are no WAV file.
 */
export type Sound = string | URL | Uint8Array

const bareNames = /\.(ulaw|mulaw|ul|pcmu)$/i
/** As much of a file as is in memory at a time: about 5 ms of work where it has to be resampled. */
const blockBytes = 32_768
/** Everything before the samples must be within this much. */
const headBytes = 65_536
/** What is certainly not mu-law: played as such it would be loud noise. */
const otherForms = ['ID3', 'fLaC', 'OggS', 'RIFX', 'RF64', 'FORM', 'caff', '.snd', '#!AMR']

const bareFormat = { encoding: 'mulaw', sampleRateHz, channels: 1 } as const

interface Input {
  readonly bytes: number
  /** Reads up to `length` bytes; fewer at the end. */
  read(at: number, length: number): Promise<Uint8Array>
}

/**
 * The sound as mu-law, piece by piece as it is asked for: memory holds one block of it, however long it is. What is
 * added to a file meanwhile is not played.
 *
 * Rejects with `audio.unreadable`. The message names no file: its name may tell whom it is for.
 */
export function readSound(sound: Sound): AsyncGenerator<Uint8Array, void> {
  if (!(sound instanceof Uint8Array)) return fromFile(sound)
  // A copy, whatever happens to the bytes until they are heard; and it is read in turns of the event loop, like a file.
  const blob = new Blob([new Uint8Array(sound)])
  const read = async (at: number, length: number) => new Uint8Array(await blob.slice(at, at + length).arrayBuffer())
  return converted({ bytes: blob.size, read }, true)
}

async function* fromFile(sound: string | URL): AsyncGenerator<Uint8Array, void> {
  const path = pathOf(sound)
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw unreadable(`it cannot be opened (${codeOf(thrown)})`, thrown)
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw unreadable('expected a file, got a folder or a device')
    const read = async (at: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
      return buffer.subarray(0, bytesRead)
    }
    yield* converted({ bytes: stat.size, read }, bareNames.test(path))
  } finally {
    await file.close()
  }
}

async function* converted(input: Input, mayBeBare: boolean): AsyncGenerator<Uint8Array, void> {
  const { format, fromByte, toByte } = layout(await input.read(0, headBytes), input.bytes, mayBeBare)
  const sound = await createPhoneSound(format)
  for (let at = fromByte; at < toByte; ) {
    const block = await input.read(at, Math.min(blockBytes, toByte - at))
    if (block.length === 0) break
    at += block.length
    yield sound.push(block)
  }
  yield sound.end()
}

function layout(head: Uint8Array, bytes: number, mayBeBare: boolean) {
  if (beginsLikeWav(head)) {
    const format = wavFormat(head)
    return { format, fromByte: format.dataAt, toByte: Math.min(bytes, format.dataAt + format.dataBytes) }
  }
  const begins = Buffer.from(head.subarray(0, 8)).toString('latin1')
  const other = otherForms.find((form) => begins.startsWith(form)) ?? (begins.slice(4) === 'ftyp' ? 'ftyp' : undefined)
  if (mayBeBare && other === undefined) return { format: bareFormat, fromByte: 0, toByte: bytes }
  const came = other === undefined ? 'something else' : `a file that begins with ${other}`
  throw unreadable(
    `expected a WAV file, or mu-law in a file whose name ends with .ulaw, .mulaw, .ul or .pcmu, got ${came}`,
  )
}

function wavFormat(head: Uint8Array): WavFormat {
  try {
    return readWavFormat(head)
  } catch (thrown) {
    throw unreadable(thrown instanceof Error ? thrown.message : 'its header cannot be read', thrown)
  }
}

function pathOf(sound: string | URL): string {
  if (typeof sound === 'string') return sound
  if (sound.protocol !== 'file:') throw unreadable(`expected the URL of a file, got one of ${sound.protocol}`)
  return fileURLToPath(sound)
}

/** Only the system's code is told of what went wrong. */
function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}

function unreadable(why: string, cause?: unknown): BridgeError {
  return new BridgeError('audio.unreadable', `A sound cannot be played: ${why}.`, { cause })
}

/** Whatever went wrong while a sound was read, in words. */
export function soundError(thrown: unknown): BridgeError {
  return thrown instanceof BridgeError ? thrown : unreadable(`reading it failed (${codeOf(thrown)})`, thrown)
}
