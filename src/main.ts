import closeWithGrace from 'close-with-grace'
import { aliasNames, readConfig, settingNames } from './config.ts'
import { readEnvironment } from './environment.ts'
import { asBridgeError, BridgeError } from './errors.ts'
import { tellFailure } from './failure.ts'
import { paths } from './http/paths.ts'
import { systemClock } from './ops/clock.ts'
import { createLogger } from './ops/logger.ts'
import { endWithParent } from './ops/parent.ts'
import { serve } from './serve.ts'
import { whyNoVoice } from './speech/readiness.ts'

const help = `The server: answers callers with a greeting, until it is told to stop (Ctrl-C).

  npm start -- [NAME=value …]

  NAME=value sets any setting of .env for this run.

Examples
  npm start
  npm start PORT=4000 GREETING="Nobody is in the office."

Exit codes: 0 told to stop, 1 it could not start or stop, 2 wrong words or settings.
`

/** How long running calls have to end when the server is told to stop. */
const drainMs = 10_000

async function main(words: readonly string[]): Promise<void> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(help)
    return
  }
  const config = readConfig('serve', ...readEnvironment(words, [...settingNames, ...aliasNames]))
  const log = createLogger(config.LOG_LEVEL)
  const service = await serve(config, { log })
  const mute = service.app.whyNotSpeakable(config.GREETING)
  const problem = mute
    ? new BridgeError('config.invalid', `GREETING: ${mute.message}`)
    : await whyNoVoice(service.app.speech, { clock: systemClock, log })
  if (problem) {
    await service.close()
    throw problem
  }
  const parent = endWithParent(systemClock)
  closeWithGrace({ delay: drainMs, logger: log }, () => {
    parent.cancel()
    return service.close()
  })
  log.info({ localUrl: service.localUrl, publicUrl: service.publicUrl }, 'callbridge listens')
  console.log(`callbridge listens on ${service.localUrl}`)
  console.log(`Point your Twilio number's voice webhook (HTTP POST) at ${service.publicUrl}${paths.voice}`)
  console.log(
    config.API_KEYS.length > 0
      ? `The API: ${service.publicUrl}/calls, with a key; described at /docs`
      : `The API answers this machine only, because no API_KEYS are set: ${service.localUrl}/docs`,
  )
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
