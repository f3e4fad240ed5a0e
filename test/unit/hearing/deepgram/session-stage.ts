import { onTestFinished } from 'vitest'
import { createDeepgramRecognizer } from '../../../../src/hearing/deepgram/recognizer.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { type DeepgramServiceOptions, startDeepgramService } from '../../../../src/simulator/deepgram/service.ts'
import { openRecorded } from '../../../contract/heard-recorder.ts'

/** A session with the emulator, and everything that it tells. */
export async function openStage(options: DeepgramServiceOptions, model?: string) {
  const clock = createSteppedClock()
  const service = await startDeepgramService({ clock, ...options })
  const { url, apiKey } = service
  const recognizer = createDeepgramRecognizer({ url, apiKey, ...(model === undefined ? {} : { model }) }, { clock })
  const { recorder, session } = openRecorded(recognizer, {
    signal: new AbortController().signal,
    phrases: ['second'],
    language: 'en',
  })
  onTestFinished(async () => {
    await clock.runUntil(session.close())
    await service.close()
  })
  let frames = 0
  return {
    clock,
    service,
    recorder,
    session,
    /** Frames of 20 ms, no two of which are the same. */
    audio: async (ms: number, stepMs = 20) => {
      for (let sent = 0; sent < ms; sent += stepMs) {
        for (let frame = 0; frame < stepMs / 20; frame++) {
          const bytes = Buffer.alloc(160, 0xff)
          bytes.writeUInt32BE(frames++)
          session.audio(bytes.toString('base64'))
        }
        await clock.advance(stepMs)
      }
    },
  }
}

/** The numbers of the frames in what the service got. */
export function framesIn(sent: Buffer = Buffer.alloc(0)): number[] {
  return Array.from({ length: sent.length / 160 }, (_, n) => sent.readUInt32BE(n * 160))
}
