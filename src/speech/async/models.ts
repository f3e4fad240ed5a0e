/** Languages (ISO 639-1) of Async's voice models. Async docs, "Models", 2026. */
const languagesByModel: ReadonlyMap<string, readonly string[]> = new Map([
  ['async_pro_v1.0', ['en']],
  ['async_flash_v1.5', ['en', 'es', 'fr', 'de', 'it', 'pt']],
  ['async_flash_v1.0', ['en', 'fr', 'es', 'de', 'it', 'pt', 'ar', 'ru', 'ro', 'ja', 'he', 'hy', 'tr', 'hi', 'zh']],
])

/** What a model speaks; `undefined` for a model we do not know, which may still be a new one of Async's. */
export function languagesOf(modelId: string): readonly string[] | undefined {
  return languagesByModel.get(modelId)
}

/** Async docs, "Models": the only one with `speed_control` (0.7 to 2.0) and `stability` (0 to 100). */
const adjustableModel = 'async_flash_v1.0'

/** The speeds a model can be asked for; undefined where it has one only. */
export function speedsOf(modelId: string): { readonly min: number; readonly max: number } | undefined {
  return modelId === adjustableModel ? { min: 0.7, max: 2 } : undefined
}

/** How steady a model can be asked to be; undefined where it cannot. */
export function stabilitiesOf(modelId: string): { readonly min: number; readonly max: number } | undefined {
  return modelId === adjustableModel ? { min: 0, max: 100 } : undefined
}

/** Whether this is a model of which the documentation says what it can; another may be a new one. */
export function isKnownModel(modelId: string): boolean {
  return languagesByModel.has(modelId)
}
