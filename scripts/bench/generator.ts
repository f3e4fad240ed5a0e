import { createServer } from 'node:http'
import type { Cores } from './cores.ts'
import { createSamples, type Samples } from './figures.ts'
import { account } from './identity.ts'
import { createPacer, type Pacer } from './pacer.ts'
import { createVoice, type Voice } from './sound.ts'
import { type RecognizerService, serveRecognizer } from './recognizer-service.ts'
import { serveSpeech, type SpeechService } from './speech-service.ts'

/** Shares of a core. */
export interface GeneratorLoad {
  readonly share: number
  /** The kernel's part of it. */
  readonly systemShare: number
}

/** The other side of every wire, in one process with one clock: phones, speech service, recognizer, Twilio's REST API. */
export interface Generator {
  readonly url: string
  readonly speech: SpeechService
  /** Twenty milliseconds, as Twilio sends them. */
  readonly mouth: Voice
  readonly frames: Pacer
  readonly hearing: RecognizerService
  /** What it and the bridges keep to; undefined where the kernel chooses. */
  readonly cores: Cores | undefined
  /** Begins to count. Returns what tells what the generator took since, and how late it sent. */
  measure(): () => GeneratorLoad & { readonly late: Samples }
  close(): Promise<void>
}

const frameMs = 20

export async function startGenerator(sentenceMs: number, cores?: Cores): Promise<Generator> {
  let late = createSamples()
  const isLate = (ms: number) => late.add(ms)
  const server = createServer((request, response) => {
    // The server ends a call, or looks after one.
    const sid = /\/Calls\/(CA[0-9a-f]{32})\.json/.exec(request.url ?? '')?.[1] ?? null
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ sid, status: 'completed', account_sid: account.sid, calls: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const speech = serveSpeech(server, sentenceMs, isLate)
  const frames = createPacer(frameMs, isLate)
  const mouth = createVoice(frameMs)
  return {
    url: `http://127.0.0.1:${port}`,
    speech,
    mouth,
    frames,
    hearing: serveRecognizer(server, mouth),
    cores,
    measure() {
      late = createSamples()
      const startedMs = performance.now()
      const cpu = process.cpuUsage()
      return () => {
        const { user, system } = process.cpuUsage(cpu)
        const elapsedUs = (performance.now() - startedMs) * 1000
        return { share: (user + system) / elapsedUs, systemShare: system / elapsedUs, late }
      }
    },
    async close() {
      frames.stop()
      speech.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
