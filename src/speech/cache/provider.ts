import type { Clock } from '../../ops/clock.ts'
import type { SpeechProvider } from '../provider.ts'
import { keyOf } from './audio.ts'
import { createRenderings } from './renderings.ts'
import { type CachedSession, openCachedSession } from './session.ts'
import { type AudioStore, createAudioStore } from './store.ts'

/** How long a call's renderings may go on after its end: half a minute of sound is made faster than it is heard. */
const outliveMs = 20_000

/**
 * The same voice, with every utterance rendered once: kept in `store`, shared while it is rendered, and rendered before
 * it is spoken where a call says what that will be (`prepare`). docs/speech.md, "Cache", tells the rules.
 *
 * A provider without an identity is returned as it is.
 */
export function cacheSpeech(
  provider: SpeechProvider,
  { store, clock }: { store: AudioStore; clock: Clock },
): SpeechProvider {
  if (!provider.identity) return provider
  const renderings = createRenderings(store)
  const sessions = new Set<CachedSession>()
  return {
    ...provider,
    open(options) {
      const identity = JSON.stringify([provider.name, provider.identity?.(options.voice ?? {})])
      const session = openCachedSession({
        ...options,
        provider,
        clock,
        renderings,
        outliveMs,
        counted: true,
        keyOf: (text) => keyOf(identity, text),
        gone: () => void sessions.delete(session),
      })
      sessions.add(session)
      return session
    },
    async close() {
      for (const session of sessions) session.closeNow()
      await store.close()
      await provider.close?.()
    },
  }
}

/** What one call may hold of what was rendered in it: what was prepared, and more than is ever said ahead. */
const callBytes = 4_000_000

/** The same voice, with what a call will say rendered before it is spoken, and forgotten at the end of the call. */
export function prepareSpeech(provider: SpeechProvider, { clock }: { clock: Clock }): SpeechProvider {
  return {
    ...provider,
    open: (options) =>
      openCachedSession({
        ...options,
        provider,
        clock,
        renderings: createRenderings(
          createAudioStore({ clock, memoryBytes: callBytes, keepMs: Number.POSITIVE_INFINITY }),
        ),
        outliveMs: 0,
        counted: false,
        keyOf: (text) => keyOf('', text),
        gone() {},
      }),
  }
}
