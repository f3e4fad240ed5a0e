import { chooseFlow, takeFlowWord } from './chosen-flow.ts'
import { aliasNames, type Config, isProxied, readConfig, settingNames } from './config.ts'
import { readEnvironment } from './environment.ts'
import { asBridgeError, BridgeError } from './errors.ts'
import { tellFailure } from './failure.ts'
import { paths } from './http/paths.ts'
import { systemClock } from './ops/clock.ts'
import { createLogger } from './ops/logger.ts'
import { endWithParent } from './ops/parent.ts'
import { serve, type Service } from './serve.ts'
import { whyNoVoice } from './speech/readiness.ts'
import { stopOnSignals } from './stop-on-signals.ts'

const help = `The server: answers callers with a greeting, until it is told to stop (Ctrl-C).

  npm start -- [--flow FILE] [NAME=value …]

  --flow FILE  every caller gets the flow of this file, or one that ships, by its name (docs/flows.md); a file that is
               saved is read again, and counts from the next call on
  NAME=value sets any setting of .env for this run.

Examples
  npm start
  npm run dev -- --flow ./my-flow.ts
  npm start PORT=4000 GREETING="Nobody is in the office."

Exit codes: 0 told to stop, 1 it could not start or stop, 2 wrong words or settings.
`

async function main(words: readonly string[]): Promise<void> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(help)
    return
  }
  const { flow: flowWord, rest } = takeFlowWord(words)
  const own = flowWord === undefined ? undefined : await chooseFlow(flowWord, tellReloaded)
  const everybody = own ? { FLOWS: `*=${own.name}` } : {}
  const config = readConfig('serve', ...readEnvironment(rest, [...settingNames, ...aliasNames]), everybody)
  const log = createLogger(config.LOG_LEVEL)
  const configureNumber = config.CONFIGURE_NUMBER === 'on'
  const service = await serve(config, { log, configureNumber, ...(own ? { ownFlows: own.ownFlows } : {}) })
  const parent = endWithParent(systemClock)
  const signals = stopOnSignals(service, { drainMs: config.DRAIN_TIMEOUT_MS, log, parent })
  const problem = unspeakable(config, service) ?? (await whyNoVoice(service.app.speech, { clock: systemClock, log }))
  if (problem) {
    parent.cancel()
    signals.uninstall()
    await service.close()
    throw problem
  }
  log.info({ localUrl: service.localUrl, publicUrl: service.publicUrl }, 'callbridge listens')
  console.log(`callbridge listens on ${service.localUrl}`)
  if (own) console.log(`Callers get the flow ${own.name}`)
  if (configureNumber) console.log(`Your Twilio number's voice webhook is ${service.publicUrl}${paths.voice}`)
  else console.log(`Point your Twilio number's voice webhook (HTTP POST) at ${service.publicUrl}${paths.voice}`)
  console.log(whoMayAsk(config, service))
}

/** For the person who just saved the file. */
function tellReloaded(problem: BridgeError | undefined): void {
  console.log(
    problem ? `The flow is not reloaded; the former one goes on. ${problem.message}` : 'The flow is reloaded.',
  )
}

function whoMayAsk(config: Config, { localUrl, publicUrl }: Service): string {
  if (config.API_KEYS.length > 0) return `The API: ${publicUrl}/calls, with a key; described at /docs`
  if (isProxied(config)) return 'The API answers nobody, because PUBLIC_URL leads here and no API_KEYS are set.'
  return `The API answers this machine only, because no API_KEYS are set: ${localUrl}/docs`
}

/** The sentences that the server itself may have to say. */
function unspeakable(config: Config, service: Service): BridgeError | undefined {
  for (const name of ['GREETING', 'DRAIN_SENTENCE'] as const) {
    const mute = service.app.whyNotSpeakable(config[name])
    if (mute) return new BridgeError('config.invalid', `${name}: ${mute.message}`)
  }
  return undefined
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
