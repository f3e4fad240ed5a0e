import { fileURLToPath } from 'node:url'
import { dtmf } from '../audio/dtmf.ts'
import { msToBytes } from '../audio/duration.ts'
import { silence } from '../audio/mulaw.ts'
import { tone } from '../audio/tone.ts'
import { type Clock, withTimeHeld } from '../ops/clock.ts'
import { createEar, type Ear } from './ear.ts'
import type { Timeline } from './events.ts'
import type { Pieces } from './playing.ts'
import { capture, type RecordingEnd } from './recording.ts'
import { type RecordingSink, recordToFile, recordToMemory } from './recording-sink.ts'
import { readSound, type Sound } from './sound-source.ts'
import type { Speaker } from './speaker.ts'
import type { Utterance } from './utterance.ts'

/** Sounds that are not speech of ours: files, keys, and what the callee says. */
export interface Sounds extends Ear {
  /** See `Call.play`. */
  play(sound: Sound): Utterance
  /** See `Call.press`. */
  press(keys: string): Utterance
  /** See `Call.record`. */
  record(options?: RecordOptions): Promise<Recording>
  /** Whether a recording is under way that ends by this key: it is no answer to anything else then. */
  endsRecording(digit: string): boolean
}

export interface RecordOptions {
  /** How long it may be. Default: a minute. Without a file at most ten minutes, with one four hours. */
  readonly maxMs?: number
  /** It ends when nothing was said for so long, at its beginning too. Default: 5,000. */
  readonly silenceMs?: number
  /** Keys of which any ends it; an empty string: none. Default: `#`. */
  readonly finishKey?: string
  /** Whether a tone tells the callee to speak. Default: true. */
  readonly beep?: boolean
  /** Where it is written, as it comes, over what is there when it is whole. Default: it is kept in memory. */
  readonly file?: string | URL
}

export interface Recording {
  readonly ended: RecordingEnd
  readonly audioMs: number
  /** How much of it was louder than silence: 0 when nobody spoke. */
  readonly voicedMs: number
  /** Where it was written. */
  readonly file?: string
  /** The WAV file itself, where none was named: mu-law, 8,000 Hz, mono. */
  readonly bytes?: Uint8Array
}

const longestMs = { memory: 600_000, file: 4 * 3_600_000 }
const beepSound = tone([{ hz: 1000, dbm0: -10 }], 300)
/** In the place of a beep: its mark tells when all before it was heard. */
const noBeep = new Uint8Array(msToBytes(20)).fill(silence)

/** @param deps `line` throws while no media stream is open */
export function createSounds(deps: {
  readonly line: () => Pick<Speaker, 'play'>
  readonly timeline: Timeline
  readonly clock: Clock
  readonly signal: AbortSignal
}): Sounds {
  const { line, clock } = deps
  const ear = createEar(deps.signal)
  /** Of the recordings under way. */
  let finishKeys: readonly string[] = []

  function inHeldTime(pieces: AsyncGenerator<Uint8Array, void>): Pieces {
    return { next: () => withTimeHeld(clock, () => pieces.next()), return: () => pieces.return() }
  }

  function made(audio: Uint8Array): Utterance {
    return line().play(inHeldTime(readSound(audio)))
  }

  async function into(sink: RecordingSink, options: RecordOptions, limits: ReturnType<typeof checked>) {
    try {
      await made((options.beep ?? true) ? beepSound : noBeep)
      finishKeys = [...finishKeys, limits.finishKey]
      return await capture({ ...deps, ear }, limits, sink).finally(() => {
        finishKeys = finishKeys.toSpliced(finishKeys.indexOf(limits.finishKey), 1)
      })
    } catch (thrown) {
      await withTimeHeld(clock, () => sink.discard())
      throw thrown
    }
  }

  return {
    attention: ear.attention,
    listen: (listener) => ear.listen(listener),
    audio: (payload, timestampMs) => ear.audio(payload, timestampMs),
    play: (sound) => line().play(inHeldTime(readSound(sound))),
    press: (keys) => made(dtmf(keys)),
    endsRecording: (digit) => finishKeys.some((keys) => keys.includes(digit)),
    async record(options = {}) {
      const limits = checked(options)
      line()
      const { file } = options
      // Before the callee is asked to speak, it is known that there is a place for it.
      const sink =
        file === undefined
          ? recordToMemory()
          : await withTimeHeld(clock, () => recordToFile(pathOf(file), msToBytes(limits.maxMs)))
      const captured = await into(sink, options, limits)
      return { ...captured, ...(await withTimeHeld(clock, () => sink.finish())) }
    },
  }
}

function checked(options: RecordOptions) {
  const { maxMs = 60_000, silenceMs = 5_000, finishKey = '#', file } = options
  const longest = file === undefined ? longestMs.memory : longestMs.file
  if (!(maxMs > 0 && maxMs <= longest))
    throw new RangeError(`record: expected maxMs between 1 and ${longest}, got ${maxMs}`)
  if (!(silenceMs > 0)) throw new RangeError(`record: expected silenceMs above 0, got ${silenceMs}`)
  if (!/^[0-9A-D*#]*$/.test(finishKey)) throw new RangeError('record: expected finishKey to be keys, 0-9, A-D, *, #')
  return { maxMs, silenceMs, finishKey }
}

function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file)
}
