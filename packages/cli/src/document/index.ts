/**
 * JSON and YAML without loss. In: text. Out: values whose mappings keep their order and whose numbers keep their digits, and text again.
 * Promise: YAML is written byte by byte as the Hasura CLI writes it.
 */
export { readJson } from './read-json.ts';
export { readYaml } from './read-yaml.ts';
export {
  isEmpty,
  isList,
  isMapping,
  isSame,
  type Mapping,
  mappingOf,
  mappingsIn,
  NumberText,
  toPlain,
  type Value,
} from './value.ts';
export { writeJson } from './write-json.ts';
export { writeYaml } from './write-yaml.ts';
