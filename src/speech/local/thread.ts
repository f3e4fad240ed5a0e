import { Worker } from 'node:worker_threads'
import { BridgeError } from '../../errors.ts'
import type { Job, Report } from './messages.ts'

/** One worker thread, which does one job at a time. Idle, it keeps no process alive. */
export interface SpeechThread {
  /** Once dead it stays dead; its jobs reject. */
  readonly dead: boolean
  /** Resolves when everything was said or the job was stopped. Rejects with a BridgeError. */
  run(job: Job, audio: (bytes: Uint8Array) => void): Promise<void>
  end(reason: BridgeError): Promise<void>
}

/**
 * @param engine module to load in place of eSpeak NG, for tests
 * @param stallMs a thread that says nothing for so long is ended. Real time, not a clock's: a thread keeps no other.
 */
export function startThread(engine: string | undefined, stallMs: number): SpeechThread {
  // An environment of its own: other people's code in there has no business with our keys.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: engine, env: {}, execArgv: [] })
  worker.unref()
  let dead = false
  let watchdog: NodeJS.Timeout | undefined
  let current: { audio(bytes: Uint8Array): void; resolve(): void; reject(error: BridgeError): void } | undefined

  function watch(): void {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => {
      const message = `The offline voice made no sound for ${stallMs} ms and was stopped; the next text starts it again.`
      void end(new BridgeError('speech.stalled', message))
    }, stallMs)
  }

  function settled(): typeof current {
    clearTimeout(watchdog)
    worker.unref()
    const job = current
    current = undefined
    return job
  }

  function die(reason: BridgeError): void {
    dead = true
    settled()?.reject(reason)
  }

  async function end(reason: BridgeError): Promise<void> {
    die(reason)
    await worker.terminate()
  }

  worker.on('message', (report: Report) => {
    if (!current) return
    if (report.kind === 'audio') {
      watch()
      current.audio(report.bytes)
    } else if (report.kind === 'done') settled()?.resolve()
    else settled()?.reject(new BridgeError(report.code, report.message, { retryable: report.retryable }))
  })
  const crashed = (cause: unknown) =>
    new BridgeError('speech.lost', 'The offline voice stopped in the middle; the next text starts it again.', { cause })
  worker.on('error', (error) => die(crashed(error)))
  worker.on('exit', (code) => die(crashed(`its thread ended with code ${code}`)))

  return {
    get dead() {
      return dead
    },
    run(job, audio) {
      return new Promise((resolve, reject) => {
        current = { audio, resolve, reject }
        worker.ref()
        watch()
        worker.postMessage(job, [])
      })
    },
    end,
  }
}
