import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { asBridgeError, BridgeError } from './errors.ts'
import { tellFailure } from './failure.ts'
import { paths } from './http/paths.ts'
import { createLogger } from './ops/logger.ts'
import { serve } from './serve.ts'
import { stopOnSignals } from './stop-on-signals.ts'

try {
  const config = readConfig('serve', ...readEnvironment(process.argv.slice(2)))
  const log = createLogger(config.LOG_LEVEL)
  const service = await serve(config, { log, configureNumber: config.CONFIGURE_NUMBER === 'on' })
  stopOnSignals(service, { drainMs: config.DRAIN_TIMEOUT_MS, log })
  for (const name of ['GREETING', 'DRAIN_SENTENCE'] as const) {
    const mute = service.app.whyNotSpeakable(config[name])
    if (!mute) continue
    await service.close()
    throw new BridgeError('config.invalid', `${name}: ${mute.message}`)
  }
  log.info({ localUrl: service.localUrl, publicUrl: service.publicUrl }, 'callbridge listens')
  console.log(`callbridge listens on ${service.localUrl}`)
  if (config.CONFIGURE_NUMBER === 'on')
    console.log(`Your Twilio number's voice webhook is ${service.publicUrl}${paths.voice}`)
  else console.log(`Point your Twilio number's voice webhook (HTTP POST) at ${service.publicUrl}${paths.voice}`)
  console.log(
    config.API_KEYS.length > 0
      ? `The API: ${service.publicUrl}/calls, with a key; described at /docs`
      : `The API answers this machine only, because no API_KEYS are set: ${service.localUrl}/docs`,
  )
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
