//! Stateful servers that speak the wire formats of Stepik, Open edX and INGInious on loopback.
