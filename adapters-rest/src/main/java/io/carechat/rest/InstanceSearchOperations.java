package io.carechat.rest;

import io.carechat.api.InstanceMessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.SearchService;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.InstanceSearch;
import io.carechat.domain.TenantInstance;

/** The contract's searches of all chats, on the domain. */
final class InstanceSearchOperations implements SearchService<Visit> {
  private final InstanceSearch search;
  private final Room room;

  InstanceSearchOperations(InstanceSearch search, Room room) {
    this.search = search;
    this.room = room;
  }

  @Override
  public SearchInstanceResponse searchInstance(Visit visit, SearchInstanceRequest request) {
    var place = new TenantInstance(request.tenantName(), request.instanceName());
    var asked =
        new MessageSearch(
            request.query(),
            request.pageSize(),
            request.pageToken(),
            request.from(),
            request.to(),
            request.clientType(),
            request.highlight());
    return switch (search(visit, place, asked)) {
      case Searched.Page<InstanceMessagePage>(var page) -> new SearchInstanceResponse.Ok(page);
      case Searched.Invalid<InstanceMessagePage>(var member, var rule) ->
          new SearchInstanceResponse.BadRequest(
              Wire.invalid(visit, Fault.ofParameter(member, rule)));
      case Searched.InvalidToken<InstanceMessagePage>(var rule) ->
          new SearchInstanceResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofParameter("pageToken", rule)));
      case Searched.NotCovered<InstanceMessagePage>() ->
          new SearchInstanceResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public SearchInstanceByBodyResponse searchInstanceByBody(
      Visit visit, SearchInstanceByBodyRequest request) {
    var place = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (search(visit, place, request.body())) {
      case Searched.Page<InstanceMessagePage>(var page) ->
          new SearchInstanceByBodyResponse.Ok(page);
      case Searched.Invalid<InstanceMessagePage>(var member, var rule) ->
          new SearchInstanceByBodyResponse.BadRequest(
              Wire.invalid(visit, Fault.ofBody("/" + member, rule)));
      case Searched.InvalidToken<InstanceMessagePage>(var rule) ->
          new SearchInstanceByBodyResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofBody("/pageToken", rule)));
      case Searched.NotCovered<InstanceMessagePage>() ->
          new SearchInstanceByBodyResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  private Searched<InstanceMessagePage> search(
      Visit visit, TenantInstance place, MessageSearch asked) {
    return Searched.of(
        asked,
        PageTokens::readInstanceSearch,
        (query, token, size, filter, highlight) ->
            room.with(() ->
                search.search(
                    visit.caller(),
                    place,
                    new InstanceSearch.Request(query, token, size, filter, highlight))),
        Wire::wireOfInstance);
  }
}
