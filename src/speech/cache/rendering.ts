import { BridgeError } from '../../errors.ts'
import type { SpeechEnd, SpeechSink } from '../provider.ts'
import type { Audio, Chunk } from './audio.ts'

/** An utterance of some session's inner session, that makes a rendering. */
export interface Making {
  cancel(): void
  /** Nothing stands before it on its inner session any more. */
  readonly underWay: boolean
}

/** Somebody who wants a rendering. */
export interface Want {
  /** The session, to tell its own renderings from others'. */
  readonly owner: object
  /** Told when there is more of it, or its end. */
  changed(): void
  /** Begins to make it; undefined when that is not possible any more. */
  make(sink: SpeechSink): Making | undefined
}

/** One text that becomes audio, for everybody who wants it. */
export interface Rendering {
  /** Whether others may want it too. */
  readonly shared: boolean
  /** Grows while it is made. */
  readonly chunks: Audio
  /** Whether it was there already, or is made: known a moment after it is first wanted. */
  readonly origin: 'found' | 'made' | undefined
  /** Whose inner session makes it, or made it. */
  readonly maker: object | undefined
  /** Never `cancelled`: who does not want it any more leaves. */
  readonly end: Exclude<SpeechEnd, { kind: 'cancelled' }> | undefined
  /** Returns the way out. When the last one has left, it is not made any further. */
  want(want: Want): () => void
  /** It is this one's turn to be heard: what waits behind other utterances of its maker is made here instead. */
  hasten(want: Want): void
}

/** What is kept, as a rendering that is done. */
export function foundRendering(audio: Audio): Rendering {
  return {
    shared: true,
    chunks: audio,
    origin: 'found',
    maker: undefined,
    end: { kind: 'done' },
    want: () => () => {},
    hasten() {},
  }
}

/**
 * A rendering that is looked up first, and made by one who wants it when it is not found.
 *
 * @param lookUp never rejects; undefined: it is nobody else's, and made at once
 * @param over told once: it has ended, or nobody wants it any more
 */
export function createRendering(
  lookUp: Promise<Audio | undefined> | undefined,
  over: (rendering: Rendering) => void,
): Rendering {
  const wants = new Set<Want>()
  /** Who was asked to make it: nobody is asked twice. */
  const asked = new Set<Want>()
  let chunks: Chunk[] = []
  let origin: Rendering['origin']
  let end: Rendering['end']
  let making: Making | undefined
  let maker: object | undefined
  /** Only the latest one is heard. */
  let attempts = 0
  let closed = false
  let looking = lookUp !== undefined

  function tell(): void {
    for (const want of wants) want.changed()
  }

  function close(): void {
    if (closed) return
    closed = true
    over(rendering)
  }

  function finish(how: NonNullable<Rendering['end']>): void {
    if (end) return
    end = how
    close()
    tell()
  }

  /** Has it made by `want`. What another one still makes of it counts no more from then on. */
  function makeBy(want: Want): boolean {
    asked.add(want)
    const number = attempts + 1
    const isCurrent = () => number === attempts
    const begun = want.make({
      audio(payload, audioBytes) {
        if (end || !isCurrent()) return
        chunks.push({ payload, audioBytes })
        tell()
      },
      ended(how) {
        if (end || !isCurrent()) return
        if (how.kind !== 'cancelled') return finish(how)
        making = undefined
        if (chunks.length > 0) finish({ kind: 'failed', error: brokenOff() })
        else makeByAnyone()
      },
    })
    if (!begun) return false
    attempts = number
    making = begun
    maker = want.owner
    origin = 'made'
    return true
  }

  function makeByAnyone(): void {
    for (const want of wants) if (!asked.has(want) && makeBy(want)) return tell()
    if (wants.size === 0) close()
    else finish({ kind: 'failed', error: brokenOff() })
  }

  void lookUp?.then((found) => {
    looking = false
    if (closed) return
    if (!found) return makeByAnyone()
    chunks = [...found]
    origin = 'found'
    finish({ kind: 'done' })
  })

  const rendering: Rendering = {
    shared: lookUp !== undefined,
    get chunks() {
      return chunks
    },
    get origin() {
      return origin
    },
    get maker() {
      return maker
    },
    get end() {
      return end
    },
    want(want) {
      wants.add(want)
      if (!looking && !making && !end) makeByAnyone()
      return () => {
        if (!wants.delete(want) || wants.size > 0 || end) return
        const unwanted = making
        making = undefined
        attempts++
        close()
        unwanted?.cancel()
      }
    },
    hasten(want) {
      if (end || !making || chunks.length > 0 || making.underWay || maker === want.owner) return
      const former = making
      if (makeBy(want)) former.cancel()
    },
  }
  return rendering
}

function brokenOff(): BridgeError {
  return new BridgeError('speech.lost', 'The session that rendered the utterance was closed before its end.')
}
