package io.carechat.rest.messages;

import io.carechat.api.InstanceMessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.SearchService;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.search.SearchRequest;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;

/** The contract's operations that search all chats of an instance. Safe for use by many threads. */
public final class InstanceSearchOperations implements SearchService<RequestContext> {
  private final InstanceSearch search;
  private final Bulkhead bulkhead;

  /**
   * @param search searches
   * @param bulkhead limits concurrent requests
   */
  public InstanceSearchOperations(InstanceSearch search, Bulkhead bulkhead) {
    this.search = search;
    this.bulkhead = bulkhead;
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
    return MessageMapper.hitsOfInstance(
        bulkhead.run(() -> search.search(context.caller(), instance, searchRequest)),
        searchRequest.highlight());
  }
}
