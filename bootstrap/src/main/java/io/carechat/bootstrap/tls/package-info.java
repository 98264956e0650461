/**
 * TLS: reads certificates and private keys from PEM files, and follows the changes of the files.
 */
@NullMarked
package io.carechat.bootstrap.tls;

import org.jspecify.annotations.NullMarked;
