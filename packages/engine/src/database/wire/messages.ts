/**
 * The bytes that name the messages of PostgreSQL's frontend/backend protocol, version 3.0.
 * Source: PostgreSQL manual, "Frontend/Backend Protocol", "Message Formats".
 */

// From the client.
export const BIND = 0x42; // B
export const CLOSE = 0x43; // C
export const DESCRIBE = 0x44; // D
export const EXECUTE = 0x45; // E
export const PARSE = 0x50; // P
export const QUERY = 0x51; // Q
export const SYNC = 0x53; // S
export const TERMINATE = 0x58; // X
export const PASSWORD = 0x70; // p: password, SASL initial response and SASL response

// From the server.
export const AUTHENTICATION = 0x52; // R
export const BACKEND_KEY_DATA = 0x4b; // K
export const BIND_COMPLETE = 0x32; // 2
export const COMMAND_COMPLETE = 0x43; // C
export const COPY_IN_RESPONSE = 0x47; // G
export const COPY_BOTH_RESPONSE = 0x57; // W
export const DATA_ROW = 0x44; // D
export const ERROR_RESPONSE = 0x45; // E
export const NEGOTIATE_PROTOCOL_VERSION = 0x76; // v
export const NOTICE_RESPONSE = 0x4e; // N
export const NOTIFICATION_RESPONSE = 0x41; // A
export const PARAMETER_STATUS = 0x53; // S
export const PARSE_COMPLETE = 0x31; // 1
export const READY_FOR_QUERY = 0x5a; // Z
export const ROW_DESCRIPTION = 0x54; // T

/** Sent to a server that waits for COPY data, which this client never has. */
export const COPY_FAIL = 0x66; // f

export const PROTOCOL_VERSION = 0x00030000;
export const SSL_REQUEST_CODE = 80877103;
export const CANCEL_REQUEST_CODE = 80877102;

/** Transaction status in ReadyForQuery: outside of a transaction block. */
export const STATUS_IDLE = 0x49; // I
