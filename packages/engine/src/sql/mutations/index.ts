export {
  affectedRows,
  answersItself,
  CHECK_FAILURE,
  type FixedValues,
  type MutationStatement,
  renderAnswerFromRows,
  renderAnsweringWrite,
  renderFunctionCall,
  renderInsertOfRows,
  renderWriteOfRows,
  type SingleWrite,
  writtenRows,
} from './statement.ts';
