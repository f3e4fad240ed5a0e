import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { asBridgeError, BridgeError } from './errors.ts'
import { paths } from './http/paths.ts'
import { createLogger } from './ops/logger.ts'
import { serve } from './serve.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { whyNotSpeakable } from './speech/speakable.ts'

try {
  const config = readConfig('serve', ...readEnvironment(process.argv.slice(2)))
  const log = createLogger(config.LOG_LEVEL)
  const service = await serve(config, { log, configureNumber: config.CONFIGURE_NUMBER === 'on' })
  stopOnSignals(service, { drainMs: config.DRAIN_TIMEOUT_MS, log })
  const { capabilities } = service.app.speech
  for (const name of ['GREETING', 'DRAIN_SENTENCE'] as const) {
    const { ASYNC_LANGUAGE: language, MAX_MESSAGE_CHARS: maxChars } = config
    const mute = whyNotSpeakable(config[name], { capabilities, language, maxChars })
    if (!mute) continue
    await service.close()
    throw new BridgeError('config.invalid', `${name}: ${mute.message}`)
  }
  log.info({ localUrl: service.localUrl, publicUrl: service.publicUrl }, 'callbridge listens')
  console.log(`callbridge listens on ${service.localUrl}`)
  if (config.CONFIGURE_NUMBER === 'on')
    console.log(`Your Twilio number's voice webhook is ${service.publicUrl}${paths.voice}`)
  else console.log(`Point your Twilio number's voice webhook (HTTP POST) at ${service.publicUrl}${paths.voice}`)
} catch (thrown) {
  const error = asBridgeError(thrown)
  console.error(`${error.message} [${error.code}]`)
  process.exitCode = error.code === 'config.invalid' || error.code === 'usage.invalid' ? 2 : 1
}
