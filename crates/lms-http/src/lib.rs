//! One HTTP request done well: credentials, retry, limits, decoding and redaction.
