package io.carechat.rest.http;

import java.util.Optional;

/**
 * The kinds of problems. Each has the contract's code, an HTTP status, a title, and an explanation
 * for its page.
 */
public enum ProblemKind {
  INVALID_REQUEST(
      "invalid-request",
      400,
      "The request is not valid",
      "Parameters, headers or the body break a rule of the contract. The member errors lists every violation at"
          + " once. Correct them before you try again: the same request will fail again."),
  MALFORMED_JSON(
      "malformed-json",
      400,
      "The body is not valid JSON",
      "The body is not valid JSON in UTF-8: its syntax is wrong, a member appears twice, there is data after its"
          + " end, or it is nested too deeply. The detail says where."),
  INVALID_PAGE_TOKEN(
      "invalid-page-token",
      400,
      "The page token is not valid",
      "The pageToken is damaged or belongs to another operation. The tokens of a page are for the operation that"
          + " returned the page. The tokens of a message, even of a search hit, are for finding messages in its chat. Send"
          + " tokens back unchanged."),
  UNKNOWN_POSITION(
      "unknown-position",
      400,
      "The position is unknown",
      "The events after a position were requested that the event log has not reached. The position may be from before"
          + " an older copy of the database was restored, or from another installation. Waiting does not help. Read again"
          + " from a position that you trust, or leave after away to read from the beginning, or begin with now."),
  UNAUTHENTICATED(
      "unauthenticated",
      401,
      "Not authenticated",
      "The request has no credential, has more than one, or has one that is not valid, has expired or was revoked."
          + " Send an X-API-KEY header, or a bearer token in the Authorization header."),
  FORBIDDEN(
      "forbidden",
      403,
      "Access denied",
      "The credential is valid but does not cover the request: it is for another tenant, instance or patient, or it"
          + " lacks a scope. The response is the same whether or not the requested thing exists."),
  CROSS_SITE_REQUEST(
      "cross-site-request",
      403,
      "Another site may have caused the request",
      "Only the service's own pages for people get this. Their requests have the cookie of a session. Such a request is"
          + " refused if it comes from a page of another origin, or if it could change something and does not have the"
          + " header X-CSRF-Token with the csrfToken of the session. A program uses an API key or a bearer token instead."),
  NOT_FOUND(
      "not-found",
      404,
      "Not found",
      "The path does not exist. Or the chat has no message with this externalId, the instance has no endpoint with"
          + " this webhookId, or the endpoint has no delivery with this deliveryId."),
  METHOD_NOT_ALLOWED(
      "method-not-allowed",
      405,
      "Method not allowed",
      "The path exists, but not with the method of the request. The header Allow lists the methods that it has."),
  NOT_ACCEPTABLE(
      "not-acceptable",
      406,
      "Not acceptable",
      "The header Accept excludes the media type of the response: text/event-stream for streams, application/json"
          + " for everything else."),
  CONFLICT(
      "conflict",
      409,
      "Conflict with the current state",
      "The request is valid but conflicts with the current state. For example, somebody else has changed the"
          + " endpoint, the maximum number of endpoints is reached, the endpoint belongs to the installation's"
          + " configuration, another delivery must come first, or the endpoint was deleted. The detail says which. Nothing"
          + " was done."),
  PAYLOAD_TOO_LARGE(
      "payload-too-large",
      413,
      "The body is too large",
      "The body has more bytes than the operation allows, however it is sent. The contract says how many each"
          + " operation allows."),
  URI_TOO_LONG(
      "uri-too-long",
      414,
      "The URL is too long",
      "The request line is longer than the server accepts. Send long queries and tokens in a body instead."),
  UNSUPPORTED_MEDIA_TYPE(
      "unsupported-media-type",
      415,
      "Unsupported media type",
      "A body must be declared as application/json in UTF-8, and must not be compressed."),
  IDEMPOTENCY_KEY_REUSED(
      "idempotency-key-reused",
      422,
      "The idempotency key was already used",
      "The sender already used this Idempotency-Key in this chat with another body. Nothing was stored. Use a new key for a"
          + " new message."),
  TOO_MANY_REQUESTS(
      "too-many-requests",
      429,
      "Too many requests",
      "A rate limit or another limit is reached, and nothing was done. The detail says which. The header Retry-After"
          + " says after how many seconds to try again. RateLimit-Policy and RateLimit show the rate limit and what is"
          + " left of it."),
  HEADERS_TOO_LARGE(
      "headers-too-large",
      431,
      "The headers are too large",
      "The request's headers are longer than the server accepts."),
  INTERNAL_ERROR(
      "internal-error",
      500,
      "Internal error",
      "Something went wrong in the service. The request may or may not have been carried out: repeat a send with"
          + " the same Idempotency-Key. When you report the problem, quote its instance, so that we can find it in our"
          + " logs."),
  UNAVAILABLE(
      "unavailable",
      503,
      "Temporarily unavailable",
      "Something that the service needs is unavailable, or the service is overloaded. The request may or may not"
          + " have been carried out: repeat a send with the same Idempotency-Key after the number of seconds in the header"
          + " Retry-After.");

  private final String code;
  private final int status;
  private final String title;
  private final String explanation;

  ProblemKind(String code, int status, String title, String explanation) {
    this.code = code;
    this.status = status;
    this.title = title;
    this.explanation = explanation;
  }

  /** Returns the code in the contract. */
  public String code() {
    return code;
  }

  /** Returns the HTTP status. */
  public int status() {
    return status;
  }

  /** Returns the title of the problem. */
  public String title() {
    return title;
  }

  /** Returns the explanation that the problem's page shows. */
  public String explanation() {
    return explanation;
  }

  /** Returns the path of the problem's page, which is the {@code type} of the problem. */
  public String type() {
    return "/problems/" + code;
  }

  /** Returns the kind with a code. The result is empty if there is none. */
  public static Optional<ProblemKind> ofCode(String code) {
    for (ProblemKind kind : values()) {
      if (kind.code.equals(code)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the kind for a status that the server's own HTTP parser gives. A status without a kind
   * of its own counts as an invalid request.
   */
  static ProblemKind ofParserStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 413 -> PAYLOAD_TOO_LARGE;
      case 414 -> URI_TOO_LONG;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 431 -> HEADERS_TOO_LARGE;
      case 500 -> INTERNAL_ERROR;
      case 503 -> UNAVAILABLE;
      // 501 and 505 say that the request uses features of HTTP that this server does not support.
      default -> INVALID_REQUEST;
    };
  }
}
