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

/** The contract's searches in all chats of an instance. */
public final class InstanceSearchOperations implements SearchService<RequestContext> {
  private final InstanceSearch search;
  private final Bulkhead bulkhead;

  public InstanceSearchOperations(InstanceSearch search, Bulkhead bulkhead) {
    this.search = search;
    this.bulkhead = bulkhead;
  }

  @Override
  public SearchInstanceResponse searchInstance(
      RequestContext context, SearchInstanceRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    var asked =
        new MessageSearch(
            request.query(),
            request.pageSize(),
            request.pageToken(),
            request.from(),
            request.to(),
            request.clientType(),
            request.highlight());
    return new SearchInstanceResponse.Ok(search(context, instance, asked));
  }

  @Override
  public SearchInstanceByBodyResponse searchInstanceByBody(
      RequestContext context, SearchInstanceByBodyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    return new SearchInstanceByBodyResponse.Ok(search(context, instance, request.body()));
  }

  private InstanceMessagePage search(
      RequestContext context, TenantInstance instance, MessageSearch asked) {
    SearchRequest<MessageKey> wanted = SearchRequests.read(asked, SearchTokens::readInInstance);
    return MessageMapper.hitsOfInstance(
        bulkhead.run(() -> search.search(context.caller(), instance, wanted)),
        wanted.highlight());
  }
}
