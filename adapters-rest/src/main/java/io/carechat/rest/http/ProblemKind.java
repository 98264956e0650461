package io.carechat.rest.http;
import java.util.Optional;

/**
 * The kinds of problems. Each has the contract's code, an HTTP status, a title, and an explanation for its page.
 */
public enum ProblemKind {
  INVALID_REQUEST(
      "invalid-request",
      400,
      "The request breaks the contract",
      "Parameters, headers or the body break a rule of the contract. Every fault is listed in errors, all of them at once."
          + " Correct them; the same request will fail again."),
  MALFORMED_JSON(
      "malformed-json",
      400,
      "The body is not JSON",
      "The body is not JSON in UTF-8: its syntax is wrong, a member is there twice, something follows its end, or it is"
          + " nested too deeply. The detail says where."),
  INVALID_PAGE_TOKEN(
      "invalid-page-token",
      400,
      "The page token cannot be used",
      "The pageToken is damaged, or belongs to another operation. A page's tokens are for the operation that gave the page;"
          + " those of a message, also of a hit, are for finding in its chat. Give tokens back exactly as they came."),
  UNAUTHENTICATED(
      "unauthenticated",
      401,
      "Not authenticated",
      "The request has no credential, more than one, or one that is not valid, has expired or was revoked. Send an X-API-KEY,"
          + " or a bearer token in Authorization."),
  FORBIDDEN(
      "forbidden",
      403,
      "Not allowed",
      "The credential is valid, but does not cover this: another tenant, instance or patient, or a scope that it lacks. The"
          + " answer is the same whether or not the thing exists."),
  NOT_FOUND(
      "not-found",
      404,
      "Not found",
      "There is nothing at this path, or the chat has no message with this externalId, or the instance no endpoint with this"
          + " webhookId, or the endpoint no delivery with this deliveryId."),
  METHOD_NOT_ALLOWED(
      "method-not-allowed",
      405,
      "This path has no such method",
      "The path exists, but not with the request's method. The header Allow lists those that it has."),
  NOT_ACCEPTABLE(
      "not-acceptable",
      406,
      "No acceptable form",
      "The header Accept excludes what this operation answers with: text/event-stream for streams, application/json for"
          + " everything else."),
  CONFLICT(
      "conflict",
      409,
      "The present state forbids it",
      "What was asked is allowed, but not as things are: somebody else has changed it meanwhile, there are as many as there"
          + " may be, it is kept in the installation's configuration, another delivery comes first, or the endpoint was"
          + " deleted. The detail says which. Nothing was done."),
  PAYLOAD_TOO_LARGE(
      "payload-too-large",
      413,
      "The body is too large",
      "A body may have at most 65,536 bytes, however it is sent."),
  URI_TOO_LONG(
      "uri-too-long",
      414,
      "The address is too long",
      "The request line is longer than the server reads. Give long queries and tokens in a body instead."),
  UNSUPPORTED_MEDIA_TYPE(
      "unsupported-media-type",
      415,
      "The body's media type is not supported",
      "A body must be declared as application/json, in UTF-8, and must not be compressed."),
  IDEMPOTENCY_KEY_REUSED(
      "idempotency-key-reused",
      422,
      "The idempotency key was used for something else",
      "The Idempotency-Key was used in this chat before, with another body. Nothing was stored. Use a new key for a new"
          + " message."),
  TOO_MANY_REQUESTS(
      "too-many-requests",
      429,
      "Too many requests",
      "The rate limit is reached, and nothing was done. The header Retry-After says in how many seconds to try again;"
          + " RateLimit-Policy and RateLimit say what the limit is and what is left of it."),
  HEADERS_TOO_LARGE(
      "headers-too-large",
      431,
      "The headers are too large",
      "The request's headers are longer than the server reads."),
  INTERNAL_ERROR(
      "internal-error",
      500,
      "A fault of the service",
      "Something went wrong on our side. What was asked may or may not have been done: repeat a send with the same"
          + " Idempotency-Key. Tell us the instance of the problem, which finds it in our logs."),
  UNAVAILABLE(
      "unavailable",
      503,
      "Not available now",
      "Something that the service needs is away, or it has too much to do. What was asked may or may not have been done:"
          + " repeat a send with the same Idempotency-Key, after as many seconds as the header Retry-After says.");

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

  /**
   * Returns the code in the contract.
   */
  public String code() {
    return code;
  }

  /**
   * Returns the HTTP status.
   */
  public int status() {
    return status;
  }

  /**
   * Returns the title of the problem.
   */
  public String title() {
    return title;
  }

  /**
   * Returns the explanation that the problem's page shows.
   */
  public String explanation() {
    return explanation;
  }

  /**
   * Returns the path of the problem's page, which is the {@code type} of the problem.
   */
  public String type() {
    return "/problems/" + code;
  }

  /**
   * Returns the kind with a code. The result is empty if there is none.
   */
  public static Optional<ProblemKind> ofCode(String code) {
    for (ProblemKind kind : values()) {
      if (kind.code.equals(code)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the kind for a status that the server's own HTTP parser gives. A status without a kind of its own counts as an invalid
   * request.
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
