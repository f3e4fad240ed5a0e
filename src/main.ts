import closeWithGrace from 'close-with-grace'
import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { asBridgeError, BridgeError } from './errors.ts'
import { tellFailure } from './failure.ts'
import { paths } from './http/paths.ts'
import { createLogger } from './ops/logger.ts'
import { serve } from './serve.ts'

/** How long running calls have to end when the server is told to stop. */
const drainMs = 10_000

try {
  const config = readConfig('serve', ...readEnvironment(process.argv.slice(2)))
  const log = createLogger(config.LOG_LEVEL)
  const service = await serve(config, { log })
  const mute = service.app.whyNotSpeakable(config.GREETING)
  if (mute) {
    await service.close()
    throw new BridgeError('config.invalid', `GREETING: ${mute.message}`)
  }
  log.info({ localUrl: service.localUrl, publicUrl: service.publicUrl }, 'callbridge listens')
  console.log(`callbridge listens on ${service.localUrl}`)
  console.log(`Point your Twilio number's voice webhook (HTTP POST) at ${service.publicUrl}${paths.voice}`)
  console.log(
    config.API_KEYS.length > 0
      ? `The API: ${service.publicUrl}/calls, with a key; described at /docs`
      : `The API answers this machine only, because no API_KEYS are set: ${service.localUrl}/docs`,
  )
  closeWithGrace({ delay: drainMs, logger: log }, () => service.close())
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
