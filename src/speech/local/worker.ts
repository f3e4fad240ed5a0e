/** The worker thread of the offline voice: text in, mu-law at 8,000 Hz out. */

import { parentPort, workerData } from 'node:worker_threads'
import { encodeMulaw, sampleRateHz } from '../../audio/mulaw.ts'
import { createResampler } from '../../audio/resample.ts'
import { asBridgeError, BridgeError } from '../../errors.ts'
import { loadEspeak } from './espeak.ts'
import type { Job, Report } from './messages.ts'

const engine: unknown = workerData

async function load() {
  const espeak = await loadEspeak(typeof engine === 'string' ? engine : undefined)
  return { espeak, resampler: await createResampler(espeak.sampleRateHz, sampleRateHz) }
}

let loaded: ReturnType<typeof load> | undefined

function report(message: Report): void {
  // Audio is handed over, not copied.
  parentPort?.postMessage(message, message.kind === 'audio' ? [message.bytes.buffer] : [])
}

function reportAudio(samples: Int16Array): void {
  if (samples.length > 0) report({ kind: 'audio', bytes: encodeMulaw(samples) })
}

async function prepared(language: string) {
  const { espeak, resampler } = await (loaded ??= load())
  const voice = espeak.voiceFor(language)
  if (voice !== undefined) return { espeak, resampler, voice }
  const asked = JSON.stringify(language.slice(0, 20))
  throw new BridgeError('text.unspeakable', `The offline voice speaks no language ${asked}; it knows codes like "de".`)
}

async function speak({ ssml, language, stop }: Job): Promise<void> {
  let voice: Awaited<ReturnType<typeof prepared>>
  try {
    voice = await prepared(language)
  } catch (error) {
    const { code, message, retryable } = asBridgeError(error)
    if (code !== 'text.unspeakable') loaded = undefined
    report({ kind: 'failed', code, message, retryable })
    return
  }
  // What the engine throws from here on is left to end this thread: its state can no longer be trusted.
  if (ssml !== '') {
    const { espeak, resampler } = voice
    espeak.say(ssml, voice.voice, (samples) => {
      if (Atomics.load(stop, 0) === 1) return true
      reportAudio(resampler.push(samples))
      return false
    })
    const rest = resampler.end()
    if (Atomics.load(stop, 0) === 0) reportAudio(rest)
  }
  report({ kind: 'done' })
}

parentPort?.on('message', (job: Job) => void speak(job))
