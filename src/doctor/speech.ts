import { checkService, voiceLanguages } from '../speech/async/account.ts'
import type { AsyncAccountSettings } from '../speech/async/http-client.ts'
import type { SpeechProvider } from '../speech/provider.ts'
import type { Clock } from '../ops/clock.ts'
import { BridgeError } from '../errors.ts'
import { examine, type Tell } from './finding.ts'

const readyWithinMs = 20_000

/** Async's API, key and voice. Nothing is spoken, so nothing costs. */
export async function examineAsync(
  tell: Tell,
  settings: AsyncAccountSettings & { readonly voiceId: string; readonly language: string | undefined },
): Promise<void> {
  const { voiceId, language } = settings
  let reached = false
  await examine(tell, 'Async API', async () => {
    await checkService(settings)
    reached = true
    return { result: 'ok', found: 'It answers.' }
  })
  if (!reached) return tell({ check: 'Async key and voice', result: 'not checked', found: 'Async cannot be reached.' })
  await examine(tell, 'Async key and voice', async () => {
    const languages = await voiceLanguages(settings, voiceId)
    if (language === undefined || languages.length === 0 || languages.includes(language))
      return { result: 'ok', found: 'The key is accepted and the voice exists.' }
    const found = `The voice is made for ${languages.join(', ')}; ASYNC_LANGUAGE is ${language}.`
    return { result: 'warning', found, todo: 'Choose a voice of that language, or listen whether it will do.' }
  })
}

/**
 * Deepgram's key and voice. A connection is opened and closed before a word is said: nothing is billed.
 *
 * @param speech Deepgram, or one region of it
 */
export async function examineDeepgram(tell: Tell, speech: SpeechProvider, clock: Clock): Promise<void> {
  const [, region] = speech.name.split('@')
  const check = region === undefined ? 'Deepgram key and voice' : `Deepgram in ${region}`
  await examine(tell, check, async () => {
    await openAndClose(speech, clock)
    return { result: 'ok', found: 'The key is accepted and the voice exists.' }
  })
}

/** Opens a session as a call does, and closes it before a word is said. */
export async function examineSession(tell: Tell, speech: SpeechProvider, clock: Clock): Promise<void> {
  await examine(tell, 'speech session', async () => {
    await openAndClose(speech, clock)
    return { result: 'ok', found: `The provider ${speech.name} would speak now.` }
  })
}

async function openAndClose(speech: SpeechProvider, clock: Clock): Promise<void> {
  const giveUp = new AbortController()
  const session = speech.open({ signal: giveUp.signal })
  const late = Promise.withResolvers<never>()
  const timer = clock.after(readyWithinMs, () =>
    late.reject(new BridgeError('speech.unavailable', `No session was ready within ${readyWithinMs / 1000} s.`)),
  )
  try {
    await Promise.race([session.ready, late.promise])
  } finally {
    timer.cancel()
    await session.close()
    giveUp.abort()
  }
}
