import { describe } from 'vitest'
import { speechBench, type SpeechSubject } from './speech-bench.ts'
import { endingRules } from './speech-ending.ts'
import { speakingRules } from './speech-speaking.ts'

/** The rules of src/speech/provider.ts, for any provider: `speechConformance('name', async () => subject)`. */
export function speechConformance(name: string, setup: () => Promise<SpeechSubject>): void {
  describe(`speech contract: ${name}`, () => {
    const bench = speechBench(setup)
    speakingRules(bench)
    endingRules(bench)
  })
}
