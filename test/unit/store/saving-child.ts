import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../src/ops/clock.ts'
import { createLogger } from '../../../src/ops/logger.ts'
import { openFileRecords } from '../../../src/store/file-records.ts'
import { aRecord } from '../../contract/record-fixtures.ts'

/**
 * Saves records as fast as it can, and names each on standard output once its save resolved, or the first that failed.
 * With a third word it waits until the disk is well again, saves one more, and says so.
 */
const [folder = '', prefix = 'c', then = ''] = process.argv.slice(2)
const log = createLogger('silent')
const records = await openFileRecords({ folder, keepDays: 30, clock: systemClock, log })
let count = 0

async function saveUntilItFails(): Promise<string> {
  for (;;) {
    const callId = `${prefix}${count++}`
    try {
      await records.save(aRecord(callId, { minute: count % 1000, flow: 'f'.repeat(count % 700) }))
    } catch (thrown) {
      return `${callId} ${String(thrown)}`
    }
    process.stdout.write(`saved ${callId}\n`)
  }
}

const failed = await Promise.race([saveUntilItFails(), saveUntilItFails(), saveUntilItFails()])
process.stdout.write(`failed ${failed} healthy=${records.healthy}\n`)
if (then !== '') {
  while (!records.healthy) await sleep(50)
  await records.save(aRecord('after'))
  process.stdout.write('healthy again\n')
}
setInterval(() => {}, 1000)
