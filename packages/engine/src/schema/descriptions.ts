/** Names of tables and functions in descriptions, and comments of the metadata over automatic ones. */
import type { QualifiedName } from '../catalog/index.ts';
import type { Comment } from '../model/index.ts';

/** `"author"`, or `"app.user"` outside `public`, quotes included. */
export function describeTable(name: QualifiedName): string {
  return name.schema === 'public' ? `"${name.name}"` : `"${name.schema}.${name.name}"`;
}

export function describe(comment: Comment, automatic: string): string | null {
  switch (comment.kind) {
    case 'automatic':
      return automatic;
    case 'none':
      return null;
    case 'text':
      return comment.text;
  }
}
