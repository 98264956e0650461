/** Tests of the HTTP API, over real sockets; every answer in them is held against the contract. */
@NullMarked
package io.carechat.rest;

import org.jspecify.annotations.NullMarked;
