"""What WeChat answers when it refuses: each code has a name and says what to do about it.

Codes and meanings follow the platform's list of global return codes and the lists on the pages of the calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

MAX_TEXT = 200  # characters of an error's text: what the column of a failed delivery holds


class Advice(StrEnum):
    """What the caller does next."""

    RETRY = "retry"  # the same call again, soon
    WAIT = "wait"  # until a window, a day or a quota comes back
    GIVE_UP = "give up"  # this recipient, or this call as it is, will never do
    MEND = "mend"  # an operator must act: IP list, permission, secret


RETRY, WAIT, GIVE_UP, MEND = Advice


@dataclass(frozen=True)
class Known:
    """One code: its name in logs, what to do, what it means (for operators)."""

    name: str
    advice: Advice
    meaning: str


CODES: dict[int, Known] = {
    -1: Known("system_busy", RETRY, "微信系统繁忙"),
    40001: Known("token_invalid", RETRY, "调用凭证无效或不是最新"),
    40002: Known("grant_type_invalid", MEND, "凭证类型不对"),
    40003: Known("openid_invalid", GIVE_UP, "用户标识不对，或不属于本公众号"),
    40004: Known("media_type_invalid", GIVE_UP, "素材类型不支持"),
    40005: Known("file_type_invalid", GIVE_UP, "文件类型不支持"),
    40006: Known("file_size_invalid", GIVE_UP, "文件大小不符合要求"),
    40007: Known("media_id_invalid", GIVE_UP, "素材编号无效，临时素材三天后过期"),
    40008: Known("message_type_invalid", GIVE_UP, "消息类型不支持"),
    40009: Known("image_size_invalid", GIVE_UP, "图片大小不符合要求"),
    40010: Known("voice_size_invalid", GIVE_UP, "语音大小不符合要求"),
    40011: Known("video_size_invalid", GIVE_UP, "视频大小不符合要求"),
    40012: Known("thumb_size_invalid", GIVE_UP, "缩略图大小不符合要求"),
    40013: Known("app_id_invalid", MEND, "AppID 不对"),
    40014: Known("token_malformed", RETRY, "调用凭证不合法"),
    40015: Known("menu_type_invalid", GIVE_UP, "菜单类型不对"),
    40016: Known("button_count_invalid", GIVE_UP, "一级菜单须为 1 至 3 个"),
    40017: Known("button_type_invalid", GIVE_UP, "按钮类型不对"),
    40018: Known("button_name_invalid", GIVE_UP, "按钮名称长度不对"),
    40019: Known("button_key_invalid", GIVE_UP, "按钮 KEY 长度不对"),
    40020: Known("button_url_invalid", GIVE_UP, "按钮网址长度不对"),
    40022: Known("menu_level_invalid", GIVE_UP, "菜单只能有两级"),
    40023: Known("sub_button_count_invalid", GIVE_UP, "二级菜单须为 1 至 5 个"),
    40024: Known("sub_button_type_invalid", GIVE_UP, "二级按钮类型不对"),
    40025: Known("sub_button_name_invalid", GIVE_UP, "二级按钮名称长度不对"),
    40026: Known("sub_button_key_invalid", GIVE_UP, "二级按钮 KEY 长度不对"),
    40027: Known("sub_button_url_invalid", GIVE_UP, "二级按钮网址长度不对"),
    40031: Known("openid_list_invalid", GIVE_UP, "用户列表不对"),
    40032: Known("openid_list_size_invalid", GIVE_UP, "用户列表人数不对"),
    40033: Known("characters_invalid", GIVE_UP, "请求里有 \\uxxxx 形式的字符"),
    40035: Known("parameter_invalid", GIVE_UP, "参数不对"),
    40037: Known("template_invalid", GIVE_UP, "模板编号不对或已失效"),
    40039: Known("url_size_invalid", GIVE_UP, "网址长度不对"),
    40048: Known("url_domain_invalid", MEND, "网址域名不被允许"),
    40053: Known("qr_action_invalid", GIVE_UP, "二维码参数不对，或永久码已满 10 万个"),
    40054: Known("sub_button_domain_invalid", MEND, "二级按钮网址的域名不被允许"),
    40055: Known("button_domain_invalid", MEND, "按钮网址的域名不被允许"),
    40059: Known("message_id_invalid", GIVE_UP, "群发编号不对"),
    40066: Known("api_url_invalid", GIVE_UP, "接口地址不存在"),
    40097: Known("arguments_invalid", GIVE_UP, "参数不对"),
    40113: Known("file_unsupported", GIVE_UP, "文件类型不支持"),
    40118: Known("media_id_size_invalid", GIVE_UP, "素材编号长度不对"),
    40119: Known("button_type_forbidden", GIVE_UP, "按钮类型不能用"),
    40125: Known("secret_invalid", MEND, "AppSecret 不对"),
    40128: Known("media_not_permanent", GIVE_UP, "须用永久素材"),
    40130: Known("too_few_recipients", GIVE_UP, "群发至少要两人"),
    40137: Known("image_format_invalid", GIVE_UP, "图片格式不支持"),
    40155: Known("foreign_account_link", GIVE_UP, "不能放其他公众号的主页链接"),
    40164: Known("ip_not_listed", MEND, "服务器 IP 不在白名单"),
    40243: Known("secret_frozen", MEND, "AppSecret 已冻结，请在后台解冻"),
    41001: Known("token_missing", GIVE_UP, "缺少调用凭证"),
    41002: Known("app_id_missing", MEND, "缺少 AppID"),
    41004: Known("secret_missing", MEND, "缺少 AppSecret"),
    41005: Known("media_missing", GIVE_UP, "缺少文件内容"),
    41006: Known("media_id_missing", GIVE_UP, "缺少素材编号"),
    41009: Known("openid_missing", GIVE_UP, "缺少用户标识"),
    41030: Known("page_invalid", GIVE_UP, "小程序页面路径不对"),
    42001: Known("token_expired", RETRY, "调用凭证过期"),
    43004: Known("not_following", GIVE_UP, "用户未关注"),
    43019: Known("blacklisted", GIVE_UP, "用户在黑名单里"),
    43101: Known("subscription_refused", GIVE_UP, "用户没有同意接收这条订阅通知"),
    43116: Known("template_disabled", MEND, "模板已被停用"),
    43117: Known("recipient_throttled", WAIT, "给该用户的模板消息过于频繁"),
    44002: Known("body_empty", GIVE_UP, "请求内容为空"),
    44003: Known("news_empty", GIVE_UP, "图文内容为空"),
    44004: Known("text_empty", GIVE_UP, "文本内容为空"),
    45001: Known("media_too_large", GIVE_UP, "文件过大"),
    45002: Known("text_too_long", GIVE_UP, "消息内容过长"),
    45003: Known("title_too_long", GIVE_UP, "标题过长"),
    45004: Known("description_too_long", GIVE_UP, "描述过长"),
    45005: Known("link_too_long", GIVE_UP, "链接过长"),
    45007: Known("voice_too_long", GIVE_UP, "语音超过 60 秒"),
    45008: Known("too_many_articles", GIVE_UP, "图文超过 1 篇"),
    45009: Known("daily_limit", WAIT, "接口今日调用次数已用完"),
    45010: Known("too_many_menus", GIVE_UP, "菜单个数超限"),
    45011: Known("minute_limit", RETRY, "调用太频繁，下一分钟再试"),
    45015: Known("window_closed", WAIT, "用户超过 48 小时未互动，或已取消关注"),
    45028: Known("mass_quota_spent", WAIT, "群发次数已用完"),
    45047: Known("reply_quota_spent", WAIT, "客服消息条数已用完，等用户再来消息"),
    45056: Known("too_many_tags", GIVE_UP, "标签已满 100 个"),
    45057: Known("tag_too_large", GIVE_UP, "标签下超过 10 万人，不能删除"),
    45058: Known("tag_reserved", GIVE_UP, "系统保留的标签不能改"),
    45059: Known("too_many_tags_of_user", GIVE_UP, "用户身上的标签已满 20 个"),
    45064: Known("mini_program_forbidden", MEND, "没有插入该小程序的权限"),
    45065: Known("duplicate_mass", GIVE_UP, "24 小时内已有相同的群发，以原任务为准"),
    45066: Known("mass_too_soon", RETRY, "同一群发重试太快，一分钟后再试"),
    45067: Known("client_id_too_long", GIVE_UP, "群发的防重标识过长"),
    45072: Known("typing_command_invalid", GIVE_UP, "输入状态的命令不对"),
    45080: Known("typing_outside_chat", GIVE_UP, "用户近 30 秒没有消息，不能显示输入状态"),
    45081: Known("typing_already", GIVE_UP, "已在显示输入状态"),
    45157: Known("tag_name_taken", GIVE_UP, "标签名重复或不合法"),
    45158: Known("tag_name_too_long", GIVE_UP, "标签名超过 30 个字"),
    45159: Known("tag_invalid", GIVE_UP, "没有这个标签"),
    45166: Known("content_invalid", GIVE_UP, "图文内容不合规"),
    46001: Known("media_missing_on_server", GIVE_UP, "素材不存在"),
    46003: Known("menu_missing", GIVE_UP, "还没有发布菜单"),
    46004: Known("user_missing", GIVE_UP, "用户不存在"),
    47001: Known("body_malformed", GIVE_UP, "请求格式不对"),
    47003: Known("template_data_invalid", GIVE_UP, "模板参数不对"),
    48001: Known("api_unauthorized", MEND, "公众号没有该接口权限"),
    48002: Known("messages_refused", GIVE_UP, "用户拒收消息"),
    48003: Known("mass_protocol_unsigned", MEND, "请在后台同意群发协议"),
    48004: Known("api_banned", MEND, "接口被封禁，请登录公众平台查看"),
    48005: Known("media_in_use", GIVE_UP, "素材被自动回复或菜单引用，不能删除"),
    48006: Known("clear_quota_spent", WAIT, "本月清零次数已用完"),
    48008: Known("message_kind_forbidden", MEND, "没有发送该类消息的权限"),
    49003: Known("openid_mismatch", GIVE_UP, "用户标识与凭证不对应"),
    50001: Known("user_unauthorized", MEND, "用户未授权该接口"),
    50002: Known("account_limited", MEND, "账号受限或已冻结"),
    50005: Known("never_followed", GIVE_UP, "用户未关注"),
    53402: Known("cover_invalid", GIVE_UP, "封面裁剪失败，请换一张"),
    53500: Known("publishing_banned", MEND, "发布功能被封禁"),
    53501: Known("publishing_too_often", WAIT, "发布过于频繁"),
    53502: Known("publish_id_invalid", GIVE_UP, "发布编号不对"),
    53503: Known("draft_rejected", MEND, "草稿未通过发布检查"),
    53504: Known("draft_needs_console", MEND, "请到公众平台官网处理该草稿"),
    53505: Known("draft_needs_saving", MEND, "请在官网手动保存后再发布"),
    53600: Known("article_id_invalid", GIVE_UP, "文章编号不对"),
    61004: Known("ip_not_registered", MEND, "服务器 IP 不在白名单"),
    61450: Known("service_system_error", RETRY, "客服系统繁忙"),
    61451: Known("service_parameter_invalid", GIVE_UP, "客服接口参数不对"),
    61452: Known("agent_invalid", MEND, "客服账号不对"),
    61458: Known("served_by_another", GIVE_UP, "用户正由其他客服接待"),
    61459: Known("agent_offline", WAIT, "客服不在线"),
    65400: Known("service_not_enabled", MEND, "未开通新版客服功能"),
    65401: Known("agent_unknown", MEND, "没有这个客服账号"),
    65413: Known("no_such_session", GIVE_UP, "没有与该用户的会话"),
    65414: Known("served_by_other_agent", GIVE_UP, "用户正由其他客服接待"),
    65415: Known("agent_not_online", WAIT, "指定的客服不在线"),
    89501: Known("ip_confirmation_pending", MEND, "请管理员确认调用 IP"),
    89503: Known("ip_unconfirmed", MEND, "请管理员确认调用 IP"),
    89506: Known("ip_refused_today", MEND, "管理员两次拒绝该 IP，24 小时内不能再申请"),
    89507: Known("ip_refused", MEND, "管理员拒绝了该 IP，一小时内不能再申请"),
}
UNREACHABLE = Known("unreachable", RETRY, "连不上微信，或微信的回答读不懂")
UNKNOWN = Known("unknown", GIVE_UP, "未收录的错误码")


class WechatError(Exception):
    """WeChat refused a call, or could not be reached (`code` None).

    Its text has at most 200 characters and never holds a token or a secret.
    """

    table: ClassVar[Mapping[int, Known]] = CODES

    def __init__(self, code: int | None, detail: str = "") -> None:
        super().__init__(code, detail)
        known = UNREACHABLE if code is None else self.table.get(code, UNKNOWN)
        self.code = code
        self.detail = detail
        self.name = known.name
        self.advice = known.advice
        self.meaning = known.meaning

    def __str__(self) -> str:
        """Number, name, meaning, and WeChat's own words."""
        number = "" if self.code is None else f"{self.code} "
        return f"{number}{self.name}: {self.meaning} ({self.detail})"[:MAX_TEXT]

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without the follower or an operator doing anything."""
        return self.advice in (RETRY, WAIT) and not self.out_of_quota

    @property
    def out_of_quota(self) -> bool:
        """Whether the follower must write first: final for this window."""
        return isinstance(self, OutOfQuota)


class TokenInvalid(WechatError):
    """The access token is not accepted (40001, 40014, 42001); the client has renewed it once already."""


class OutOfQuota(WechatError):
    """The window of customer-service messages is closed (45015), or its messages are spent (45047)."""


class Unreachable(WechatError):
    """No answer, or none that can be read: whether the call took effect is not known."""

    def __init__(self, detail: str) -> None:
        super().__init__(None, detail)


class Duplicate(WechatError):
    """A mass sending with this client id exists already (45065)."""

    def __init__(self, code: int, detail: str, msg_id: int) -> None:
        super().__init__(code, detail)
        self.msg_id = msg_id


TOKEN_CODES = frozenset({40001, 40014, 42001})
QUOTA_CODES = frozenset({45015, 45047})


def refusal(code: int, detail: str, answer: Mapping[str, Any]) -> WechatError:
    """The error for an answer with an `errcode`; `detail` is its `errmsg`, cleared of secrets."""
    if code in TOKEN_CODES:
        return TokenInvalid(code, detail)
    if code in QUOTA_CODES:
        return OutOfQuota(code, detail)
    if code == 45065 and "msg_id" in answer:
        return Duplicate(code, detail, int(answer["msg_id"]))
    return WechatError(code, detail)
