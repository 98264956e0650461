package io.carechat.rest.messages;

import io.carechat.api.InstanceMessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.SearchService;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.search.SearchPage;
import io.carechat.domain.search.SearchRequest;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;

/** The contract's operations that search all chats of an instance. Safe for use by many threads. */
public final class InstanceSearchOperations implements SearchService<RequestContext> {
  private final InstanceSearch search;
  private final Bulkhead bulkhead;
  private final Bulkhead searches;

  /**
   * @param search searches
   * @param bulkhead limits concurrent requests
   * @param searches limits concurrent searches
   */
  public InstanceSearchOperations(InstanceSearch search, Bulkhead bulkhead, Bulkhead searches) {
    this.search = search;
    this.bulkhead = bulkhead;
    this.searches = searches;
  }

  @Override
  public SearchInstanceResponse searchInstance(
      RequestContext context, SearchInstanceRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    var body =
        new MessageSearch(
            request.query(),
            request.pageSize(),
            request.pageToken(),
            request.from(),
            request.to(),
            request.clientType(),
            request.highlight());
    return new SearchInstanceResponse.Ok(search(context, instance, body));
  }

  @Override
  public SearchInstanceByBodyResponse searchInstanceByBody(
      RequestContext context, SearchInstanceByBodyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    return new SearchInstanceByBodyResponse.Ok(search(context, instance, request.body()));
  }

  private InstanceMessagePage search(
      RequestContext context, TenantInstance instance, MessageSearch body) {
    SearchRequest<MessageKey> searchRequest =
        SearchRequests.read(body, SearchTokens::readInInstance);
    // Whoever may not search takes nothing of anybody's share.
    context.caller().require(Scope.SEARCH_INSTANCE, instance);
    SearchPage<MessageKey> page =
        searches.run(
            context.caller(),
            () ->
                bulkhead.run(
                    context.caller(),
                    () -> search.search(context.caller(), instance, searchRequest)));
    return MessageMapper.hitsOfInstance(page, searchRequest.highlight());
  }
}
