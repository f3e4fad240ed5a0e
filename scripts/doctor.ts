import { phoneNumber } from '../src/call/phone-number.ts'
import { aliasNames, type Config, readConfig, settingNames } from '../src/config.ts'
import type { Finding, Tell } from '../src/doctor/finding.ts'
import { examineHearing } from '../src/doctor/hearing.ts'
import { examinePublicAddress } from '../src/doctor/public-address.ts'
import { examineAsync, examineDeepgram, examineSession } from '../src/doctor/speech.ts'
import { examineTwilio } from '../src/doctor/twilio.ts'
import { readEnvironment, settingOf } from '../src/environment.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { recognizerOf } from '../src/hearing-from-config.ts'
import { providerOf } from '../src/speech-from-config.ts'
import { systemClock } from '../src/ops/clock.ts'
import { createLogger } from '../src/ops/logger.ts'
import { type Service, serve } from '../src/serve.ts'
import { readWords } from './read-words.ts'

const help = `Looks at everything a call needs, before money is spent. Nobody is dialled and nothing is spoken.

  npm run doctor -- [NUMBER] [--json] [NAME=value …]

  NUMBER   whom you would call: checks that the account may (default: OUTBOUND_NUMBER)
  --json   prints the findings as one JSON object
  --help   this text

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.
`

async function main(words: readonly string[]): Promise<number> {
  const { values, number, settings } = readArguments(words)
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const findings: Finding[] = []
  const tell: Tell = (finding) => {
    findings.push(finding)
    if (!values.json) process.stdout.write(inWords(finding))
  }
  const config = settle(tell, settings)
  if (config) await examineAll(tell, config, number)
  const failed = findings.filter((finding) => finding.result === 'failed').length
  if (values.json) process.stdout.write(`${JSON.stringify({ ok: failed === 0, findings })}\n`)
  else process.stdout.write(failed === 0 ? '\nNothing failed.\n' : `\n${failed} failed.\n`)
  return failed === 0 ? 0 : 1
}

function settle(tell: Tell, given: Readonly<Record<string, string>>): Config | undefined {
  const check = 'settings'
  try {
    // What is looked at may well be wrong; that is told as a finding, not as a log line.
    const config = readConfig('serve', { LOG_LEVEL: 'silent' }, ...readEnvironment([]), given)
    tell({ check, result: 'ok', found: 'Complete, and each of its form.' })
    return config
  } catch (thrown) {
    const [, ...problems] = asBridgeError(thrown).message.split('\n')
    for (const problem of problems) tell({ check, result: 'failed', found: problem.trim() })
    tell({ check: 'everything else', result: 'not checked', found: 'The settings come first.' })
    return undefined
  }
}

async function examineAll(tell: Tell, config: Config, number: string | undefined): Promise<void> {
  const to = number ?? numberIn(tell, 'OUTBOUND_NUMBER', config.OUTBOUND_NUMBER)
  const from = numberIn(tell, 'TWILIO_FROM_NUMBER', config.TWILIO_FROM_NUMBER)
  const twilio = {
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    apiUrl: config.TWILIO_API_URL,
    apiKey: config.TWILIO_API_KEY,
    apiSecret: config.TWILIO_API_SECRET,
    region: config.TWILIO_REGION,
    edge: config.TWILIO_EDGE,
  }
  await examineTwilio(tell, { settings: twilio, from, to }, systemClock)
  if (config.SPEECH_PROVIDERS.includes('async')) {
    const { ASYNC_URL: url, ASYNC_API_KEY: apiKey = '', ASYNC_VERSION: version } = config
    const voice = { voiceId: config.ASYNC_VOICE_ID, language: config.ASYNC_LANGUAGE }
    await examineAsync(tell, { url, apiKey, version, ...voice })
  }
  if (config.DEEPGRAM_API_KEY !== undefined) {
    const listed = config.SPEECH_PROVIDERS.filter((entry) => entry.startsWith('deepgram'))
    for (const entry of listed.length > 0 ? listed : (['deepgram'] as const))
      await examineDeepgram(tell, providerOf(entry, config, systemClock), systemClock)
  }
  const declined = config.HEARING_PROVIDER === 'none'
  await examineHearing(tell, recognizerOf(config, systemClock), { clock: systemClock, declined })
  await examineServer(tell, config)
}

async function examineServer(tell: Tell, config: Config): Promise<void> {
  const authToken = config.TWILIO_AUTH_TOKEN
  let service: Service | undefined
  try {
    service = await serve(config, {
      log: createLogger(config.LOG_LEVEL),
      ...(config.PUBLIC_URL === undefined ? { port: 0 } : {}),
    })
  } catch (thrown) {
    const error = asBridgeError(thrown)
    // A server that runs already is the one to look at.
    const running = error.code === 'server.port-in-use' ? config.PUBLIC_URL : undefined
    if (running === undefined) return tell({ check: 'public address', result: 'failed', found: error.message })
    tell({ check: 'server', result: 'ok', found: 'One runs on the port already, and is the one that is looked at.' })
    const found = 'The server that runs has opened its own, and told at its start if it could not.'
    tell({ check: 'speech session', result: 'not checked', found })
    return examinePublicAddress(tell, { publicUrl: running, authToken }, systemClock)
  }
  try {
    await examineSession(tell, service.app.speech, systemClock)
    await examinePublicAddress(tell, { publicUrl: service.publicUrl, authToken }, systemClock)
  } finally {
    await service.close()
  }
}

/** A number from the settings in E.164; undefined where there is none, or one that cannot be read, which is told. */
function numberIn(tell: Tell, name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return phoneNumber(text, name)
  } catch (thrown) {
    tell({ check: 'settings', result: 'failed', found: asBridgeError(thrown).message })
    return undefined
  }
}

function readArguments(words: readonly string[]) {
  const settings: Record<string, string> = {}
  const rest = words.filter((word) => {
    const setting = settingOf(word)
    if (!setting || !(settingNames.includes(setting.name) || aliasNames.includes(setting.name))) return true
    settings[setting.name] = setting.value
    return false
  })
  const { values, positionals } = readWords(rest, {
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (positionals.length > 1)
    throw new BridgeError('usage.invalid', `Expected one number; ${positionals.length} words came. See --help.`)
  const [number] = positionals
  return { values, settings, number: number === undefined ? undefined : phoneNumber(number, 'the number to call') }
}

function inWords({ check, result, found, todo }: Finding): string {
  const line = `${result.padEnd(12)} ${check.padEnd(24)} ${found}\n`
  return todo === undefined ? line : `${line}${' '.repeat(38)}${todo}\n`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  const error = asBridgeError(thrown)
  process.stderr.write(`${error.message} [${error.code}]\n`)
  process.exitCode = /^(usage|number)/.test(error.code) ? 2 : 1
}
