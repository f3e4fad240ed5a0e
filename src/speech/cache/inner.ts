import type { Clock, Timer } from '../../ops/clock.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../provider.ts'
import type { Making, Rendering } from './rendering.ts'

/** The session that renders, behind a session of the cache: opened when it is needed, closed when nothing is. */
export interface Inner {
  readonly opened: boolean
  /** Opens it, if it is not. */
  open(): SpeechSession
  /** Renders; undefined when it is closed or about to be. The text is given to `input` by the caller. */
  make(rendering: () => Rendering, sink: SpeechSink): (Making & { readonly input: SpeechInput }) | undefined
  /** What is being made. */
  readonly underWay: readonly Rendering[]
  /**
   * Nothing new is begun. Closed at once when nothing is being made, else when that has ended, at most `withinMs` later.
   * Resolves when it is closed.
   */
  leave(withinMs: number): Promise<void>
  closeNow(): void
}

export function createInner(
  connect: (signal: AbortSignal) => SpeechSession,
  { clock, opened }: { clock: Clock; opened: (session: SpeechSession) => void },
): Inner {
  const end = new AbortController()
  const makings: { readonly rendering: () => Rendering }[] = []
  const closed = Promise.withResolvers<void>()
  let session: SpeechSession | undefined
  let leaving = false
  let closing = false
  let timer: Timer | undefined

  function open(): SpeechSession {
    if (session) return session
    session = connect(end.signal)
    opened(session)
    return session
  }

  function closeNow(): void {
    if (closing) return
    leaving = true
    closing = true
    timer?.cancel()
    end.abort()
    void (session?.close() ?? Promise.resolve()).then(closed.resolve, closed.resolve)
  }

  return {
    get opened() {
      return session !== undefined
    },
    open,
    make(rendering, sink) {
      if (leaving) return undefined
      const making = { rendering }
      makings.push(making)
      const done = (how: SpeechEnd) => {
        const place = makings.indexOf(making)
        if (place >= 0) makings.splice(place, 1)
        sink.ended(how)
        if (leaving && makings.length === 0) closeNow()
      }
      const input = open().speak({
        audio: (payload, audioBytes) => sink.audio(payload, audioBytes),
        ended: done,
      })
      return {
        input,
        cancel: () => input.cancel(),
        get underWay() {
          return makings[0] === making
        },
      }
    },
    get underWay() {
      return makings.map((making) => making.rendering())
    },
    leave(withinMs) {
      leaving = true
      if (makings.length === 0) closeNow()
      else timer ??= clock.after(withinMs, closeNow)
      return closed.promise
    },
    closeNow,
  }
}
