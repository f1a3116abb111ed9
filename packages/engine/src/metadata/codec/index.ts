/** Codecs: shapes that read strictly and write in the contract's order. Nothing here knows metadata. */
export * from './codec.ts';
export * from './lists.ts';
export * from './object.ts';
export { Place, type UnknownKeys } from './place.ts';
