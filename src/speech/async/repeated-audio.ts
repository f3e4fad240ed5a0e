import { Buffer } from 'node:buffer'
import { readPayload } from './payload.ts'
import { readFrame, type ServerFrame } from './protocol.ts'

/**
 * Reads messages with audio that are like one before but for the sound itself, which is nearly all of them: what stands
 * around the base64 is compared, and nothing is parsed.
 */
export interface RepeatedAudio {
  /** Learns from a message, and what was read out of it, how others may look. */
  learn(text: string, frame: ServerFrame): void
  /** @returns undefined for every other message, which is for `readFrame` */
  read(bytes: Buffer, from: number, to: number): ServerFrame | undefined
}

type AudioFrame = Extract<ServerFrame, { kind: 'audio' }>

interface Model {
  /** What stands before the sound, and after it. */
  readonly around: Buffer
  readonly beforeBytes: number
  readonly contextId: string | undefined
}

/** Stands for the sound in a message that is read for trial. */
const anySound = 'AAAA'

export function createRepeatedAudio(): RepeatedAudio {
  return new ByModel()
}

class ByModel implements RepeatedAudio {
  // The fields of the model, each its own: one object less on the way of each chunk.
  #around: Buffer | undefined = undefined
  #beforeBytes = 0
  #contextId: string | undefined = undefined

  learn(text: string, frame: ServerFrame): void {
    const model = frame.kind === 'audio' && !frame.final ? modelOf(text, frame) : undefined
    if (!model) return
    this.#around = model.around
    this.#beforeBytes = model.beforeBytes
    this.#contextId = model.contextId
  }

  read(bytes: Buffer, from: number, to: number): ServerFrame | undefined {
    const around = this.#around
    if (!around) return undefined
    const beforeBytes = this.#beforeBytes
    const soundAt = from + beforeBytes
    const soundEnd = to - around.length + beforeBytes
    if (soundEnd <= soundAt) return undefined
    for (let at = 0; at < beforeBytes; at++) if (bytes[from + at] !== around[at]) return undefined
    const back = soundEnd - beforeBytes
    for (let at = beforeBytes; at < around.length; at++) if (bytes[back + at] !== around[at]) return undefined
    const payload = readPayload(bytes.toString('latin1', soundAt, soundEnd))
    if (!payload) return undefined
    const { base64, audioBytes } = payload
    return { kind: 'audio', contextId: this.#contextId, payload: base64, audioBytes, final: false }
  }
}

/** What the message is without its sound, if exactly the sound can be replaced in it. */
function modelOf(text: string, { payload, contextId }: AudioFrame): Model | undefined {
  const at = text.indexOf(payload)
  if (at < 0) return undefined
  const before = text.slice(0, at)
  const after = text.slice(at + payload.length)
  const trial = readFrame(before + anySound + after)
  if (trial.kind !== 'audio' || trial.payload !== anySound || trial.final) return undefined
  return { around: apart(before + after), beforeBytes: Buffer.byteLength(before), contextId }
}

/** `Buffer.from` would cut it out of a pool of 64 KB, all of which stays as long as the least part of it. */
function apart(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}
