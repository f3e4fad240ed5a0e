/** A voice of Deepgram is a model, named after person and language: `aura-2-thalia-en`, `aura-asteria-en`. */
export const voicePattern = /^aura(?:-\d)?-[a-z]+-[a-z]{2}$/

/** ISO 639-1, from the end of the name. */
export function languagesOf(voice: string): readonly string[] | undefined {
  return voicePattern.test(voice) ? [voice.slice(-2)] : undefined
}

/** Outside of these Deepgram's own plug-ins refuse to ask; the service documents no bounds. */
export const speeds = { min: 0.7, max: 1.5 } as const

export function allowedSpeed(speed: number): number {
  return Math.min(speeds.max, Math.max(speeds.min, speed))
}
