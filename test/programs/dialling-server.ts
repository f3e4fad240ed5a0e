import { readConfig } from '../../src/config.ts'
import { readEnvironment } from '../../src/environment.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { serve } from '../../src/serve.ts'
import { stopOnSignals } from '../../src/stop-on-signals.ts'

const print = (line: string) => process.stdout.write(`${line}\n`)

/** The server as `main.ts` runs it, with one call of its own. Prints what happens in the call, and its outcome. */
const [to = '', text = ''] = process.argv.slice(2)
const config = readConfig('serve', ...readEnvironment([]))
const log = createLogger(config.LOG_LEVEL)
const service = await serve(config, { log })
const call = service.app.dial({
  to,
  from: config.TWILIO_FROM_NUMBER ?? '',
  parameters: { message: text },
  ringMs: config.RING_TIMEOUT_MS,
  detectVoicemail: false,
  keepAudio: false,
})
for (const { type } of call.events) print(`event ${type}`)
call.watch((event) => {
  if (event.type === 'queued') print(`callSid ${event.callSid}`)
  print(`event ${event.type}`)
})
void call.outcome.then(({ reason, status }) => print(`outcome ${status} ${reason}`))
stopOnSignals(service, { drainMs: config.DRAIN_TIMEOUT_MS, log })
print('ready')
