import type { DelegatedItem, DelegatedSelection } from './types.ts';

/** Of an object type there is nothing else than what is selected of it. */
export const ofOneType = { groups: [], groupOf: new Map<string, number>(), other: [] } as const;

/** All lists of items of a selection, each once. */
export function itemsOfSelection(
  selection: DelegatedSelection | null,
): readonly (readonly DelegatedItem[])[] {
  if (selection === null) return [];
  const { byType, groups, other } = selection;
  return [...byType.values(), ...groups.map(({ items }) => items), other];
}
