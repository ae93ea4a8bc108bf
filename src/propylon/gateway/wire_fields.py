"""The protobuf fields of what the compiler writes in binary form: number and kind, as Envoy's API (v3) has them.

A row is a message; `*` is repeated, `{kind}` a map from text. Kinds without a dot are those of gateway.wire. A message
or field that the compiler begins to use is added here; the numbers are in Envoy's .proto files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TABLE = """
cel.expr.Constant: int64_value=3 int, string_value=6 string
cel.expr.Expr: id=2 int, const_expr=3 cel.expr.Constant, ident_expr=4 cel.expr.Expr.Ident,
    select_expr=5 cel.expr.Expr.Select, call_expr=6 cel.expr.Expr.Call
cel.expr.Expr.Call: function=2 string, args=3 cel.expr.Expr*
cel.expr.Expr.Ident: name=1 string
cel.expr.Expr.Select: operand=1 cel.expr.Expr, field=2 string
cel.expr.ParsedExpr: expr=2 cel.expr.Expr
envoy.config.common.mutation_rules.v3.HeaderMutation: remove=1 string,
    append=2 envoy.config.core.v3.HeaderValueOption
envoy.config.core.v3.CidrRange: address_prefix=1 string, prefix_len=2 UInt32
envoy.config.core.v3.HeaderValue: key=1 string, value=2 string
envoy.config.core.v3.HeaderValueOption: header=1 envoy.config.core.v3.HeaderValue,
    append_action=3 enum envoy.config.core.v3.HeaderValueOption.HeaderAppendAction, keep_empty_value=4 bool
envoy.config.core.v3.Metadata: filter_metadata=1 {Struct}
envoy.config.core.v3.TypedExtensionConfig: name=1 string, typed_config=2 Any
envoy.config.rbac.v3.Action: name=1 string, action=2 enum envoy.config.rbac.v3.RBAC.Action
envoy.config.rbac.v3.Permission: any=3 bool
envoy.config.rbac.v3.Policy: permissions=1 envoy.config.rbac.v3.Permission*,
    principals=2 envoy.config.rbac.v3.Principal*
envoy.config.rbac.v3.Principal: and_ids=1 envoy.config.rbac.v3.Principal.Set,
    or_ids=2 envoy.config.rbac.v3.Principal.Set, any=3 bool, header=6 envoy.config.route.v3.HeaderMatcher,
    not_id=8 envoy.config.rbac.v3.Principal
envoy.config.rbac.v3.Principal.Set: ids=1 envoy.config.rbac.v3.Principal*
envoy.config.rbac.v3.RBAC: action=1 enum envoy.config.rbac.v3.RBAC.Action, policies=2 {envoy.config.rbac.v3.Policy}
envoy.config.route.v3.DirectResponseAction: status=1 int
envoy.config.route.v3.FilterConfig: config=1 Any, is_optional=2 bool, disabled=3 bool
envoy.config.route.v3.HeaderMatcher: name=1 string, range_match=6 envoy.type.v3.Int64Range, present_match=7 bool,
    invert_match=8 bool, string_match=13 envoy.type.matcher.v3.StringMatcher, treat_missing_header_as_empty=14 bool
envoy.config.route.v3.RedirectAction: path_redirect=2 string
envoy.config.route.v3.RetryPolicy: retry_on=1 string, num_retries=2 UInt32, per_try_timeout=3 Duration,
    retry_host_predicate=5 envoy.config.route.v3.RetryPolicy.RetryHostPredicate*,
    host_selection_retry_max_attempts=6 int, retriable_status_codes=7 int*
envoy.config.route.v3.RetryPolicy.RetryHostPredicate: name=1 string, typed_config=3 Any
envoy.config.route.v3.Route: match=1 envoy.config.route.v3.RouteMatch, route=2 envoy.config.route.v3.RouteAction,
    redirect=3 envoy.config.route.v3.RedirectAction, metadata=4 envoy.config.core.v3.Metadata,
    direct_response=7 envoy.config.route.v3.DirectResponseAction,
    request_headers_to_add=9 envoy.config.core.v3.HeaderValueOption*,
    response_headers_to_add=10 envoy.config.core.v3.HeaderValueOption*, response_headers_to_remove=11 string*,
    request_headers_to_remove=12 string*, typed_per_filter_config=13 {Any}, name=14 string,
    per_request_buffer_limit_bytes=16 UInt32, request_body_buffer_limit=20 UInt64
envoy.config.route.v3.RouteAction: cluster=1 string, prefix_rewrite=5 string, host_rewrite_literal=6 string,
    auto_host_rewrite=7 Bool, timeout=8 Duration, retry_policy=9 envoy.config.route.v3.RetryPolicy,
    idle_timeout=24 Duration, upgrade_configs=25 envoy.config.route.v3.RouteAction.UpgradeConfig*,
    regex_rewrite=32 envoy.type.matcher.v3.RegexMatchAndSubstitute, append_x_forwarded_host=38 bool
envoy.config.route.v3.RouteAction.UpgradeConfig: upgrade_type=1 string
envoy.config.route.v3.RouteConfiguration: name=1 string, virtual_hosts=2 envoy.config.route.v3.VirtualHost*,
    response_headers_to_add=4 envoy.config.core.v3.HeaderValueOption*, response_headers_to_remove=5 string*,
    request_headers_to_add=6 envoy.config.core.v3.HeaderValueOption*, request_headers_to_remove=8 string*,
    ignore_port_in_host_matching=14 bool, typed_per_filter_config=16 {Any}
envoy.config.route.v3.RouteList: routes=1 envoy.config.route.v3.Route*
envoy.config.route.v3.RouteMatch: prefix=1 string, path=2 string, headers=6 envoy.config.route.v3.HeaderMatcher*,
    safe_regex=10 envoy.type.matcher.v3.RegexMatcher,
    tls_context=11 envoy.config.route.v3.RouteMatch.TlsContextMatchOptions, path_separated_prefix=14 string
envoy.config.route.v3.RouteMatch.TlsContextMatchOptions: presented=1 Bool
envoy.config.route.v3.VirtualHost: name=1 string, domains=2 string*, routes=3 envoy.config.route.v3.Route*,
    request_headers_to_add=7 envoy.config.core.v3.HeaderValueOption*,
    response_headers_to_add=10 envoy.config.core.v3.HeaderValueOption*, response_headers_to_remove=11 string*,
    request_headers_to_remove=13 string*, typed_per_filter_config=15 {Any},
    retry_policy=16 envoy.config.route.v3.RetryPolicy, matcher=21 xds.type.matcher.v3.Matcher
envoy.extensions.common.async_files.v3.AsyncFileManagerConfig:
    thread_pool=2 envoy.extensions.common.async_files.v3.AsyncFileManagerConfig.ThreadPool
envoy.extensions.common.async_files.v3.AsyncFileManagerConfig.ThreadPool: thread_count=1 int
envoy.extensions.common.matching.v3.ExtensionWithMatcherPerRoute: xds_matcher=1 xds.type.matcher.v3.Matcher
envoy.extensions.filters.common.matcher.action.v3.SkipFilter:
envoy.extensions.filters.http.buffer.v3.Buffer: max_request_bytes=1 UInt32
envoy.extensions.filters.http.buffer.v3.BufferPerRoute: disabled=1 bool,
    buffer=2 envoy.extensions.filters.http.buffer.v3.Buffer
envoy.extensions.filters.http.composite.v3.ExecuteFilterAction:
    typed_config=1 envoy.config.core.v3.TypedExtensionConfig
envoy.extensions.filters.http.cors.v3.CorsPolicy: allow_origin_string_match=1 envoy.type.matcher.v3.StringMatcher*,
    allow_methods=2 string, allow_headers=3 string, expose_headers=4 string, max_age=5 string
envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior:
    bypass=2 envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior.Bypass,
    fully_buffer=5 envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior.FullyBuffer
envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior.Bypass:
envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior.FullyBuffer:
envoy.extensions.filters.http.file_system_buffer.v3.FileSystemBufferFilterConfig:
    manager_config=1 envoy.extensions.common.async_files.v3.AsyncFileManagerConfig,
    request=3 envoy.extensions.filters.http.file_system_buffer.v3.StreamConfig,
    response=4 envoy.extensions.filters.http.file_system_buffer.v3.StreamConfig
envoy.extensions.filters.http.file_system_buffer.v3.StreamConfig:
    behavior=1 envoy.extensions.filters.http.file_system_buffer.v3.BufferBehavior,
    memory_buffer_bytes_limit=2 UInt64, storage_buffer_bytes_limit=3 UInt64
envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute:
    mutations=1 envoy.extensions.filters.http.header_mutation.v3.Mutations
envoy.extensions.filters.http.header_mutation.v3.Mutations:
    request_mutations=1 envoy.config.common.mutation_rules.v3.HeaderMutation*,
    response_mutations=2 envoy.config.common.mutation_rules.v3.HeaderMutation*
envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig: requirement_name=2 string
envoy.extensions.filters.http.rbac.v3.RBAC: rules=1 envoy.config.rbac.v3.RBAC, matcher=4 xds.type.matcher.v3.Matcher
envoy.extensions.filters.http.rbac.v3.RBACPerRoute: rbac=2 envoy.extensions.filters.http.rbac.v3.RBAC
envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput:
envoy.extensions.matching.input_matchers.ip.v3.Ip: cidr_ranges=1 envoy.config.core.v3.CidrRange*, stat_prefix=2 string
envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate:
envoy.type.matcher.v3.HttpRequestHeaderMatchInput: header_name=1 string
envoy.type.matcher.v3.RegexMatchAndSubstitute: pattern=1 envoy.type.matcher.v3.RegexMatcher, substitution=2 string
envoy.type.matcher.v3.RegexMatcher: regex=2 string
envoy.type.matcher.v3.StringMatcher: exact=1 string, prefix=2 string, suffix=3 string,
    safe_regex=5 envoy.type.matcher.v3.RegexMatcher, ignore_case=6 bool, contains=7 string
envoy.type.v3.Int64Range: start=1 int, end=2 int
xds.core.v3.TypedExtensionConfig: name=1 string, typed_config=2 Any
xds.type.matcher.v3.CelMatcher: expr_match=1 xds.type.v3.CelExpression
xds.type.matcher.v3.HttpAttributesCelMatchInput:
xds.type.matcher.v3.Matcher: matcher_list=1 xds.type.matcher.v3.Matcher.MatcherList,
    matcher_tree=2 xds.type.matcher.v3.Matcher.MatcherTree, on_no_match=3 xds.type.matcher.v3.Matcher.OnMatch
xds.type.matcher.v3.Matcher.MatcherList: matchers=1 xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher*
xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher: predicate=1 xds.type.matcher.v3.Matcher.MatcherList.Predicate,
    on_match=2 xds.type.matcher.v3.Matcher.OnMatch
xds.type.matcher.v3.Matcher.MatcherList.Predicate:
    single_predicate=1 xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate,
    or_matcher=2 xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList,
    and_matcher=3 xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList,
    not_matcher=4 xds.type.matcher.v3.Matcher.MatcherList.Predicate
xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList:
    predicate=1 xds.type.matcher.v3.Matcher.MatcherList.Predicate*
xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate: input=1 xds.core.v3.TypedExtensionConfig,
    value_match=2 xds.type.matcher.v3.StringMatcher, custom_match=3 xds.core.v3.TypedExtensionConfig
xds.type.matcher.v3.Matcher.MatcherTree: input=1 xds.core.v3.TypedExtensionConfig,
    exact_match_map=2 xds.type.matcher.v3.Matcher.MatcherTree.MatchMap,
    prefix_match_map=3 xds.type.matcher.v3.Matcher.MatcherTree.MatchMap,
    custom_match=4 xds.core.v3.TypedExtensionConfig
xds.type.matcher.v3.Matcher.MatcherTree.MatchMap: map=1 {xds.type.matcher.v3.Matcher.OnMatch}
xds.type.matcher.v3.Matcher.OnMatch: matcher=1 xds.type.matcher.v3.Matcher,
    action=2 xds.core.v3.TypedExtensionConfig
xds.type.matcher.v3.RegexMatcher: google_re2=1 xds.type.matcher.v3.RegexMatcher.GoogleRE2, regex=2 string
xds.type.matcher.v3.RegexMatcher.GoogleRE2:
xds.type.matcher.v3.ServerNameMatcher: domain_matchers=1 xds.type.matcher.v3.ServerNameMatcher.DomainMatcher*
xds.type.matcher.v3.ServerNameMatcher.DomainMatcher: domains=1 string*,
    on_match=2 xds.type.matcher.v3.Matcher.OnMatch
xds.type.matcher.v3.StringMatcher: exact=1 string, prefix=2 string, suffix=3 string,
    safe_regex=5 xds.type.matcher.v3.RegexMatcher, ignore_case=6 bool, contains=7 string
xds.type.v3.CelExpression: cel_expr_parsed=3 cel.expr.ParsedExpr
"""

ENUMS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "envoy.config.core.v3.HeaderValueOption.HeaderAppendAction": {
            "APPEND_IF_EXISTS_OR_ADD": 0,
            "ADD_IF_ABSENT": 1,
            "OVERWRITE_IF_EXISTS_OR_ADD": 2,
            "OVERWRITE_IF_EXISTS": 3,
        },
        "envoy.config.rbac.v3.RBAC.Action": {"ALLOW": 0, "DENY": 1, "LOG": 2},
    }
)


def _rows() -> dict[str, dict[str, tuple[int, str]]]:
    rows: dict[str, dict[str, tuple[int, str]]] = {}
    for line in _TABLE.strip().replace("\n    ", " ").splitlines():
        message, _, cells = line.partition(":")
        fields = rows.setdefault(message, {})
        for cell in filter(None, cells.split(",")):
            name, _, rest = cell.strip().partition("=")
            number, _, kind = rest.partition(" ")
            fields[name] = int(number), kind
    return rows


FIELDS: Mapping[str, Mapping[str, tuple[int, str]]] = MappingProxyType(_rows())
